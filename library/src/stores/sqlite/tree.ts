/** The Merkle tree of a trail and what was signed about it, read and kept. The tree itself is grown by `extend-tree.ts`. */

import { concatBytes } from "../../base/bytes.ts";
import { decodeCompactRange, emptyRange, type CompactRange } from "../../integrity/compact-range.ts";
import { tileWidth, tileWidthAt } from "../../integrity/tile.ts";
import type { StoredCheckpoint } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entryKey } from "./entry-key.ts";

export function readTree(connection: SqliteConnection, tenant: string): CompactRange {
  const row = connection.prepare("SELECT edge FROM auditrail_trail WHERE tenant = ?").get(tenant) as
    | SqliteRow
    | undefined;
  return row === undefined ? emptyRange : decodeCompactRange(row["edge"] as Uint8Array);
}

/** A full tile as it was written; the last one of its level out of the entries, or out of the tiles below. */
export function readTile(
  connection: SqliteConnection,
  tenant: string,
  level: number,
  number: number,
): Uint8Array | undefined {
  const trail = connection.prepare("SELECT number, size FROM auditrail_trail WHERE tenant = ?").get(tenant) as
    | SqliteRow
    | undefined;
  const width = trail === undefined ? 0 : tileWidthAt(level, number, Number(trail["size"]));
  if (trail === undefined || width === 0) return undefined;
  const trailNumber = Number(trail["number"]);
  if (width === tileWidth) {
    const row = connection
      .prepare("SELECT hashes FROM auditrail_tile WHERE trail = ? AND level = ? AND number = ?")
      .get(trailNumber, level, number) as SqliteRow | undefined;
    return row?.["hashes"] as Uint8Array | undefined;
  }
  const first = number * tileWidth;
  const rows =
    level === 0
      ? connection
          .prepare("SELECT hash FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key")
          .all(entryKey(trailNumber, first), entryKey(trailNumber, first + width))
      : connection
          .prepare(
            "SELECT root AS hash FROM auditrail_tile WHERE trail = ? AND level = ? AND number >= ? AND number < ? ORDER BY number",
          )
          .all(trailNumber, level - 1, first, first + width);
  return concatBytes(...(rows as SqliteRow[]).map(({ hash }) => hash as Uint8Array));
}

/** Errors: `STORE_FAILED` where the tenant has no trail: nothing can have been signed about it. */
export function putCheckpoint(
  connection: SqliteConnection,
  tenant: string,
  checkpoint: Omit<StoredCheckpoint, "number">,
): void {
  const { size, root, createdAtMicros, note, timestamp = null } = checkpoint;
  connection
    .prepare(
      "INSERT INTO auditrail_checkpoint (trail, size, root, created_at, note, timestamp) VALUES ((SELECT number FROM auditrail_trail WHERE tenant = ?), ?, ?, ?, ?, ?)",
    )
    .run(tenant, size, root, createdAtMicros, note, timestamp);
}

export function listCheckpoints(
  connection: SqliteConnection,
  tenant: string,
  after: number,
  limit: number,
): readonly StoredCheckpoint[] {
  const rows = connection
    .prepare(
      "SELECT number, size, root, created_at, note, timestamp FROM auditrail_checkpoint " +
        "WHERE trail = (SELECT number FROM auditrail_trail WHERE tenant = ?) AND number > ? ORDER BY number LIMIT ?",
    )
    .all(tenant, after, limit) as SqliteRow[];
  return rows.map((row) => ({
    ...{ number: Number(row["number"]), size: Number(row["size"]), root: row["root"] as Uint8Array },
    ...{ createdAtMicros: Number(row["created_at"]), note: row["note"] as string },
    ...(row["timestamp"] === null ? {} : { timestamp: row["timestamp"] as Uint8Array }),
  }));
}
