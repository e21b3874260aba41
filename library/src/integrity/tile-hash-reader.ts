/**
 * Reading any node of the tree out of its tiles, and saying beforehand which tiles that takes.
 *
 * Proofs are made synchronously from a {@link HashReader}. Where tiles come from a database or from the network, ask
 * {@link listTilesForReads} first what will be read, fetch that, and make the proof from what was fetched:
 *
 *     const tiles = listTilesForReads(size, (read) => makeInclusionProof(index, size, read));
 *     const proof = makeInclusionProof(index, size, createTileHashReader(size, (tile) => fetched.get(formatTilePath(tile))));
 */

import { AuditError } from "../base/errors.ts";
import { writeSha256 } from "../base/sha256.ts";
import { hashSizeBytes, type HashReader } from "./merkle-tree.ts";
import { assertTileBytes, tileHeight, tileWidth, tileWidthAt, type TileCoordinate } from "./tile.ts";
import { malformed } from "./verification-error.ts";

/** Gives the bytes of a tile file, `undefined` where there is none. A full tile may be given for a partial one. */
export type TileReader = (tile: TileCoordinate) => Uint8Array | undefined;

/**
 * A reader over the tiles of a tree of `treeSize` leaves. The hashes are believed as they are: what is made of them has to be
 * verified against a checkpoint. Errors of the reader: `VERIFY_MALFORMED` for a tile that is missing or not a tile.
 */
export function createTileHashReader(treeSize: number, readTile: TileReader): HashReader {
  return (level, index) => {
    const { tile, first, count } = locateNode(level, index, treeSize);
    const bytes = readTile(tile);
    if (bytes === undefined) throw malformed(`Tile ${tile.index} of level ${tile.level} is missing.`);
    assertTileBytes(bytes, tile.width);
    return rootInPlace(bytes.slice(first * hashSizeBytes, (first + count) * hashSizeBytes));
  };
}

const pair = Uint8Array.of(1, ...new Uint8Array(2 * hashSizeBytes));

/**
 * The root over hashes that lie side by side, a power of two of them; each level is written over the one below it. This is what
 * making a proof spends its time with.
 */
function rootInPlace(hashes: Uint8Array): Uint8Array {
  for (let count = hashes.length / hashSizeBytes; count > 1; count /= 2) {
    for (let index = 0; index < count / 2; index += 1) {
      pair.set(hashes.subarray(index * 2 * hashSizeBytes, (index + 1) * 2 * hashSizeBytes), 1);
      writeSha256(hashes, index * hashSizeBytes, pair);
    }
  }
  return hashes.slice(0, hashSizeBytes);
}

/** The tiles that `run` reads through the reader it is given. The hashes it gets meanwhile mean nothing. */
export function listTilesForReads(treeSize: number, run: (read: HashReader) => unknown): readonly TileCoordinate[] {
  const tiles = new Map<string, TileCoordinate>();
  const nothing = new Uint8Array(hashSizeBytes);
  run((level, index) => {
    const { tile } = locateNode(level, index, treeSize);
    tiles.set(`${tile.level}/${tile.index}`, tile);
    return nothing;
  });
  return [...tiles.values()];
}

interface NodePlace {
  readonly tile: TileCoordinate;
  /** The node is the root over `count` hashes of the tile, from `first` on. */
  readonly first: number;
  readonly count: number;
}

function locateNode(level: number, index: number, treeSize: number): NodePlace {
  const tileLevel = Math.floor(level / tileHeight);
  const count = 2 ** (level - tileLevel * tileHeight);
  const start = index * count;
  const tileIndex = Math.floor(start / tileWidth);
  const first = start - tileIndex * tileWidth;
  const width = tileWidthAt(tileLevel, tileIndex, treeSize);
  if (first + count > width) {
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot read node ${index} of level ${level}: a tree of ${treeSize} does not have it.`,
    );
  }
  return { tile: { level: tileLevel, index: tileIndex, width }, first, count };
}
