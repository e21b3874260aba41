/** The Merkle tree of a trail and what was signed about it, read and kept. The tree itself is grown by `extend-tree.ts`. */

import { concatBytes } from "../../base/bytes.ts";
import { decodeCompactRange, emptyRange, type CompactRange } from "../../integrity/compact-range.ts";
import { tileWidth, tileWidthAt } from "../../integrity/tile.ts";
import type { StoredCheckpoint } from "../../trail/contracts.ts";
import { entryKey } from "./entry-key.ts";
import type { SqlRunner } from "./read-page.ts";
import { sql } from "./sql-part.ts";

export async function readTree(run: SqlRunner, tenant: string): Promise<CompactRange> {
  const [row] = await run(sql`SELECT edge FROM $schema.trail WHERE tenant = ${tenant}`);
  return row === undefined ? emptyRange : decodeCompactRange(row["edge"] as Uint8Array);
}

/** A full tile as it was written; the last one of its level out of the entries, or out of the tiles below. */
export async function readTile(
  run: SqlRunner,
  tenant: string,
  level: number,
  number: number,
): Promise<Uint8Array | undefined> {
  const [row] = await run(sql`SELECT number, size FROM $schema.trail WHERE tenant = ${tenant}`);
  const width = row === undefined ? 0 : tileWidthAt(level, number, Number(row["size"]));
  if (row === undefined || width === 0) return undefined;
  const trail = Number(row["number"]);
  if (width === tileWidth) {
    const [tile] = await run(
      sql`SELECT hashes FROM $schema.tile WHERE trail = ${trail} AND level = ${level} AND number = ${number}`,
    );
    return tile?.["hashes"] as Uint8Array | undefined;
  }
  const first = number * tileWidth;
  const rows = await run(
    level === 0
      ? sql`SELECT hash FROM $schema.entry WHERE key >= ${entryKey(trail, first)} AND key < ${entryKey(trail, first + width)} ORDER BY key`
      : sql`SELECT root AS hash FROM $schema.tile WHERE trail = ${trail} AND level = ${level - 1} AND number >= ${first} AND number < ${first + width} ORDER BY number`,
  );
  return concatBytes(...rows.map(({ hash }) => hash as Uint8Array));
}

/** Drivers' errors pass; one where the tenant has no trail: nothing can have been signed about it. */
export async function putCheckpoint(
  run: SqlRunner,
  tenant: string,
  checkpoint: Omit<StoredCheckpoint, "number">,
): Promise<void> {
  const { size, root, createdAtMicros, note, timestamp } = checkpoint;
  const stamp = timestamp === undefined ? sql`NULL` : sql`${timestamp}`;
  await run(
    sql`INSERT INTO $schema.checkpoint (trail, size, root, created_at, note, timestamp)
      VALUES ((SELECT number FROM $schema.trail WHERE tenant = ${tenant}), ${size}, ${root}, ${createdAtMicros}, ${note}, ${stamp})`,
  );
}

export async function listCheckpoints(
  run: SqlRunner,
  tenant: string,
  after: number,
  limit: number,
): Promise<readonly StoredCheckpoint[]> {
  const rows = await run(
    sql`SELECT number, size, root, created_at, note, timestamp FROM $schema.checkpoint
      WHERE trail = (SELECT number FROM $schema.trail WHERE tenant = ${tenant}) AND number > ${after} ORDER BY number LIMIT ${limit}`,
  );
  return rows.map((row) => ({
    ...{ number: Number(row["number"]), size: Number(row["size"]), root: row["root"] as Uint8Array },
    ...{ createdAtMicros: Number(row["created_at"]), note: row["note"] as string },
    ...(row["timestamp"] === null ? {} : { timestamp: row["timestamp"] as Uint8Array }),
  }));
}
