import fc from "fast-check";
import { expect, test } from "vitest";

import { encodeBase64, encodeHex } from "../base/bytes.ts";
import { assertOrigin, formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { makeConsistencyProof } from "./consistency-proof.ts";
import { leafHash } from "./leaf.ts";
import { createLeafHashReader, emptyRoot, treeRoot } from "./merkle-tree.ts";
import { createSignerKey, verifierKeyOf } from "./note-key.ts";
import { openCheckpoint, signCheckpoint, verifyCheckpointConsistency } from "./open-checkpoint.ts";
import { parseSignedNote } from "./signed-note.ts";

// The example of C2SP tlog-checkpoint; its keys are not published.
const published = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const publishedNote = `${published}\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n`;
const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });

test("the published checkpoint is read and written byte for byte", () => {
  const checkpoint = parseCheckpoint(parseSignedNote(publishedNote).text);
  expect({ ...checkpoint, root: encodeHex(checkpoint.root) }).toEqual({
    origin: "example.com/behind-the-sofa",
    size: 20_852_163,
    root: "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62",
    extensions: [],
  });
  expect(formatCheckpoint(checkpoint)).toBe(published);
});

test("what is not exactly a checkpoint is malformed", () => {
  for (const text of [
    "",
    "\n",
    "a\n1\n",
    `a\n1\n${root}`,
    `\n1\n${root}\n`,
    `a\n\n${root}\n`,
    `a\n01\n${root}\n`,
    `a\n+1\n${root}\n`,
    `a\n-1\n${root}\n`,
    `a\n1.0\n${root}\n`,
    `a\n1e3\n${root}\n`,
    `a\n 1\n${root}\n`,
    `a\n9007199254740992\n${root}\n`,
    `a\n99999999999999999999\n${root}\n`,
    `a\n1\n${root}=\n`,
    `a\n1\n${root.slice(0, -4)}\n`,
    `a\n1\n${root.replace("=", "")}\n`,
    `a\n1\n${root}\n\n`,
    `a\n1\n${root}\n\nmore\n`,
    `a\r\n1\n${root}\n`,
    `a\n0\n${root}\n`,
  ]) {
    expect(() => parseCheckpoint(text)).toThrow(malformed);
  }
  expect(parseCheckpoint(`a\n0\n${encodeBase64(emptyRoot())}\n`).size).toBe(0);
});

const line = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\u0000-\u001f]/.test(text));

test("any checkpoint reads back as it was written", () => {
  const checkpoints = fc.record({
    origin: line,
    size: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    extensions: fc.array(line),
  });
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
    }),
  );
});

test("a checkpoint that could not be read back is not written", () => {
  const good = { origin: "a", size: 1, root: new Uint8Array(32) };
  for (const bad of [
    { origin: "" },
    { origin: "a\nb" },
    { size: -1 },
    { size: 0.5 },
    { root: new Uint8Array(31) },
    { extensions: [""] },
  ]) {
    expect(() => formatCheckpoint({ ...good, ...bad })).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  }
});

const leaves = Array.from({ length: 9 }, (_, index) => leafHash(String(index)));
const read = createLeafHashReader(leaves);
const key = createSignerKey("trail.example", new Uint8Array(32).fill(1));
const noteAt = (size: number, origin = "trail.example", tree = read): string =>
  signCheckpoint({ origin, size, root: treeRoot(size, tree) }, [key]);

test("a signed checkpoint opens with its key and under its origin only", () => {
  const opened = openCheckpoint(noteAt(5), "trail.example", [verifierKeyOf(key)]);
  expect(opened.checkpoint).toMatchObject({ size: 5, origin: "trail.example" });
  expect(opened.verified.map((one) => one.key.name)).toEqual(["trail.example"]);
  const mismatch = expect.objectContaining({
    code: "VERIFY_ORIGIN_MISMATCH",
    evidence: { checkpoints: [expect.stringContaining("trail.example")] },
  });
  expect(() => openCheckpoint(noteAt(5), "other.example", [verifierKeyOf(key)])).toThrow(mismatch);
  expect(() => assertOrigin(opened.checkpoint, "other.example")).toThrow(mismatch);
  const other = createSignerKey("trail.example", new Uint8Array(32).fill(2));
  expect(() => openCheckpoint(noteAt(5), "trail.example", [verifierKeyOf(other)])).toThrow(
    expect.objectContaining({ code: "VERIFY_SIGNATURE_MISSING" }),
  );
});

test("a fork is reported with both signed checkpoints and the proof", () => {
  const fork = createLeafHashReader(leaves.map((leaf, index) => (index === 1 ? leafHash("other") : leaf)));
  const [older, newer] = [noteAt(5), noteAt(9, "trail.example", fork)];
  const proof = makeConsistencyProof(5, 9, fork);
  expect(() => verifyCheckpointConsistency(older, newer, proof)).toThrow(
    expect.objectContaining({
      name: "VerificationError",
      code: "VERIFY_PROOF_FAILED",
      evidence: { checkpoints: [older, newer], proof },
    }),
  );
  expect(() => verifyCheckpointConsistency(noteAt(5), noteAt(9), makeConsistencyProof(5, 9, read))).not.toThrow();
});

test("checkpoints of two trails are not compared, and a proof that is none is malformed", () => {
  const [older, newer] = [noteAt(5), noteAt(9, "other.example")];
  expect(() => verifyCheckpointConsistency(older, newer, makeConsistencyProof(5, 9, read))).toThrow(
    expect.objectContaining({ code: "VERIFY_ORIGIN_MISMATCH" }),
  );
  expect(() => verifyCheckpointConsistency(noteAt(5), noteAt(9), [new Uint8Array(3)])).toThrow(malformed);
});
