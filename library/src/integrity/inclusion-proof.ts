/**
 * Inclusion proofs: "this leaf is at this position of that tree" (RFC 6962 section 2.1.1, verified as in RFC 9162 section 2.1.3.2).
 *
 * A proof is the list of the hashes that are missing on the way from the leaf to the root, the leaf's sibling first.
 * At most 53 hashes; for 2^30 entries at most 30.
 */

import { equalBytes } from "../base/bytes.ts";
import { AuditError } from "../base/errors.ts";
import { assertTreeSize, isHash, isTreeSize, nodeHash, rangeHash, splitSize, type HashReader } from "./merkle-tree.ts";
import { malformed, VerificationError } from "./verification-error.ts";

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** The proof for the leaf at `index` in the tree of the first `size` leaves. Errors: `VALUE_INVALID`, and whatever `read` throws. */
export function makeInclusionProof(index: number, size: number, read: HashReader): readonly Uint8Array[] {
  assertTreeSize(index);
  assertTreeSize(size);
  if (index >= size)
    throw new AuditError("VALUE_INVALID", `Cannot prove position ${index} in a tree of ${size}: it is not in it.`);
  const proof: Uint8Array[] = [];
  collectPath(index, 0, size, read, proof);
  return proof;
}

function collectPath(index: number, begin: number, end: number, read: HashReader, proof: Uint8Array[]): void {
  if (end - begin === 1) return;
  const split = begin + splitSize(end - begin);
  if (index < split) {
    collectPath(index, begin, split, read, proof);
    proof.push(rangeHash(read, split, end));
  } else {
    collectPath(index, split, end, read, proof);
    proof.push(rangeHash(read, begin, split));
  }
}

/** Returns when the proof leads from the leaf to the root. Errors: `VERIFY_MALFORMED`, `VERIFY_PROOF_FAILED`. */
export function verifyInclusion(claim: InclusionClaim): void {
  assertInclusionClaim(claim);
  const { index, size, leafHash, root, proof } = claim;
  const reached = index < size ? rootFromInclusion(index, size, leafHash, proof) : undefined;
  if (reached !== undefined && equalBytes(reached, root)) return;
  throw new VerificationError(
    "VERIFY_PROOF_FAILED",
    `The inclusion proof for position ${index} does not lead to the root of the tree of size ${size}.`,
    { details: { index, size }, evidence: { proof, leafHash } },
  );
}

/** The root that a proof leads to, `undefined` when it is too short or too long for the tree. */
function rootFromInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      // A last node without a sibling on its level goes up until it is a right child.
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : undefined;
}

function assertInclusionClaim(claim: InclusionClaim): void {
  if (typeof claim !== "object" || claim === null) throw malformed("Cannot verify an inclusion: there is no claim.");
  if (!isTreeSize(claim.index) || !isTreeSize(claim.size)) {
    throw malformed("Cannot verify an inclusion: position and size must be integers from 0 to 2^53 - 1.");
  }
  if (!isHash(claim.leafHash) || !isHash(claim.root))
    throw malformed("Cannot verify an inclusion: leaf hash and root must be 32 bytes each.");
  assertProof(claim.proof);
}

/** Errors: `VERIFY_MALFORMED`. */
export function assertProof(proof: readonly Uint8Array[]): void {
  if (Array.isArray(proof) && proof.every(isHash)) return;
  throw malformed("Cannot verify a proof: expected a list of hashes of 32 bytes each.");
}
