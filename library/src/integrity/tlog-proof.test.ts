import fc from "fast-check";
import { expect, test } from "vitest";

import { encodeBase64 } from "../base/bytes.ts";
import { formatConsistencyFile, parseConsistencyFile, verifyConsistencyFile } from "./consistency-file.ts";
import { makeConsistencyProof } from "./consistency-proof.ts";
import { makeInclusionProof } from "./inclusion-proof.ts";
import { leafHash } from "./leaf.ts";
import { createLeafHashReader, treeRoot } from "./merkle-tree.ts";
import { createSignerKey, verifierKeyOf } from "./note-key.ts";
import { signCheckpoint } from "./open-checkpoint.ts";
import { createLogPolicy } from "./policy.ts";
import { formatTlogProof, parseTlogProof, verifyTlogProof } from "./tlog-proof.ts";

const origin = "example.com/fancylog";
const key = createSignerKey(origin, new Uint8Array(32).fill(1));
const policy = createLogPolicy([verifierKeyOf(key)]);
const leaves = Array.from({ length: 9 }, (_, index) => leafHash(String(index)));
const read = createLeafHashReader(leaves);
const noteAt = (size: number, tree = read): string =>
  signCheckpoint({ origin, size, root: treeRoot(size, tree) }, [key]);
const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });
const hash = encodeBase64(leaves[0]!);

test("a proof file has the lines that the specification shows", () => {
  const proof = makeInclusionProof(2, 5, read);
  const checkpoint = noteAt(5);
  const lines = proof.map((one) => `${encodeBase64(one)}\n`).join("");
  expect(formatTlogProof({ index: 2, proof, checkpoint })).toBe(
    `c2sp.org/tlog-proof@v1\nindex 2\n${lines}\n${checkpoint}`,
  );
  expect(formatTlogProof({ index: 2, proof, checkpoint, extra: Uint8Array.of(97) })).toBe(
    `c2sp.org/tlog-proof@v1\nextra YQ==\nindex 2\n${lines}\n${checkpoint}`,
  );
});

test("any proof file reads back as it was written", () => {
  const files = fc.record(
    {
      index: fc.maxSafeNat(),
      proof: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
      checkpoint: fc.constantFrom(noteAt(0), noteAt(9)),
      extra: fc.uint8Array(),
    },
    { requiredKeys: ["index", "proof", "checkpoint"] },
  );
  fc.assert(
    fc.property(files, (file) => {
      expect(parseTlogProof(formatTlogProof(file))).toEqual(file);
    }),
  );
});

test("an entry is verified with its file, its bytes and the policy", () => {
  for (const [index, size] of [
    [0, 1],
    [2, 5],
    [8, 9],
  ] as const) {
    const file = formatTlogProof({ index, proof: makeInclusionProof(index, size, read), checkpoint: noteAt(size) });
    const verified = verifyTlogProof(file, leafHash(String(index)), policy);
    expect(verified).toMatchObject({ index, checkpoint: { origin, size }, witnesses: [] });
  }
});

test("another entry is refused with the proof and the signed checkpoint as evidence", () => {
  const proof = makeInclusionProof(2, 5, read);
  const checkpoint = noteAt(5);
  expect(() => verifyTlogProof(formatTlogProof({ index: 2, proof, checkpoint }), leaves[3]!, policy)).toThrow(
    expect.objectContaining({
      code: "VERIFY_PROOF_FAILED",
      evidence: { proof, leafHash: leaves[3], checkpoints: [checkpoint] },
    }),
  );
});

test("what is not exactly a proof file is malformed", () => {
  const note = noteAt(5);
  const header = "c2sp.org/tlog-proof@v1";
  for (const text of [
    "",
    header,
    `${header}\n`,
    `c2sp.org/tlog-proof@v2\nindex 0\n\n${note}`,
    `${header}\n\n${note}`,
    `${header}\nindex\n\n${note}`,
    `${header}\nindex 00\n\n${note}`,
    `${header}\nindex -1\n\n${note}`,
    `${header}\nindex  1\n\n${note}`,
    `${header}\nindex 1\nextra YQ==\n\n${note}`,
    `${header}\nextra YQ==\nextra YQ==\nindex 1\n\n${note}`,
    `${header}\nextra YQ=\nindex 1\n\n${note}`,
    `${header}\nindex 1\n${hash.slice(4)}\n\n${note}`,
    `${header}\nindex 1\n${hash} \n\n${note}`,
    `${header}\nindex 1\n${`${hash}\n`.repeat(64)}\n${note}`,
    `${header}\nindex 1\n${note}`,
    `${header}\nindex 1\n\n\n${note}`,
    `${header}\r\nindex 1\n\n${note}`,
    `${header}\nindex 1\n\n${note.slice(0, -1)}`,
    `${header}\nindex 1\n\nnot a checkpoint\n\n— a AAAAAAAA\n`,
  ]) {
    expect(() => parseTlogProof(text)).toThrow(malformed);
  }
});

test("a file that could not be read back is not written", () => {
  const checkpoint = noteAt(5);
  expect(() => formatTlogProof({ index: -1, proof: [], checkpoint })).toThrow(
    expect.objectContaining({ code: "VALUE_INVALID" }),
  );
  expect(() => formatTlogProof({ index: 1, proof: [new Uint8Array(3)], checkpoint })).toThrow(malformed);
  expect(() => formatTlogProof({ index: 1, proof: [], checkpoint: "x" })).toThrow(malformed);
});

test("a consistency file reads back as it was written, and verifies", () => {
  for (const [oldSize, newSize] of [
    [0, 9],
    [3, 7],
    [7, 7],
    [8, 9],
  ] as const) {
    const file = {
      older: noteAt(oldSize),
      newer: noteAt(newSize),
      proof: makeConsistencyProof(oldSize, newSize, read),
    };
    const text = formatConsistencyFile(file);
    expect(parseConsistencyFile(text)).toEqual(file);
    expect(verifyConsistencyFile(text, policy)).toMatchObject({
      older: { checkpoint: { size: oldSize } },
      newer: { checkpoint: { size: newSize } },
    });
  }
});

test("a consistency file between forks convicts with both checkpoints and the proof", () => {
  const fork = createLeafHashReader(leaves.map((leaf, index) => (index === 1 ? leafHash("other") : leaf)));
  const file = { older: noteAt(3), newer: noteAt(7, fork), proof: makeConsistencyProof(3, 7, fork) };
  expect(() => verifyConsistencyFile(formatConsistencyFile(file), policy)).toThrow(
    expect.objectContaining({
      code: "VERIFY_PROOF_FAILED",
      evidence: { checkpoints: [file.older, file.newer], proof: file.proof },
    }),
  );
});

test("what is not exactly a consistency file is malformed", () => {
  const [older, newer] = [Buffer.from(noteAt(3)).toString("base64"), noteAt(7)];
  const header = "auditrail/tlog-consistency@v1";
  for (const text of [
    "",
    `${header}\n\n${newer}`,
    `${header}\nold\n\n${newer}`,
    `${header}\nold ${older}=\n\n${newer}`,
    `${header}\nold YQ==\n\n${newer}`,
    `${header}\nold /w==\n\n${newer}`,
    `${header}\nold ${older}\nhash\n\n${newer}`,
    `${header}\nold ${older}\n\n${newer} `,
    `c2sp.org/tlog-proof@v1\nold ${older}\n\n${newer}`,
  ]) {
    expect(() => parseConsistencyFile(text)).toThrow(malformed);
  }
});
