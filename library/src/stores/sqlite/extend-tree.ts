/**
 * Growing a trail's Merkle tree in the transaction that adds its entries (C2SP tlog-tiles, RFC 6962).
 *
 * A tile is written once, at the moment it is full, with its root, which is one hash of the level above. Until then
 * its hashes stand in the entries (level 0) or in the roots of the tiles below: rewriting a tile of 8 KiB at every
 * commit would cost more than the events.
 */

import { extendRange, type CompactRange } from "../../integrity/compact-range.ts";
import { encodeTile, tileHeight, tileWidth } from "../../integrity/tile.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entryKey } from "./entry-key.ts";

/** Adds leaves to the tree of a trail whose entries are inserted already; answers its new right edge. */
export type TreeExtender = (trail: number, edge: CompactRange, leaves: readonly Uint8Array[]) => CompactRange;

export function createTreeExtender(connection: SqliteConnection): TreeExtender {
  const leafHashes = connection.prepare("SELECT hash FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key");
  const tileRoots = connection.prepare(
    "SELECT root AS hash FROM auditrail_tile WHERE trail = ? AND level = ? AND number >= ? AND number < ? ORDER BY number",
  );
  const addTile = connection.prepare(
    "INSERT INTO auditrail_tile (trail, level, number, root, hashes) VALUES (?, ?, ?, ?, ?)",
  );

  function readHashes(trail: number, level: number, first: number): Uint8Array[] {
    const key = entryKey(trail, first);
    const rows =
      level === 0 ? leafHashes.all(key, key + tileWidth) : tileRoots.all(trail, level - 1, first, first + tileWidth);
    return (rows as SqliteRow[]).map(({ hash }) => hash as Uint8Array);
  }

  return (trail, edge, leaves) =>
    extendRange(edge, leaves, (nodeLevel, number, root) => {
      if (nodeLevel === 0 || nodeLevel % tileHeight !== 0) return;
      const level = nodeLevel / tileHeight - 1;
      addTile.run(trail, level, number, root, encodeTile(readHashes(trail, level, number * tileWidth)));
    });
}
