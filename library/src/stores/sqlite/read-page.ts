/** Pages of entries: first the keys, in order, from indexes; then the entries of those few. */

import { matchExpression, compileQuery, hasWords, type KeyWindow } from "./compile-query.ts";
import { encodeCursor, decodeCursor } from "../../query/cursor.ts";
import type { EntryPlace } from "../../query/order.ts";
import type { Order, PageRequest } from "../../query/request.ts";
import { type Asked, keysOfTrail, planBySeq, planByTime, type Scan, type TrailKeys, fewRows } from "./plan-scan.ts";
import { allOf, sql, type SqlPart } from "./sql-part.ts";
import type { SqlRunner } from "./statement-cache.ts";
import { requiredWords, type TimeBounds, topLevel } from "./top-level.ts";

export interface PageOfKeys {
  readonly keys: readonly number[];
  readonly next?: string;
}

/** Errors: `CURSOR_INVALID`, `QUERY_INVALID`. */
export function readPageOfKeys(run: SqlRunner, trail: number | undefined, request: PageRequest): PageOfKeys {
  const cursor = decodeCursor(request);
  if (trail === undefined) return { keys: [] };
  const keys = keysOfTrail(trail);
  const { order } = request;
  const { bounds: asked, rest } = topLevel(request.query);
  const bounds = cursor === undefined || order.by === "seq" ? asked : boundsBehind(asked, order);
  const plan = { keys, bounds, rest };
  const scan = order.by === "time" ? planByTime(run, plan) : planBySeq(run, plan);
  const where = allOf([scan.where, behindCursor(scan, keys, order, cursor), condition(run, plan, scan, order, cursor)]);
  const direction = order.direction === "newest" ? sql`DESC` : sql`ASC`;
  const sorted = order.by === "time" ? sql`${scan.time} ${direction}, ${scan.key} ${direction}` : sql`${scan.key} ${direction}`;
  const rows = run.all(
    sql`SELECT ${scan.key} AS key, ${scan.time} AS time FROM ${scan.from} WHERE ${where} ORDER BY ${sorted} LIMIT ${request.limit + 1}`,
  );
  const shown = rows.slice(0, request.limit).map((row) => Number(row["key"]));
  if (rows.length <= request.limit) return { keys: shown };
  const last = rows[request.limit - 1]!;
  return { keys: shown, next: encodeCursor(request, { timeMicros: Number(last["time"]), seq: Number(last["key"]) - keys.first }) };
}

/**
 * The cursor stands within the bounds, so it takes the place of one of them. With both, SQLite would enter the index by
 * the time alone, and walk again through all entries of the cursor's very microsecond: an import may have thousands.
 */
function boundsBehind(asked: TimeBounds, order: Order): TimeBounds {
  return order.direction === "newest" ? { ...asked, to: undefined } : { ...asked, from: undefined };
}

function behindCursor(scan: Scan, keys: TrailKeys, order: Order, cursor: EntryPlace | undefined): SqlPart {
  if (cursor === undefined) return allOf([]);
  const key = keys.first + cursor.seq;
  const newest = order.direction === "newest";
  if (order.by === "seq") return newest ? sql`${scan.key} < ${key}` : sql`${scan.key} > ${key}`;
  const place = sql`(${scan.time}, ${scan.key})`;
  return newest ? sql`${place} < (${cursor.timeMicros}, ${key})` : sql`${place} > (${cursor.timeMicros}, ${key})`;
}

/** What the scan does not see to. */
function condition(run: SqlRunner, asked: Asked, scan: Scan, order: Order, cursor: EntryPlace | undefined): SqlPart {
  const windows = wordWindows(run, asked, order, cursor);
  const required = requiredWords(asked.rest);
  const parts = asked.rest
    .filter((part) => part.kind !== "words")
    .map((part) => compileQuery(part, { trail: asked.keys.trail, windowOf: windows }));
  if (required.length > 0 && scan.match === undefined) parts.push(hasWords(matchExpression(required), { windowOf: windows }));
  return allOf(parts);
}

/** How many matches are looked up at once: enough for a page, or for one of which other conditions take most away. */
const windowRows = { alone: fewRows, filtered: 20_000 } as const;

/**
 * Finds, for a full-text expression, the keys in which the page most probably lies: the first matches from the place
 * where the page begins. Entries are recorded about in the order in which they happen; those that are not are found
 * too, only one by one.
 */
function wordWindows(run: SqlRunner, asked: Asked, order: Order, cursor: EntryPlace | undefined): (match: string) => KeyWindow {
  const newest = order.direction === "newest";
  const rows = asked.rest.every((part) => part.kind === "words") ? windowRows.alone : windowRows.filtered;
  let start: number | undefined;
  return (match) => {
    start ??= firstKey(run, asked, order, cursor);
    const { first, last } = asked.keys;
    const range = newest ? sql`BETWEEN ${first} AND ${start}` : sql`BETWEEN ${start} AND ${last}`;
    const found = sql`SELECT rowid AS key FROM auditrail_text WHERE auditrail_text MATCH ${match} AND rowid ${range}`;
    const end = run.get(sql`${found} ORDER BY rowid ${newest ? sql`DESC` : sql`ASC`} LIMIT 1 OFFSET ${rows}`)?.["key"];
    if (newest) return { from: end === undefined ? first : Number(end), to: start };
    return { from: start, to: end === undefined ? last : Number(end) };
  };
}

/** Entries that were recorded a little later than the first one shown often happened before it. */
const disorder = 1000;

/** The key around which the page begins. */
function firstKey(run: SqlRunner, { keys, bounds }: Asked, order: Order, cursor: EntryPlace | undefined): number {
  const newest = order.direction === "newest";
  // By time too: the cursor's entry is where the page before ended.
  if (cursor !== undefined) return order.by === "seq" ? keys.first + cursor.seq : nearKey(keys, keys.first + cursor.seq, newest);
  const bound = newest ? bounds.to : bounds.from;
  if (bound === undefined) return newest ? keys.last : keys.first;
  const found = newest ? sql`time < ${bound} ORDER BY time DESC` : sql`time >= ${bound} ORDER BY time ASC`;
  const row = run.get(sql`SELECT key FROM auditrail_entry INDEXED BY auditrail_entry_time WHERE trail = ${keys.trail} AND ${found} LIMIT 1`);
  if (row === undefined) return newest ? keys.last : keys.first;
  return nearKey(keys, Number(row["key"]), newest);
}

function nearKey(keys: TrailKeys, key: number, newest: boolean): number {
  return Math.min(Math.max(key + (newest ? disorder : -disorder), keys.first), keys.last);
}
