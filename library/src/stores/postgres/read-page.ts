/** Pages of entries, in one statement each. */

import { encodeCursor, decodeCursor } from "../../query/cursor.ts";
import type { Query } from "../../query/ast.ts";
import type { EntryPlace } from "../../query/order.ts";
import type { Order, PageRequest } from "../../query/request.ts";
import { requiredWords, type TimeBounds, topLevel } from "../../query/top-level.ts";
import type { StoredPage } from "../../trail/contracts.ts";
import type { SqlRow } from "./client.ts";
import { compileQuery, foundByIndex, hasWords, rowsWithWords } from "./compile-query.ts";
import { entryKey } from "./entry-key.ts";
import { allOf, always, sql, type SqlPart } from "./sql-part.ts";
import { entryColumns, readStoredEntry } from "./stored-entry.ts";

export type SqlRunner = (part: SqlPart) => Promise<readonly SqlRow[]>;

/** A question to one trail, with what holds of every entry that it is about taken out. */
export interface Asked {
  readonly trail: number;
  readonly bounds: TimeBounds;
  readonly rest: readonly Query[];
}

/** The rows that a question is about, as `e`. */
export interface Scan {
  readonly from: SqlPart;
  readonly where: SqlPart;
}

/** Errors: `CURSOR_INVALID`, `QUERY_INVALID`. */
export async function readPage(run: SqlRunner, trail: number | undefined, request: PageRequest): Promise<StoredPage> {
  const cursor = decodeCursor(request);
  if (trail === undefined) return { entries: [] };
  const { order, limit } = request;
  const scan = await planScan(run, { trail, ...topLevel(request.query) });
  const direction = order.direction === "newest" ? sql`DESC` : sql`ASC`;
  const sorted = order.by === "time" ? sql`e.time ${direction}, e.key ${direction}` : sql`e.key ${direction}`;
  const where = allOf([scan.where, behind(trail, order, cursor)]);
  const rows = await run(
    sql`SELECT ${entryColumns}, e.time FROM ${scan.from} WHERE ${where} ORDER BY ${sorted} LIMIT ${limit + 1}`,
  );
  const entries = rows.slice(0, limit).map(readStoredEntry);
  if (rows.length <= limit) return { entries };
  const place = { timeMicros: Number(rows[limit - 1]!["time"]), seq: entries.at(-1)!.seq };
  return { entries, next: encodeCursor(request, place) };
}

function behind(trail: number, order: Order, cursor: EntryPlace | undefined): SqlPart {
  if (cursor === undefined) return always;
  const key = entryKey(trail, cursor.seq);
  const sign = order.direction === "newest" ? sql`<` : sql`>`;
  return order.by === "seq" ? sql`e.key ${sign} ${key}` : sql`(e.time, e.key) ${sign} (${cursor.timeMicros}, ${key})`;
}

/** Where the full-text index is thought to have so few matches, it leads; where it has more, they are looked up on the way. */
const fewMatches = 10_000;

/**
 * Which rows to read. Postgres chooses among the indexes of `entry` itself, from its statistics. Free words are in another
 * table, which it would join the wrong way round, so here it is only asked how many it expects.
 */
export async function planScan(run: SqlRunner, { trail, bounds, rest }: Asked): Promise<Scan> {
  const words = requiredWords(rest);
  const others = rest.filter((part) => part.kind !== "words").map((part) => compileQuery(part, trail));
  const within = [sql`e.trail = ${trail}`, ...withinBounds(bounds), ...others];
  if (words.length === 0) return { from: sql`$schema.entry e`, where: allOf(within) };
  const matches = sql`SELECT FROM $schema.search s WHERE ${foundByIndex(words, trail)}`;
  if ((await expectedRows(run, matches)) > fewMatches)
    return { from: sql`$schema.entry e`, where: allOf([...within, hasWords(words)]) };
  // An array is looked up by one scan of each partition; a join would begin one in every partition for every match.
  const keys = sql`ARRAY(SELECT s.key FROM $schema.search s WHERE ${rowsWithWords(words, trail)})`;
  const found = sql`(SELECT * FROM $schema.entry e WHERE e.key = ANY (${keys}) OFFSET 0) e`;
  return { from: found, where: allOf(within) };
}

async function expectedRows(run: SqlRunner, rows: SqlPart): Promise<number> {
  const [row] = await run(sql`EXPLAIN (FORMAT JSON) ${rows}`);
  const plan: unknown = row!["QUERY PLAN"];
  const [{ Plan }] = (typeof plan === "string" ? JSON.parse(plan) : plan) as readonly [
    { readonly Plan: Record<string, unknown> },
  ];
  return Number(Plan["Plan Rows"]);
}

function withinBounds({ from, to }: TimeBounds): readonly SqlPart[] {
  return [...(from === undefined ? [] : [sql`e.time >= ${from}`]), ...(to === undefined ? [] : [sql`e.time < ${to}`])];
}
