/** Pages of entries, in order, out of the index that leads to them. */

import { keyAt, nearKey } from "./key-at.ts";
import { compileRest, type KeyWindow } from "./compile-query.ts";
import { encodeCursor, decodeCursor } from "../../query/cursor.ts";
import type { EntryPlace } from "../../query/order.ts";
import type { Order, PageRequest } from "../../query/request.ts";
import type { SqliteRow } from "./driver.ts";
import { type Asked, keysOfTrail, planBySeq, planByTime, type Scan, type TrailKeys, fewRows } from "./plan-scan.ts";
import { allOf, always, sql, type SqlPart } from "./sql-part.ts";
import type { SqlRunner } from "./statement-cache.ts";
import { intersect, topLevel } from "../../query/top-level.ts";

export interface PageOfRows {
  /** As {@link readStoredEntry} takes them. */
  readonly rows: readonly SqliteRow[];
  readonly next?: string;
}

/** Errors: `CURSOR_INVALID`, `QUERY_INVALID`. */
export function readPageOfRows(run: SqlRunner, trail: number | undefined, request: PageRequest): PageOfRows {
  const cursor = decodeCursor(request);
  if (trail === undefined) return { rows: [] };
  const keys = keysOfTrail(trail);
  const rows = readRows(run, keys, request, cursor);
  if (rows.length <= request.limit) return { rows };
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1)!;
  const place = { timeMicros: Number(last["time"]), seq: Number(last["key"]) - keys.first };
  return { rows: shown, next: encodeCursor(request, place) };
}

/** The rows of a page, and one more where there is one. */
function readRows(
  run: SqlRunner,
  keys: TrailKeys,
  request: PageRequest,
  cursor: EntryPlace | undefined,
): readonly SqliteRow[] {
  const { order, query, limit } = request;
  const asked = { keys, ...topLevel(query) };
  const windowOf = wordWindows(run, asked, order, cursor);
  const rows: SqliteRow[] = [];
  for (const part of partsBehind(asked, order, cursor)) {
    const scan = order.by === "time" ? planByTime(run, part) : planBySeq(run, part);
    const meant = compileRest(asked.rest, scan.answers, { trail: keys.trail, windowOf });
    const where = allOf([scan.where, part.range(scan), meant]);
    const columns = sql`${scan.key} AS key, ${scan.time} AS time, e.recorded_at, e.hash, e.entry`;
    const page = sql`SELECT ${columns} FROM ${scan.from} WHERE ${where} ORDER BY ${sorted(scan, order)}`;
    rows.push(...run.all(sql`${page} LIMIT ${limit + 1 - rows.length}`));
    if (rows.length > limit) break;
  }
  return rows;
}

function sorted({ time, key }: Scan, { by, direction }: Order): SqlPart {
  const way = direction === "newest" ? sql`DESC` : sql`ASC`;
  return by === "time" ? sql`${time} ${way}, ${key} ${way}` : sql`${key} ${way}`;
}

/** A part of what is asked, and what its rows have to fulfil besides. */
interface PartBehind extends Asked {
  range(scan: Scan): SqlPart;
}

/**
 * What is behind a cursor, in parts that an index can be entered with. SQLite enters with one bound from either side, of
 * which the cursor's has to be the only one: beside another, wider one, each page would be walked to from the beginning.
 * By time there are two parts, the rest of the cursor's own microsecond, of which an import may have thousands, and what comes then.
 */
function partsBehind(asked: Asked, order: Order, cursor: EntryPlace | undefined): readonly PartBehind[] {
  if (cursor === undefined) return [{ ...asked, range: () => always }];
  const { timeMicros, seq } = cursor;
  const newest = order.direction === "newest";
  const key = asked.keys.first + seq;
  const keys = { ...asked.keys, ...(newest ? { last: key - 1 } : { first: key + 1 }) };
  const inKeys = (scan: Scan): SqlPart => sql`${scan.key} BETWEEN ${keys.first} AND ${keys.last}`;
  if (order.by === "seq") return [{ ...asked, keys, range: inKeys }];
  const within = (from: number | undefined, to: number | undefined): Asked => ({
    ...asked,
    bounds: intersect(asked.bounds, { from, to }),
  });
  return [
    {
      ...within(timeMicros, timeMicros + 1),
      range: (scan) => sql`${scan.time} = ${timeMicros} AND ${inKeys(scan)}`,
    },
    { ...(newest ? within(undefined, timeMicros) : within(timeMicros + 1, undefined)), range: () => always },
  ];
}

/** How many matches are looked up at once: enough for a page, or for one of which other conditions take most away. */
const windowRows = { alone: fewRows, filtered: 20_000 } as const;

/**
 * Finds, for a full-text expression, the keys in which the page most probably lies: the first matches from the place
 * where the page begins. Entries are recorded about in the order in which they happen; those that are not are found
 * too, only one by one.
 */
function wordWindows(
  run: SqlRunner,
  asked: Asked,
  order: Order,
  cursor: EntryPlace | undefined,
): (match: string) => KeyWindow {
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

/** The key around which the page begins. */
function firstKey(run: SqlRunner, { keys, bounds }: Asked, order: Order, cursor: EntryPlace | undefined): number {
  if (cursor !== undefined) return nearKey(keys, keys.first + cursor.seq, order.direction);
  const newest = order.direction === "newest";
  const bound = newest ? bounds.to : bounds.from;
  if (bound === undefined) return newest ? keys.last : keys.first;
  return keyAt(run, keys, bound, order.direction);
}
