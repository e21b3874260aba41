/**
 * Where to begin: which index leads to the entries of a query.
 *
 * The database has no statistics (ANALYZE would have to be run, and audit data changes its shape under it), so each
 * index that fits is asked how much it holds, up to a limit, and every statement names the index it is to use.
 */

import type { FieldQuery, Query } from "../../query/ast.ts";
import { isEventId } from "../../base/ids.ts";
import { decodeHex } from "../../base/bytes.ts";
import { matchExpression } from "./compile-query.ts";
import { allOf, always, sql, type SqlPart } from "./sql-part.ts";
import { isNoRead } from "./migrations/0004-index-without-reads.ts";
import type { SqlRunner } from "./statement-cache.ts";
import {
  requiredLog,
  requiredPart,
  requiredReference,
  requiredText,
  requiredWords,
  type TimeBounds,
} from "../../query/top-level.ts";

/** Rows to read, as `e`, and what they come ordered by. */
export interface Scan {
  readonly from: SqlPart;
  readonly where: SqlPart;
  /** The expressions to sort and to compare cursors by; an index in this order needs no sorting. */
  readonly time: SqlPart;
  readonly key: SqlPart;
  /** Whether it comes in the order of time and key by itself. */
  readonly byTime: boolean;
  /** The conditions that all of its rows fulfil. */
  readonly answers: readonly Query[];
}

/** A trail and the first and last key it can have. */
export interface TrailKeys {
  readonly trail: number;
  readonly first: number;
  readonly last: number;
}

const entriesPerTrail = 2 ** 32;

export function keysOfTrail(trail: number): TrailKeys {
  return { trail, first: trail * entriesPerTrail, last: (trail + 1) * entriesPerTrail - 1 };
}

/** So many rows are read and sorted in a few milliseconds; what has more is better walked in order. */
export const fewRows = 2000;

export interface Asked {
  readonly keys: TrailKeys;
  readonly bounds: TimeBounds;
  readonly rest: readonly Query[];
}

/** The scan for a page in the order of time, or for counting. */
export function planByTime(run: SqlRunner, asked: Asked): Scan {
  const candidates = [...indexScans(asked), ...wordScan(run, asked)];
  const [only, another] = candidates;
  // In order by itself, it is read only as far as the page goes: how much it holds makes no difference.
  if (only?.byTime === true && another === undefined) return only;
  return (
    fewest(run, candidates) ?? candidates.find(({ byTime }) => byTime) ?? only ?? noReadScan(asked) ?? timeScan(asked)
  );
}

/** The scan for a page in the order of positions: the trail itself, unless an index holds only few rows. */
export function planBySeq(run: SqlRunner, asked: Asked): Scan {
  return fewest(run, [...indexScans(asked), ...wordScan(run, asked)]) ?? keyScan(asked);
}

/** Whether an index holds so few of the entries that reading them is less work than adding up hours. Of a log, hours are never more. */
export function holdsFew(run: SqlRunner, asked: Asked): boolean {
  const rest = asked.rest.filter((part) => requiredText([part], "log") === undefined);
  return fewest(run, indexScans({ ...asked, rest })) !== undefined;
}

/** The candidate with the fewest rows, if any has few. */
function fewest(run: SqlRunner, candidates: readonly Scan[]): Scan | undefined {
  let best: Scan | undefined;
  let limit = fewRows;
  for (const candidate of candidates) {
    const { from, where } = candidate;
    const rows = Number(
      run.get(sql`SELECT count(*) AS n FROM (SELECT 1 FROM ${from} WHERE ${where} LIMIT ${limit})`)!["n"],
    );
    if (rows < limit) [best, limit] = [candidate, rows];
  }
  return best;
}

/** The most telling first: it is taken where none has few rows. */
function indexScans({ keys: { trail }, bounds, rest }: Asked): readonly Scan[] {
  const id = requiredText(rest, "id");
  if (id !== undefined && isEventId(id)) {
    const bytes = decodeHex(id.replaceAll("-", ""));
    return [
      entryScan(sql`INDEXED BY auditrail_entry_id`, sql`e.trail = ${trail} AND e.event_id = ${bytes}`, bounds, false),
    ];
  }
  const actor = requiredReference(rest, "actor")?.id ?? requiredText(rest, "actor.id");
  const [operation, action, log] = [requiredText(rest, "operation"), requiredText(rest, "action"), requiredLog(rest)];
  return [
    operation === undefined
      ? undefined
      : entryScan(
          sql`INDEXED BY auditrail_entry_operation`,
          sql`e.trail = ${trail} AND e.operation = ${operation}`,
          bounds,
        ),
    targetScan(trail, bounds, rest),
    actor === undefined
      ? undefined
      : entryScan(sql`INDEXED BY auditrail_entry_actor`, sql`e.trail = ${trail} AND e.actor_id = ${actor}`, bounds),
    action === undefined
      ? undefined
      : entryScan(sql`INDEXED BY auditrail_entry_action`, sql`e.trail = ${trail} AND e.action = ${action}`, bounds),
    log === undefined
      ? undefined
      : entryScan(sql`INDEXED BY auditrail_entry_log`, sql`e.trail = ${trail} AND e.log = ${log}`, bounds),
    neverSuccess(rest)
      ? entryScan(sql`INDEXED BY auditrail_entry_failure`, sql`e.trail = ${trail} AND e.outcome <> 'success'`, bounds)
      : undefined,
  ].filter((scan) => scan !== undefined);
}

/** Whether success is ruled out: as `-outcome:success`, or because only other outcomes are named. */
function neverSuccess(rest: readonly Query[]): boolean {
  return rest.some((query) => {
    if (query.kind === "not") return namedTexts(query.part, "outcome")?.includes("success") ?? false;
    return namedTexts(query, "outcome")?.every((outcome) => outcome !== "success") ?? false;
  });
}

/** Everything in the order of time but reads, where they are ruled out. */
function noReadScan({ keys: { trail }, bounds, rest }: Asked): Scan | undefined {
  const answered = rest.find((query) => query.kind === "not" && namedTexts(query.part, "op")?.join() === "read");
  if (answered === undefined) return undefined;
  const scan = entryScan(sql`INDEXED BY auditrail_entry_no_read`, sql`e.trail = ${trail} AND ${noRead}`, bounds);
  return { ...scan, answers: [answered] };
}

const noRead: SqlPart = { sql: isNoRead, parameters: [] };

/** The values that a query asks of a field, if it asks for values of it by name and for nothing else. */
function namedTexts(query: Query, field: "outcome" | "op"): readonly string[] | undefined {
  if (query.kind !== "field" || query.field !== field) return undefined;
  const names = query.tests.map((test) =>
    test.kind === "text" && test.pattern.length === 1 ? test.pattern[0] : undefined,
  );
  return names.every((name) => name !== undefined) ? names : undefined;
}

export function timeScan({ keys: { trail }, bounds }: Pick<Asked, "keys" | "bounds">): Scan {
  return entryScan(sql`INDEXED BY auditrail_entry_time`, sql`e.trail = ${trail}`, bounds);
}

function keyScan({ keys, bounds }: Asked): Scan {
  return entryScan(sql`NOT INDEXED`, sql`e.key BETWEEN ${keys.first} AND ${keys.last}`, bounds, false);
}

function entryScan(index: SqlPart, condition: SqlPart, bounds: TimeBounds, byTime = true): Scan {
  const where = sql`${condition} AND ${withinBounds(sql`e.time`, bounds)}`;
  return { from: sql`auditrail_entry e ${index}`, where, time: sql`e.time`, key: sql`e.key`, byTime, answers: [] };
}

function targetScan(trail: number, bounds: TimeBounds, rest: readonly Query[]): Scan | undefined {
  const field = requiredReference(rest, "target") === undefined ? "target.id" : "target";
  const id = requiredReference(rest, "target")?.id ?? requiredText(rest, "target.id");
  if (id === undefined) return undefined;
  const { type } = requiredReference(rest, "target") ?? { type: undefined };
  const part = requiredPart(rest, field)!;
  const where = sql`t.trail = ${trail} AND t.id = ${id} AND ${withinBounds(sql`t.time`, bounds)}`;
  if (type !== undefined) {
    const from = sql`auditrail_target t CROSS JOIN auditrail_entry e ON e.key = t.key`;
    return {
      from,
      where: sql`${where} AND t.type = ${type}`,
      time: sql`t.time`,
      key: sql`t.key`,
      byTime: true,
      answers: [part],
    };
  }
  // One entry may have two targets of different types with the same id, and is still one row.
  const keys = sql`SELECT DISTINCT key FROM auditrail_target t WHERE ${where}`;
  const answers = hasTypePattern(part) ? [] : [part];
  const from = sql`(${keys}) t CROSS JOIN auditrail_entry e ON e.key = t.key`;
  return { from, where: always, time: sql`e.time`, key: sql`e.key`, byTime: false, answers };
}

function hasTypePattern({ tests: [test] }: FieldQuery): boolean {
  return test?.kind === "reference" && test.type !== undefined;
}

/** The full-text index leads where its words are rare; common ones are looked up while another index is walked. */
function wordScan(run: SqlRunner, { keys, bounds, rest }: Asked): readonly Scan[] {
  const words = requiredWords(rest);
  if (words.length === 0) return [];
  const match = matchExpression(words);
  const rows = sql`SELECT rowid AS key FROM auditrail_text WHERE auditrail_text MATCH ${match} AND rowid BETWEEN ${keys.first} AND ${keys.last}`;
  if (Number(run.get(sql`SELECT count(*) AS n FROM (${rows} LIMIT ${fewRows})`)!["n"]) >= fewRows) return [];
  const from = sql`(${rows}) w CROSS JOIN auditrail_entry e ON e.key = w.key`;
  return [
    {
      from,
      where: withinBounds(sql`e.time`, bounds),
      time: sql`e.time`,
      key: sql`e.key`,
      byTime: false,
      answers: words,
    },
  ];
}

export function withinBounds(time: SqlPart, { from, to }: TimeBounds): SqlPart {
  return allOf([
    ...(from === undefined ? [] : [sql`${time} >= ${from}`]),
    ...(to === undefined ? [] : [sql`${time} < ${to}`]),
  ]);
}
