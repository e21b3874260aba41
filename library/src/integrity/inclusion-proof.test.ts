import { expect, test } from "vitest";

import { makeInclusionProof, verifyInclusion } from "./inclusion-proof.ts";
import { leafHash } from "./leaf.ts";
import { createLeafHashReader, nodeHash, treeRoot } from "./merkle-tree.ts";
import { VerificationError } from "./verification-error.ts";

const leaves = Array.from({ length: 12 }, (_, index) => leafHash(String(index)));
const read = createLeafHashReader(leaves);

function claimFor(index: number, size: number) {
  return {
    index,
    size,
    leafHash: leaves[index]!,
    root: treeRoot(size, read),
    proof: makeInclusionProof(index, size, read),
  };
}

test("every position of every small tree can be proved, and no proof serves another position or size", () => {
  for (let size = 1; size <= leaves.length; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const claim = claimFor(index, size);
      expect(() => verifyInclusion(claim)).not.toThrow();
      for (let other = (index + 1) % size; other !== index; other = (other + 1) % size) {
        expect(() => verifyInclusion({ ...claim, index: other })).toThrow(VerificationError);
      }
      expect(() => verifyInclusion({ ...claim, size: size * 2 + 1 })).toThrow(VerificationError);
      expect(() => verifyInclusion({ ...claim, size: index })).toThrow(VerificationError);
    }
  }
});

test("the tree of one entry needs no proof, and the empty tree proves nothing", () => {
  expect(makeInclusionProof(0, 1, read)).toEqual([]);
  expect(() => verifyInclusion({ ...claimFor(0, 1), size: 0 })).toThrow(VerificationError);
  for (const [index, size] of [
    [0, 0],
    [1, 1],
    [-1, 1],
    [0.5, 1],
  ] as const) {
    expect(() => makeInclusionProof(index, size, read)).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  }
});

test("a failed proof names position and size and carries the proof", () => {
  const claim = { ...claimFor(3, 7), leafHash: leaves[4]! };
  expect(() => verifyInclusion(claim)).toThrow(
    expect.objectContaining({
      code: "VERIFY_PROOF_FAILED",
      details: { index: 3, size: 7 },
      evidence: { proof: claim.proof, leafHash: claim.leafHash },
    }),
  );
});

test("a claim that is not even one is malformed", () => {
  const claim = claimFor(3, 7);
  const wrong: unknown[] = [
    undefined,
    null,
    {},
    { ...claim, index: "3" },
    { ...claim, index: -1 },
    { ...claim, size: 2 ** 53 },
    { ...claim, leafHash: new Uint8Array(31) },
    { ...claim, root: "root" },
    { ...claim, proof: null },
    { ...claim, proof: [new Uint8Array(33)] },
    { ...claim, proof: [undefined] },
  ];
  for (const value of wrong) {
    expect(() => verifyInclusion(value as typeof claim)).toThrow(expect.objectContaining({ code: "VERIFY_MALFORMED" }));
  }
});

test("positions beyond 32 bits are proved like any other", () => {
  const size = 2 ** 45 + 3;
  const index = 2 ** 45 + 1;
  const fake = (level: number, place: number): Uint8Array =>
    level === 1 ? nodeHash(fake(0, 2 * place), fake(0, 2 * place + 1)) : leafHash(`${level}/${place}`);
  const proof = makeInclusionProof(index, size, fake);
  const claim = { index, size, leafHash: fake(0, index), root: treeRoot(size, fake), proof };
  expect(() => verifyInclusion(claim)).not.toThrow();
  expect(() => verifyInclusion({ ...claim, index: index - 2 ** 32 })).toThrow(VerificationError);
});
