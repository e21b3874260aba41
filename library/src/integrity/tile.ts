/**
 * Tiles: the tree cut into files that never change (C2SP tlog-tiles, https://c2sp.org/tlog-tiles).
 *
 * A tile is a row of up to 256 hashes of 32 bytes. Tile n of level l holds the roots of the perfect subtrees of 256^l leaves
 * numbered n·256 to n·256 + 255: level 0 holds leaf hashes, and each hash of level l + 1 is the root of a full tile of level l.
 * The last tile of a level is partial while it has fewer than 256; partial tiles are not hashed into the level above.
 * Levels in between (a tile spans eight) are recomputed from the hashes of the tile.
 *
 * The entries lie beside them in bundles of 256, see entry-bundle.ts; a bundle has the coordinates of its level 0 tile.
 */

import { AuditError, quote } from "../base/errors.ts";
import { assertTreeSize, hashSizeBytes, isHash, isTreeSize, joinHashes, splitHashes } from "./merkle-tree.ts";
import { malformed } from "./verification-error.ts";

/** Hashes in a full tile: tiles span 8 levels of the tree. */
export const tileWidth = 256;
export const tileHeight = 8;
/** tlog-tiles allows levels up to 63; a tree of 2^53 leaves needs no more than 6. */
export const maxTileLevel = 63;

export interface TileCoordinate {
  readonly level: number;
  readonly index: number;
  /** How many hashes: 256 in a full tile, 1 to 255 in a partial one. */
  readonly width: number;
}

/** Errors: `VALUE_INVALID`. */
export function assertTileCoordinate(tile: TileCoordinate): void {
  if (isTileCoordinate(tile)) return;
  throw new AuditError(
    "VALUE_INVALID",
    `There is no tile with level ${quote(tile.level)}, index ${quote(tile.index)} and width ${quote(tile.width)}: expected level 0 to 63, an index from 0 and width 1 to 256.`,
  );
}

export function isTileCoordinate({ level, index, width }: TileCoordinate): boolean {
  return Number.isInteger(level) && level >= 0 && level <= maxTileLevel && isTreeSize(index) && isTileWidth(width);
}

function isTileWidth(width: number): boolean {
  return Number.isInteger(width) && width >= 1 && width <= tileWidth;
}

/** How many hashes a level of tiles has in all, for a tree of that size. */
export function tileLevelSize(level: number, treeSize: number): number {
  return Math.floor(treeSize / tileWidth ** level);
}

/** How wide a tile is in a tree of that size: 0 where there is none yet. */
export function tileWidthAt(level: number, index: number, treeSize: number): number {
  return Math.min(tileWidth, Math.max(0, tileLevelSize(level, treeSize) - index * tileWidth));
}

/** All tiles of a tree, lowest level first, the partial ones at the right edge included. */
export function listTiles(treeSize: number): readonly TileCoordinate[] {
  return listTilesSince(0, treeSize, false);
}

/** The tiles that become full when a tree grows from one size to another, lowest level first: these are written, once. */
export function listCompletedTiles(oldSize: number, newSize: number): readonly TileCoordinate[] {
  return listTilesSince(oldSize, newSize, true);
}

/** The tiles whose hashes differ between two sizes of a tree, with their widths in the larger: what a mirror has to fetch. */
export function listChangedTiles(oldSize: number, newSize: number): readonly TileCoordinate[] {
  return listTilesSince(oldSize, newSize, false);
}

function listTilesSince(oldSize: number, newSize: number, onlyFull: boolean): readonly TileCoordinate[] {
  assertTreeSize(oldSize);
  assertTreeSize(newSize);
  const tiles: TileCoordinate[] = [];
  for (let level = 0; tileLevelSize(level, newSize) > 0; level += 1) {
    const before = tileLevelSize(level, oldSize);
    const after = tileLevelSize(level, newSize);
    for (let index = Math.floor(before / tileWidth); index * tileWidth < after; index += 1) {
      const width = Math.min(tileWidth, after - index * tileWidth);
      const changed = index * tileWidth + width > before;
      if (changed && (width === tileWidth || !onlyFull)) tiles.push({ level, index, width });
    }
  }
  return tiles;
}

/** The bytes of a tile file. Errors: `VALUE_INVALID`. */
export function encodeTile(hashes: readonly Uint8Array[]): Uint8Array {
  if (isTileWidth(hashes.length) && hashes.every(isHash)) return joinHashes(hashes);
  throw new AuditError(
    "VALUE_INVALID",
    `Cannot write a tile of ${hashes.length} hashes: expected 1 to 256, of 32 bytes each.`,
  );
}

/**
 * The hashes of a tile file. When `width` is given there must be that many, or more: a full tile may stand
 * in for a partial one, of which it is the continuation. Errors: `VERIFY_MALFORMED`.
 */
export function decodeTile(bytes: Uint8Array, width?: number): readonly Uint8Array[] {
  assertTileBytes(bytes, width);
  const hashes = splitHashes(bytes, "a tile");
  return width === undefined ? hashes : hashes.slice(0, width);
}

/** Errors: `VERIFY_MALFORMED` for what is not a tile of that many hashes or more. */
export function assertTileBytes(bytes: Uint8Array, width: number | undefined): void {
  if (!(bytes instanceof Uint8Array)) throw malformed("Cannot read a tile: it is not bytes.");
  const count = bytes.length / hashSizeBytes;
  if (isTileWidth(count) && count >= (width ?? 1)) return;
  throw malformed(
    `Cannot read a tile: found ${bytes.length} bytes, expected ${width ?? "1 to 256"} hashes of 32 bytes.`,
  );
}
