/** The Merkle tree of a trail and what was signed about it, read and kept. The tree itself is grown by `extend-tree.ts`. */

import { decodeCompactRange, emptyRange, type CompactRange } from "../../integrity/compact-range.ts";
import { tileWidth, tileWidthAt } from "../../integrity/tile.ts";
import type { StoredCheckpoint } from "../../trail/contracts.ts";
import { entryKey } from "./entry-key.ts";
import { sql, type SqlPart } from "./sql-part.ts";
import type { SqlRunner } from "./statement-cache.ts";

export function readTree(run: SqlRunner, tenant: string): CompactRange {
  const row = run.get(sql`SELECT edge FROM auditrail_trail WHERE tenant = ${tenant}`);
  return row === undefined ? emptyRange : decodeCompactRange(row["edge"] as Uint8Array);
}

/** A full tile as it was written; the last one of its level out of the entries, or out of the tiles below. */
export function readTile(run: SqlRunner, tenant: string, level: number, number: number): Uint8Array | undefined {
  const row = run.get(sql`SELECT number, size FROM auditrail_trail WHERE tenant = ${tenant}`);
  const width = row === undefined ? 0 : tileWidthAt(level, number, Number(row["size"]));
  if (row === undefined || width === 0) return undefined;
  const trail = Number(row["number"]);
  const tile =
    width === tileWidth
      ? sql`SELECT hashes FROM auditrail_tile WHERE trail = ${trail} AND level = ${level} AND number = ${number}`
      : joined(level === 0 ? leavesOf(trail, number, width) : rootsOf(trail, level - 1, number, width));
  return run.get(tile)?.["hashes"] as Uint8Array | undefined;
}

/** As one value, in the order of the rows, which SQLite's group_concat keeps: hundreds of rows take several times as long to hand over. */
function joined(parts: SqlPart): SqlPart {
  return sql`SELECT unhex(group_concat(part, '')) AS hashes FROM (${parts})`;
}

function leavesOf(trail: number, number: number, width: number): SqlPart {
  const first = entryKey(trail, number * tileWidth);
  return sql`SELECT hex(hash) AS part FROM auditrail_entry WHERE key >= ${first} AND key < ${first + width} ORDER BY key`;
}

function rootsOf(trail: number, level: number, number: number, width: number): SqlPart {
  const first = number * tileWidth;
  const range = sql`number >= ${first} AND number < ${first + width}`;
  return sql`SELECT hex(root) AS part FROM auditrail_tile WHERE trail = ${trail} AND level = ${level} AND ${range} ORDER BY number`;
}

/** Errors: `STORE_FAILED` where the tenant has no trail: nothing can have been signed about it. */
export function putCheckpoint(run: SqlRunner, tenant: string, checkpoint: Omit<StoredCheckpoint, "number">): void {
  const { size, root, createdAtMicros, note, timestamp = null } = checkpoint;
  const trail = sql`(SELECT number FROM auditrail_trail WHERE tenant = ${tenant})`;
  run.run(
    sql`INSERT INTO auditrail_checkpoint (trail, size, root, created_at, note, timestamp) VALUES (${trail}, ${size}, ${root}, ${createdAtMicros}, ${note}, ${timestamp})`,
  );
}

export function listCheckpoints(
  run: SqlRunner,
  tenant: string,
  after: number,
  limit: number,
): readonly StoredCheckpoint[] {
  const trail = sql`(SELECT number FROM auditrail_trail WHERE tenant = ${tenant})`;
  const rows = run.all(
    sql`SELECT number, size, root, created_at, note, timestamp FROM auditrail_checkpoint WHERE trail = ${trail} AND number > ${after} ORDER BY number LIMIT ${limit}`,
  );
  return rows.map((row) => ({
    ...{ number: Number(row["number"]), size: Number(row["size"]), root: row["root"] as Uint8Array },
    ...{ createdAtMicros: Number(row["created_at"]), note: row["note"] as string },
    ...(row["timestamp"] === null ? {} : { timestamp: row["timestamp"] as Uint8Array }),
  }));
}
