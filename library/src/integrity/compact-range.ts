/**
 * The right edge of a tree: all that appending needs to know.
 *
 * A tree of n leaves is a row of perfect subtrees, one for each 1 in the binary form of n, the largest on the left.
 * Their roots are the compact range (at most 53 hashes). A new leaf is a subtree of one; as long as the last two are of the
 * same size they are joined. That is one join for each trailing 1 of n: on average one, whatever n is.
 *
 * Serialised: the size as eight bytes, most significant first, then the hashes, the largest subtree first.
 */

import { AuditError, quote } from "../base/errors.ts";
import { emptyRoot, hashSizeBytes, isHash, isTreeSize, joinHashes, nodeHash, splitHashes } from "./merkle-tree.ts";
import { malformed } from "./verification-error.ts";

export interface CompactRange {
  readonly size: number;
  /** Roots of perfect subtrees, the largest first; as many as the size has 1 bits. */
  readonly hashes: readonly Uint8Array[];
}

/** Told of each perfect subtree at the moment it becomes complete, the leaf itself (level 0) included. */
export type NodeListener = (level: number, index: number, hash: Uint8Array) => void;

export const emptyRange: CompactRange = { size: 0, hashes: [] };

/** The range with one more leaf. For more than one use {@link extendRange}, which copies the range only once. */
export function appendLeaf(range: CompactRange, leaf: Uint8Array, onNode?: NodeListener): CompactRange {
  return extendRange(range, [leaf], onNode);
}

/** The range with more leaves, in their order. Errors: `VALUE_INVALID`. */
export function extendRange(range: CompactRange, leaves: readonly Uint8Array[], onNode?: NodeListener): CompactRange {
  const size = range.size + leaves.length;
  if (!isTreeSize(size)) throw new AuditError("VALUE_INVALID", "Cannot append: a tree has at most 2^53 - 1 leaves.");
  const hashes = [...range.hashes];
  let position = range.size;
  for (const leaf of leaves) {
    if (!isHash(leaf))
      throw new AuditError("VALUE_INVALID", `Cannot append leaf ${position}: it is not a hash of 32 bytes.`);
    joinLeaf(hashes, position, leaf, onNode);
    position += 1;
  }
  return { size, hashes };
}

function joinLeaf(hashes: Uint8Array[], position: number, leaf: Uint8Array, onNode: NodeListener | undefined): void {
  let level = 0;
  let index = position;
  let hash = leaf;
  onNode?.(level, index, hash);
  while (index % 2 === 1) {
    hash = nodeHash(hashes.pop()!, hash);
    level += 1;
    index = (index - 1) / 2;
    onNode?.(level, index, hash);
  }
  hashes.push(hash);
}

/** The root of the tree whose right edge this is. */
export function rangeRoot(range: CompactRange): Uint8Array {
  if (range.hashes.length === 0) return emptyRoot();
  return range.hashes.reduceRight((right, left) => nodeHash(left, right));
}

export function encodeCompactRange(range: CompactRange): Uint8Array {
  assertCompactRange(range);
  const bytes = new Uint8Array(8 + range.hashes.length * hashSizeBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(range.size));
  bytes.set(joinHashes(range.hashes), 8);
  return bytes;
}

/** Errors: `VERIFY_MALFORMED`. */
export function decodeCompactRange(bytes: Uint8Array): CompactRange {
  if (!(bytes instanceof Uint8Array) || bytes.length < 8)
    throw malformed("Cannot read a compact range: it is shorter than 8 bytes.");
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  const hashes = splitHashes(bytes.subarray(8), "a compact range");
  const range = { size, hashes };
  assertCompactRange(range);
  return range;
}

/** Whether size and hashes can belong together; whether they are *right* only a checkpoint can say. Errors: `VERIFY_MALFORMED`. */
export function assertCompactRange(range: CompactRange): void {
  if (!isTreeSize(range.size))
    throw malformed(`Cannot use a compact range of size ${quote(range.size)}: expected at most 2^53 - 1.`);
  const expected = countOnes(range.size);
  if (range.hashes.length !== expected || !range.hashes.every(isHash)) {
    throw malformed(
      `Cannot use a compact range of size ${range.size}: expected ${expected} hashes of 32 bytes, found ${range.hashes.length}.`,
    );
  }
}

function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
