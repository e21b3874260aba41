import type { Order } from "../../query/request.ts";
import type { TrailKeys } from "./plan-scan.ts";
import { sql } from "./sql-part.ts";
import type { SqlRunner } from "./statement-cache.ts";

/** Entries that were recorded a little later than one often happened before it. */
const disorder = 1000;

/**
 * About where in the trail a time is: the key of the last entry before it (newest first) or the first at or after it
 * (oldest first), with some room beyond.
 */
export function keyAt(run: SqlRunner, keys: TrailKeys, micros: number, direction: Order["direction"]): number {
  const newest = direction === "newest";
  const found = newest ? sql`time < ${micros} ORDER BY time DESC` : sql`time >= ${micros} ORDER BY time ASC`;
  const index = sql`auditrail_entry INDEXED BY auditrail_entry_time`;
  const row = run.get(sql`SELECT key FROM ${index} WHERE trail = ${keys.trail} AND ${found} LIMIT 1`);
  return row === undefined ? (newest ? keys.last : keys.first) : nearKey(keys, Number(row["key"]), direction);
}

/** A key with some room beyond it, in the direction from which a page comes. */
export function nearKey(keys: TrailKeys, key: number, direction: Order["direction"]): number {
  return Math.min(Math.max(key + (direction === "newest" ? disorder : -disorder), keys.first), keys.last);
}
