import { afterEach, expect, test, vi } from "vitest";

import * as door from "./index.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

function makeProofFile({
  createLeafHashReader,
  createSignerKey,
  formatTlogProof,
  leafHash,
  makeInclusionProof,
  signCheckpoint,
  treeRoot,
}: typeof door) {
  const read = createLeafHashReader(["a", "b", "c"].map(leafHash));
  const key = createSignerKey("trail.example", new Uint8Array(32).fill(1));
  const checkpoint = signCheckpoint({ origin: "trail.example", size: 3, root: treeRoot(3, read) }, [key]);
  return { file: formatTlogProof({ index: 1, proof: makeInclusionProof(1, 3, read), checkpoint }), key };
}

test("a browser makes the same proof file and verifies the one that Node made", async () => {
  vi.stubGlobal("process", undefined);
  vi.resetModules();
  const browser = await import("./index.ts");
  vi.unstubAllGlobals();
  const { file, key } = makeProofFile(door);
  expect(makeProofFile(browser).file).toBe(file);
  const policy = browser.parseTlogPolicy(`log ${door.formatVerifierKey(key)}\nquorum none\n`);
  expect(browser.verifyTlogProof(file, browser.leafHash("b"), policy).index).toBe(1);
  expect(() => browser.verifyTlogProof(file, browser.leafHash("c"), policy)).toThrow(browser.VerificationError);
});

test("a VerificationError is an AuditError that says who is at fault and carries evidence", () => {
  const error = new door.VerificationError("VERIFY_PROOF_FAILED", "No.", { evidence: { checkpoints: ["a", "b"] } });
  expect(error).toMatchObject({
    name: "VerificationError",
    code: "VERIFY_PROOF_FAILED",
    retry: false,
    evidence: { checkpoints: ["a", "b"] },
  });
  expect(new door.VerificationError("VERIFY_MALFORMED", "No.").evidence).toEqual({});
});
