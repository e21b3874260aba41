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
import { hashSizeBytes, perfectRoot, type HashReader } from "./merkle-tree.ts";
import { decodeTilePart, tileHeight, tileWidth, tileWidthAt, type TileCoordinate } from "./tile.ts";
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
    return perfectRoot(decodeTilePart(bytes, tile.width, first, count));
  };
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
