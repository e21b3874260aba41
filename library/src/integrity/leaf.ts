/**
 * The leaf hash of an entry (RFC 6962 section 2.1): SHA-256(0x00 ‖ entry).
 *
 * An entry is a byte string: canonical JSON, stored as it was hashed. The byte in front keeps a leaf from being
 * passed off as an inner node, which is hashed with 0x01 in front.
 */

import { sha256 } from "../base/sha256.ts";

// tlog-tiles bundles carry the size of an entry in two bytes, so an entry has at most 65 535.
const scratchSizeBytes = 65_536;
let scratch: Uint8Array | undefined;

/**
 * The leaf hash of an entry's bytes; a text stands for its UTF-8.
 *
 * This runs for every event. Bytes are copied once, behind the prefix in a buffer that is kept: with a new buffer each
 * time it takes half as long again (2.3 µs instead of 1.6 µs for 500 bytes). A text is best given as a text: it is
 * never turned into an array of ours at all.
 */
export function leafHash(entry: string | Uint8Array): Uint8Array {
  if (typeof entry === "string") return sha256(`\0${entry}`);
  const size = entry.length + 1;
  const block = size <= scratchSizeBytes ? (scratch ??= new Uint8Array(scratchSizeBytes)) : new Uint8Array(size);
  block.set(entry, 1);
  return sha256(block.subarray(0, size));
}
