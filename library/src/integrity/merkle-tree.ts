/**
 * The Merkle tree of RFC 6962 section 2.1, as far as all other files share it.
 *
 * An inner node is SHA-256(0x01 ‖ left ‖ right); the root of an empty tree is SHA-256 of nothing. A tree of n > 1
 * leaves splits at the largest power of two below n, so every left subtree is perfect. A perfect subtree of
 * 2^level leaves is named by (level, index): it covers the leaves from index·2^level up to (index + 1)·2^level.
 *
 * Sizes and positions are JavaScript integers up to 2^53 - 1; the shift operators are of no use here, as they cut to 32 bits.
 */

import { concatBytes } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { malformed } from "./verification-error.ts";

export const hashSizeBytes = 32;

/** Gives the hash of the perfect subtree (level, index); level 0 holds the leaf hashes. It throws where it has none. */
export type HashReader = (level: number, index: number) => Uint8Array;

const nodeBlock = new Uint8Array(1 + 2 * hashSizeBytes);

/** Errors: `VERIFY_MALFORMED` for what is not two hashes, as a shorter one would leave a piece of the last node in the block. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== hashSizeBytes || right.length !== hashSizeBytes) {
    throw malformed("Cannot hash a node: expected two hashes of 32 bytes.");
  }
  nodeBlock[0] = 1;
  nodeBlock.set(left, 1);
  nodeBlock.set(right, 1 + hashSizeBytes);
  return sha256(nodeBlock);
}

/** The root of the tree without leaves. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** Where a tree of `size` leaves (at least 2) splits: the largest power of two below its size. */
export function splitSize(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The exponent of a power of two, `undefined` for any other number. */
export function levelOfPerfect(size: number): number | undefined {
  let level = 0;
  let rest = size;
  while (rest > 1 && rest % 2 === 0) {
    rest /= 2;
    level += 1;
  }
  return rest === 1 ? level : undefined;
}

/** The hash over the leaves from `begin` to before `end`, where the range is a subtree of some tree. */
export function rangeHash(read: HashReader, begin: number, end: number): Uint8Array {
  const size = end - begin;
  const level = levelOfPerfect(size);
  if (level !== undefined) return read(level, begin / size);
  const split = begin + splitSize(size);
  const left = rangeHash(read, begin, split);
  return nodeHash(left, rangeHash(read, split, end));
}

/** The root of a tree of `size` leaves. Errors: whatever `read` throws. */
export function treeRoot(size: number, read: HashReader): Uint8Array {
  assertTreeSize(size);
  return size === 0 ? emptyRoot() : rangeHash(read, 0, size);
}

/** A hash reader over all leaf hashes of a tree in memory; each inner node is worked out when it is asked for. */
export function createLeafHashReader(leafHashes: readonly Uint8Array[]): HashReader {
  const read: HashReader = (level, index) => {
    if (level > 0) return nodeHash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1));
    const hash = leafHashes[index];
    if (hash !== undefined) return hash;
    throw malformed(`Cannot read leaf hash ${index}: there are only ${leafHashes.length}.`);
  };
  return read;
}

export function isTreeSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** For the sizes and positions our own side passes in. Errors: `VALUE_INVALID`. */
export function assertTreeSize(size: number): void {
  if (isTreeSize(size)) return;
  throw new AuditError(
    "VALUE_INVALID",
    `Cannot use ${quote(size)} as a tree size: expected an integer from 0 to 2^53 - 1.`,
  );
}

export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === hashSizeBytes;
}

/** A copy that nobody else writes to. Errors: `VERIFY_MALFORMED`. */
export function splitHashes(bytes: Uint8Array, what: string): readonly Uint8Array[] {
  if (bytes.length % hashSizeBytes !== 0) {
    throw malformed(`Cannot read ${what}: found ${bytes.length} bytes, expected a multiple of ${hashSizeBytes}.`);
  }
  const count = bytes.length / hashSizeBytes;
  return Array.from({ length: count }, (_, index) => bytes.slice(index * hashSizeBytes, (index + 1) * hashSizeBytes));
}

export function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...hashes);
}
