/**
 * Paths of tiles and entry bundles (C2SP tlog-tiles).
 *
 *     tile/<level>/<index>[.p/<width>]      tile/entries/<index>[.p/<width>]
 *
 * The index is written in groups of three digits, each but the last with an `x` in front and a directory of its own:
 * 1234067 is `x001/x234/067`. The suffix is there exactly when the tile is partial. There is one path for a tile:
 * parsing refuses any other spelling.
 */

import { AuditError, quote } from "../base/errors.ts";
import { isTreeSize } from "./merkle-tree.ts";
import { assertTileCoordinate, maxTileLevel, tileWidth, type TileCoordinate } from "./tile.ts";
import { malformed } from "./verification-error.ts";

/** Where a resource lies: a tile of hashes, or the bundle of the entries under a level 0 tile. */
export type TileResource =
  | ({ readonly kind: "hashes" } & TileCoordinate)
  | ({ readonly kind: "entries" } & Omit<TileCoordinate, "level">);

/** Errors: `VALUE_INVALID`. */
export function formatTilePath(tile: TileResource | TileCoordinate): string {
  const isBundle = "kind" in tile && tile.kind === "entries";
  const level = isBundle ? 0 : (tile as TileCoordinate).level;
  assertTileCoordinate({ level, index: tile.index, width: tile.width });
  const suffix = tile.width === tileWidth ? "" : `.p/${tile.width}`;
  return `tile/${isBundle ? "entries" : level}/${formatTileIndex(tile.index)}${suffix}`;
}

/** The index in groups of three digits; our own files beside the tiles are numbered so too. */
export function formatTileIndex(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g)!;
  return groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join("/");
}

const tilePath = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Errors: `VERIFY_MALFORMED`. */
export function parseTilePath(path: string): TileResource {
  const match = typeof path === "string" ? tilePath.exec(path) : null;
  if (match === null) throw notATilePath(path);
  const [, level = "", groups = "", partial] = match;
  const index = Number(groups.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? tileWidth : Number(partial);
  const isPartial = partial === undefined || width < tileWidth;
  if (!isPartial || !isTreeSize(index) || formatTileIndex(index) !== groups) throw notATilePath(path);
  if (level === "entries") return { kind: "entries", index, width };
  if (Number(level) > maxTileLevel) throw notATilePath(path);
  return { kind: "hashes", level: Number(level), index, width };
}

function notATilePath(path: unknown): AuditError {
  return malformed(
    `Cannot read ${quote(path)} as the path of a tile: expected something like "tile/0/x001/x234/067" or "tile/entries/000.p/12".`,
  );
}
