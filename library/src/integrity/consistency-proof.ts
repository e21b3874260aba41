/**
 * Consistency proofs: "the later tree has the earlier tree as its beginning" (RFC 6962 section 2.1.2, verified as in RFC 9162 section 2.1.4.2).
 *
 * Between trees of the same size the proof is empty and the roots must be equal. From the empty tree anything follows,
 * as for a C2SP tlog-witness: the proof is empty too, and the earlier root must be that of the empty tree.
 */

import { equalBytes } from "../base/bytes.ts";
import { AuditError } from "../base/errors.ts";
import { assertProof } from "./inclusion-proof.ts";
import {
  assertTreeSize,
  emptyRoot,
  isBytes,
  isHash,
  isTreeSize,
  levelOfPerfect,
  nodeHash,
  rangeHash,
  splitSize,
  type HashReader,
} from "./merkle-tree.ts";
import { malformed, VerificationError } from "./verification-error.ts";

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** The proof that the first `oldSize` leaves begin the first `newSize`. Errors: `VALUE_INVALID`, and whatever `read` throws. */
export function makeConsistencyProof(oldSize: number, newSize: number, read: HashReader): readonly Uint8Array[] {
  assertTreeSize(oldSize);
  assertTreeSize(newSize);
  if (oldSize > newSize)
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot prove that a tree of ${newSize} continues one of ${oldSize}: it is smaller.`,
    );
  const proof: Uint8Array[] = [];
  if (oldSize > 0) collectSubproof(oldSize, 0, newSize, true, read, proof);
  return proof;
}

/** SUBPROOF of RFC 6962; `known` says that the verifier has the hash of this subtree already, as it is the old root. */
function collectSubproof(
  oldEnd: number,
  begin: number,
  end: number,
  known: boolean,
  read: HashReader,
  proof: Uint8Array[],
): void {
  if (oldEnd === end) {
    if (!known) proof.push(rangeHash(read, begin, end));
    return;
  }
  const split = begin + splitSize(end - begin);
  if (oldEnd <= split) {
    collectSubproof(oldEnd, begin, split, known, read, proof);
    proof.push(rangeHash(read, split, end));
  } else {
    collectSubproof(oldEnd, split, end, false, read, proof);
    proof.push(rangeHash(read, begin, split));
  }
}

/** Returns when the later tree continues the earlier one. Errors: `VERIFY_MALFORMED`, `VERIFY_PROOF_FAILED`. */
export function verifyConsistency(claim: ConsistencyClaim): void {
  assertConsistencyClaim(claim);
  if (isConsistent(claim)) return;
  throw new VerificationError(
    "VERIFY_PROOF_FAILED",
    `The consistency proof does not show that the tree of size ${claim.newSize} continues the tree of size ${claim.oldSize}.`,
    { details: { oldSize: claim.oldSize, newSize: claim.newSize }, evidence: { proof: claim.proof } },
  );
}

function isConsistent({ oldSize, oldRoot, newSize, newRoot, proof }: ConsistencyClaim): boolean {
  if (oldSize > newSize) return false;
  if (oldSize === 0 && !equalBytes(oldRoot, emptyRoot())) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0;
  if (proof.length === 0) return false;
  const roots = rootsFromConsistency(
    oldSize,
    newSize,
    levelOfPerfect(oldSize) === undefined ? proof : [oldRoot, ...proof],
  );
  return roots !== undefined && equalBytes(roots.oldRoot, oldRoot) && equalBytes(roots.newRoot, newRoot);
}

interface Roots {
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
}

/** Both roots that a proof leads to; `proof` starts with a subtree that both trees share. */
function rootsFromConsistency(oldSize: number, newSize: number, proof: readonly Uint8Array[]): Roots | undefined {
  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) [node, last] = [(node - 1) / 2, Math.floor(last / 2)];
  const [first, ...rest] = proof;
  let oldRoot = first!;
  let newRoot = first!;
  for (const sibling of rest) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      oldRoot = nodeHash(sibling, oldRoot);
      newRoot = nodeHash(sibling, newRoot);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else newRoot = nodeHash(newRoot, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? { oldRoot, newRoot } : undefined;
}

function assertConsistencyClaim(claim: ConsistencyClaim): void {
  if (typeof claim !== "object" || claim === null) throw malformed("Cannot verify a consistency: there is no claim.");
  if (!isTreeSize(claim.oldSize) || !isTreeSize(claim.newSize)) {
    throw malformed("Cannot verify a consistency: sizes must be integers from 0 to 2^53 - 1.");
  }
  // Between equal sizes roots are only compared; anywhere else they are hashed, and then their length matters.
  const isRoot = claim.oldSize === claim.newSize ? isBytes : isHash;
  if (!isRoot(claim.oldRoot) || !isRoot(claim.newRoot))
    throw malformed("Cannot verify a consistency: roots must be 32 bytes each.");
  assertProof(claim.proof);
}
