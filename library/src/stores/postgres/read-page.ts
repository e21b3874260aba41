/** Pages of entries, in one statement each. */

import { encodeCursor, decodeCursor } from "../../query/cursor.ts";
import type { FieldQuery, Query, Words } from "../../query/ast.ts";
import type { EntryPlace } from "../../query/order.ts";
import type { Order, PageRequest } from "../../query/request.ts";
import {
  requiredPart,
  requiredReference,
  requiredText,
  requiredWords,
  type TimeBounds,
  topLevel,
} from "../../query/top-level.ts";
import { exactText } from "../../query/wildcard.ts";
import type { StoredPage } from "../../trail/contracts.ts";
import type { SqlRow } from "./client.ts";
import { targetsNamed } from "./compile-field.ts";
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
  const scan = await planPage(run, { trail, ...topLevel(request.query) }, { order, cursor, limit: limit + 1 });
  const rows = await run(sql`SELECT ${entryColumns}, e.time FROM ${scan.from} WHERE ${scan.where} ${scan.rest}`);
  const entries = rows.slice(0, limit).map(readStoredEntry);
  if (rows.length <= limit) return { entries };
  const place = { timeMicros: Number(rows[limit - 1]!["time"]), seq: entries.at(-1)!.seq };
  return { entries, next: encodeCursor(request, place) };
}

/** Which part of what is found a page shows. */
interface Window {
  readonly order: Order;
  readonly cursor: EntryPlace | undefined;
  readonly limit: number;
}

interface PageScan extends Scan {
  /** What follows the conditions. */
  readonly rest: SqlPart;
}

/** Where a page is looked for in another table than `entry`: its rows by their name, all of which the entries have to be of. */
interface Lead {
  readonly table: SqlPart;
  readonly row: SqlPart;
  readonly where: SqlPart;
  /** What it answers of the question. */
  readonly answers: readonly Query[];
}

/**
 * The rows of another table are put into the page's order first, by the time that stands in them, and entries are read one by
 * one until the page is full: of five thousand matches, a page of fifty. `OFFSET 0` keeps Postgres from joining the other way round.
 */
async function planPage(run: SqlRunner, asked: Asked, window: Window): Promise<PageScan> {
  const { trail, bounds, rest } = asked;
  const words = requiredWords(rest);
  const lead = (await areFew(run, words, trail)) ? wordLead(words, trail) : targetLead(asked);
  if (lead === undefined) {
    const scan = walk(asked);
    return {
      from: scan.from,
      where: allOf([scan.where, behind(trail, window, sql`e`)]),
      rest: inOrder(window, sql`e`),
    };
  }
  const { table, row } = lead;
  const others = rest.filter((part) => !lead.answers.includes(part)).map((part) => compileQuery(part, trail));
  const found = allOf([lead.where, ...withinBounds(bounds, row), behind(trail, window, row)]);
  const first = others.length === 0 ? inOrder(window, row) : sortedBy(window, row);
  // One entry may have two targets with the same id, and is one row.
  const rows = sql`SELECT DISTINCT ${row}.time, ${row}.key FROM ${table} ${row} WHERE ${found} ${first}`;
  return {
    from: sql`(${rows}) f CROSS JOIN LATERAL (SELECT * FROM $schema.entry e WHERE e.key = f.key OFFSET 0) e`,
    where: allOf(others),
    rest: inOrder(window, sql`f`),
  };
}

function targetLead({ trail, rest }: Asked): Lead | undefined {
  const reference = requiredReference(rest, "target");
  const id = reference?.id ?? requiredText(rest, "target.id");
  if (id === undefined) return undefined;
  const part = requiredPart(rest, reference === undefined ? "target.id" : "target")!;
  // A type that is a pattern is looked for in the entry itself.
  const answers = hasTypePattern(part) ? [] : [part];
  return { table: sql`$schema.target`, row: sql`t`, where: targetsNamed(trail, id, reference?.type), answers };
}

function hasTypePattern({ tests: [test] }: FieldQuery): boolean {
  return test?.kind === "reference" && test.type !== undefined && exactText(test.type) === undefined;
}

function wordLead(words: readonly Words[], trail: number): Lead {
  return { table: sql`$schema.search`, row: sql`s`, where: rowsWithWords(words, trail), answers: words };
}

function behind(trail: number, { order, cursor }: Window, row: SqlPart): SqlPart {
  if (cursor === undefined) return always;
  const key = entryKey(trail, cursor.seq);
  const sign = order.direction === "newest" ? sql`<` : sql`>`;
  return order.by === "seq"
    ? sql`${row}.key ${sign} ${key}`
    : sql`(${row}.time, ${row}.key) ${sign} (${cursor.timeMicros}, ${key})`;
}

function sortedBy({ order }: Window, row: SqlPart): SqlPart {
  const direction = order.direction === "newest" ? sql`DESC` : sql`ASC`;
  return order.by === "time"
    ? sql`ORDER BY ${row}.time ${direction}, ${row}.key ${direction}`
    : sql`ORDER BY ${row}.key ${direction}`;
}

function inOrder(window: Window, row: SqlPart): SqlPart {
  return sql`${sortedBy(window, row)} LIMIT ${window.limit}`;
}

/** Where the full-text index is thought to have so few matches, it leads; where it has more, they are looked up on the way. */
const fewMatches = 10_000;

/**
 * Which rows to read. Postgres chooses among the indexes of `entry` itself, from its statistics. Free words are in another
 * table, which it would join the wrong way round, so here it is only asked how many it expects.
 */
export async function planScan(run: SqlRunner, asked: Asked): Promise<Scan> {
  const { trail, rest } = asked;
  const words = requiredWords(rest);
  if (!(await areFew(run, words, trail))) return walk(asked);
  // An array is looked up by one scan of each partition; a join would begin one in every partition for every match.
  const keys = sql`ARRAY(SELECT s.key FROM $schema.search s WHERE ${rowsWithWords(words, trail)})`;
  const found = sql`(SELECT * FROM $schema.entry e WHERE e.key = ANY (${keys}) OFFSET 0) e`;
  return { from: found, where: walk({ ...asked, rest: rest.filter((part) => part.kind !== "words") }).where };
}

/** The entries themselves, where no other table leads to few of them. */
function walk({ trail, bounds, rest }: Asked): Scan {
  const words = requiredWords(rest);
  const others = rest.filter((part) => part.kind !== "words").map((part) => compileQuery(part, trail));
  const withWords = words.length === 0 ? [] : [hasWords(words)];
  const within = [sql`e.trail = ${trail}`, ...withinBounds(bounds, sql`e`), ...others, ...withWords];
  return { from: sql`$schema.entry e`, where: allOf(within) };
}

async function areFew(run: SqlRunner, words: readonly Words[], trail: number): Promise<boolean> {
  if (words.length === 0) return false;
  const matches = sql`SELECT FROM $schema.search s WHERE ${foundByIndex(words, trail)}`;
  return (await expectedRows(run, matches)) <= fewMatches;
}

async function expectedRows(run: SqlRunner, rows: SqlPart): Promise<number> {
  const [row] = await run(sql`EXPLAIN (FORMAT JSON) ${rows}`);
  const plan: unknown = row!["QUERY PLAN"];
  const [{ Plan }] = (typeof plan === "string" ? JSON.parse(plan) : plan) as readonly [
    { readonly Plan: Record<string, unknown> },
  ];
  return Number(Plan["Plan Rows"]);
}

function withinBounds({ from, to }: TimeBounds, row: SqlPart): readonly SqlPart[] {
  return [
    ...(from === undefined ? [] : [sql`${row}.time >= ${from}`]),
    ...(to === undefined ? [] : [sql`${row}.time < ${to}`]),
  ];
}
