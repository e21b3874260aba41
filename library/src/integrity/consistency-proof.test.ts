import { expect, test } from "vitest";

import { makeConsistencyProof, verifyConsistency } from "./consistency-proof.ts";
import { leafHash } from "./leaf.ts";
import { createLeafHashReader, emptyRoot, treeRoot } from "./merkle-tree.ts";
import { VerificationError } from "./verification-error.ts";

const leaves = Array.from({ length: 12 }, (_, index) => leafHash(String(index)));
const read = createLeafHashReader(leaves);
const fork = createLeafHashReader(leaves.map((leaf, index) => (index === 2 ? leafHash("other") : leaf)));

function claimFor(oldSize: number, newSize: number) {
  const [oldRoot, newRoot] = [treeRoot(oldSize, read), treeRoot(newSize, read)];
  return { oldSize, oldRoot, newSize, newRoot, proof: makeConsistencyProof(oldSize, newSize, read) };
}

test("any two sizes of one tree are consistent, and a fork with either of them is not", () => {
  for (let newSize = 0; newSize <= leaves.length; newSize += 1) {
    for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
      const claim = claimFor(oldSize, newSize);
      expect(() => verifyConsistency(claim)).not.toThrow();
      if (oldSize < 3) continue;
      expect(() => verifyConsistency({ ...claim, oldRoot: treeRoot(oldSize, fork) })).toThrow(VerificationError);
      const forged = makeConsistencyProof(oldSize, newSize, fork);
      expect(() => verifyConsistency({ ...claim, newRoot: treeRoot(newSize, fork), proof: forged })).toThrow(
        VerificationError,
      );
    }
  }
});

test("everything continues the empty tree, if it is the empty tree", () => {
  const claim = claimFor(0, 5);
  expect(claim.proof).toEqual([]);
  expect(() => verifyConsistency(claim)).not.toThrow();
  expect(() => verifyConsistency({ ...claim, oldRoot: leaves[0]! })).toThrow(VerificationError);
  expect(() => verifyConsistency({ ...claim, proof: [emptyRoot()] })).toThrow(VerificationError);
  const garbage = { oldSize: 0, newSize: 0, oldRoot: leaves[0]!, newRoot: leaves[0]!, proof: [] };
  expect(() => verifyConsistency(garbage)).toThrow(VerificationError);
});

test("a smaller tree does not continue a larger one", () => {
  const claim = claimFor(3, 5);
  const swapped = { ...claim, oldSize: 5, newSize: 3, oldRoot: claim.newRoot, newRoot: claim.oldRoot };
  expect(() => verifyConsistency(swapped)).toThrow(expect.objectContaining({ code: "VERIFY_PROOF_FAILED" }));
  expect(() => makeConsistencyProof(5, 3, read)).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
});

test("a claim that is not even one is malformed", () => {
  const claim = claimFor(3, 7);
  const wrong: unknown[] = [
    undefined,
    { ...claim, oldSize: "3" },
    { ...claim, newSize: Number.NaN },
    { ...claim, oldRoot: new Uint8Array(12) },
    { ...claim, newRoot: undefined },
    { ...claim, oldSize: 7, oldRoot: "root" },
    { ...claim, proof: "proof" },
  ];
  for (const value of wrong) {
    expect(() => verifyConsistency(value as typeof claim)).toThrow(
      expect.objectContaining({ code: "VERIFY_MALFORMED" }),
    );
  }
});
