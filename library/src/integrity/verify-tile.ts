/**
 * One tile of the tree while it is recomputed: 256 leaf hashes and every node above them.
 *
 * This is where verification spends its time, so hashes are never copied to be hashed: they lie in pairs with the 0x01
 * of an inner node (RFC 6962) in front, 65 bytes each, and a node is the hash of 65 bytes in place.
 *
 *     level 0   01 leaf 0 leaf 1 · 01 leaf 2 leaf 3 · …      128 pairs
 *     level 1   01 node 0 node 1 · …                          64 pairs
 *     …                                                        up to level 7, one pair; level 8 is the root
 */

import { writeSha256 } from "../base/sha256.ts";
import { hashSizeBytes } from "./merkle-tree.ts";
import { tileHeight, tileWidth } from "./tile.ts";
import { malformed } from "./verification-error.ts";

const pairSizeBytes = 1 + 2 * hashSizeBytes;
/** tlog-tiles gives an entry's size two bytes. */
const maxLeafSizeBytes = 65_536;

const levelStarts = startsOfLevels();
/** What {@link TileNodes.bytes} takes. */
export const tileNodesSizeBytes = levelStarts[tileHeight]! + pairSizeBytes;

/**
 * Hashes the entries of a whole tile elsewhere, such as in another thread, and gives its nodes as {@link TileNodes.bytes} has them.
 * `undefined` when that is busy: then the caller does it.
 */
export type HashTile = (entries: readonly (Uint8Array | string)[]) => Promise<Uint8Array> | undefined;

export interface TileNodes {
  /** All nodes as they lie. */
  bytes(): Uint8Array;
  /** Takes nodes that were worked out elsewhere. Errors: `VERIFY_MALFORMED` for what is not as many bytes. */
  adopt(bytes: Uint8Array): void;
  /** Hashes an entry into a place; a text stands for its UTF-8. */
  putEntry(place: number, entry: Uint8Array | string): void;
  putLeaf(place: number, leafHash: Uint8Array): void;
  isLeaf(place: number, leafHash: Uint8Array): boolean;
  /** Works out the nodes above the first `width` leaves, and forgets those of the last tile. */
  fill(width: number): void;
  /** A copy of a node, where level and index are counted within the tile. */
  node(level: number, index: number): Uint8Array;
  /** Whether the first `width` leaves are the hashes of a tile file. */
  equalsTile(bytes: Uint8Array, width: number): boolean;
}

export function createTileNodes(): TileNodes {
  let nodes = new Uint8Array(tileNodesSizeBytes);
  for (let start = 0; start < tileNodesSizeBytes; start += pairSizeBytes) nodes[start] = 1;
  const scratch = new Uint8Array(1 + maxLeafSizeBytes);

  function equals(offset: number, bytes: Uint8Array, at: number): boolean {
    for (let index = 0; index < hashSizeBytes; index += 1)
      if (nodes[offset + index] !== bytes[at + index]) return false;
    return true;
  }

  return {
    bytes: () => nodes,
    adopt(bytes) {
      if (bytes.length !== tileNodesSizeBytes) throw malformed("Cannot take up a tile: it is not as large as one.");
      nodes = bytes as Uint8Array<ArrayBuffer>;
    },
    putEntry(place, entry) {
      const offset = offsetOf(0, place);
      if (typeof entry === "string") return writeSha256(nodes, offset, `\0${entry}`);
      const block = entry.length < scratch.length ? scratch : new Uint8Array(1 + entry.length);
      block.set(entry, 1);
      writeSha256(nodes, offset, block.subarray(0, 1 + entry.length));
    },
    putLeaf: (place, leafHash) => nodes.set(leafHash, offsetOf(0, place)),
    isLeaf: (place, leafHash) => leafHash.length === hashSizeBytes && equals(offsetOf(0, place), leafHash, 0),
    fill(width) {
      for (let level = 0; level < tileHeight; level += 1) {
        const count = width >> (level + 1);
        for (let index = 0; index < count; index += 1) {
          const pair = levelStarts[level]! + index * pairSizeBytes;
          writeSha256(nodes, offsetOf(level + 1, index), nodes.subarray(pair, pair + pairSizeBytes));
        }
      }
    },
    node(level, index) {
      const offset = offsetOf(level, index);
      return nodes.slice(offset, offset + hashSizeBytes);
    },
    equalsTile(bytes, width) {
      if (bytes.length !== width * hashSizeBytes) return false;
      for (let place = 0; place < width; place += 1)
        if (!equals(offsetOf(0, place), bytes, place * hashSizeBytes)) return false;
      return true;
    },
  };
}

function offsetOf(level: number, index: number): number {
  return levelStarts[level]! + (index >> 1) * pairSizeBytes + 1 + (index & 1) * hashSizeBytes;
}

function startsOfLevels(): readonly number[] {
  const starts = [0];
  for (let level = 0; level < tileHeight; level += 1)
    starts.push(starts[level]! + (tileWidth >> (level + 1)) * pairSizeBytes);
  return starts;
}
