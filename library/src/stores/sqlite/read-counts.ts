/**
 * Counts by groups.
 *
 * Three ways, from the fastest: whole hours from the tally, unless an index leads to few entries; groups by columns in SQL;
 * anything else entry by entry, by the code that says what groups mean.
 */

import { openEntry } from "../../event/entry.ts";
import { type Counter, createCounter, groupFields } from "../../query/count-entries.ts";
import type { Field } from "../../query/fields.ts";
import type { CountRequest, CountRow } from "../../query/request.ts";
import { canTally, canTallyLogs, isTotalOfWords, offsetsWithin } from "../../query/tallied.ts";
import { hour, type OffsetChange } from "../../query/zone.ts";
import { addGroups, groupColumns } from "./count-groups.ts";
import { tallyColumns } from "./compile-field.ts";
import { compileOverTally, compileRest, type KeyWindow, matchExpression } from "./compile-query.ts";
import { keyAt } from "./key-at.ts";
import { type Asked, holdsFew, keysOfTrail, planByTime, type Scan } from "./plan-scan.ts";
import { allOf, always, sql, type SqlPart } from "./sql-part.ts";
import type { SqliteRow } from "./driver.ts";
import type { SqlRunner } from "./statement-cache.ts";
import { readStoredEntry } from "./stored-entry.ts";
import { requiredLog, requiredWords, type TimeBounds, topLevel } from "../../query/top-level.ts";

interface Counting {
  readonly run: SqlRunner;
  readonly request: CountRequest;
  readonly asked: Asked;
  readonly counter: Counter;
}

/** Errors: `QUERY_INVALID`, `OPTION_INVALID`. */
export function readCounts(run: SqlRunner, trail: number | undefined, request: CountRequest): readonly CountRow[] {
  const counter = createCounter(request);
  const keys = trail === undefined ? undefined : keysOfTrail(trail);
  const times = keys === undefined ? undefined : readTimes(run, keys.trail);
  if (keys === undefined || times === undefined) return counter.rows();
  const { bounds, rest } = topLevel(request.query);
  const counting = { run, request, counter, asked: { keys, bounds, rest } };
  const grouped = groupFields(request).map(({ field }) => groupColumns[field.name]);
  if (isTotalOfWords(counting)) countWords(counting);
  else if (grouped.some((column) => column === undefined)) countEach(counting);
  else {
    const offsets = offsetsWithin(bounds, times, request);
    if (canTally(request, offsets) && !holdsFew(run, counting.asked)) countByTally(counting, times, offsets);
    else countBySql(counting, bounds, offsets);
  }
  return counter.rows();
}

/** When the trail's first and last event happened; `undefined` in an empty trail. */
function readTimes(run: SqlRunner, trail: number): { readonly from: number; readonly to: number } | undefined {
  const index = sql`FROM auditrail_entry INDEXED BY auditrail_entry_time WHERE trail = ${trail}`;
  const row = run.get(sql`SELECT (SELECT min(time) ${index}) AS first, (SELECT max(time) ${index}) AS last`)!;
  return row["first"] === null ? undefined : { from: Number(row["first"]), to: Number(row["last"]) + 1 };
}

/** The full-text index alone knows how many entries have some words. */
function countWords({ run, asked: { keys, rest }, counter }: Counting): void {
  const match = matchExpression(requiredWords(rest));
  const row = run.get(
    sql`SELECT count(*) AS n FROM auditrail_text WHERE auditrail_text MATCH ${match} AND rowid BETWEEN ${keys.first} AND ${keys.last}`,
  );
  counter.addGroup([], Number(row!["n"]));
}

/** Entries one by one; with what is sealed of them only where a group may be personal data. */
function countEach({ run, request, asked, counter }: Counting): void {
  const { from, where } = scanFor(run, asked, request.newest);
  const rows = run.iterate(sql`SELECT e.key, e.recorded_at, e.hash, e.entry FROM ${from} WHERE ${where}`);
  const isPlain = groupFields(request).every(({ field }) => !readsSealed(field));
  const sealedOf = (key: number): readonly SqliteRow[] =>
    run.all(sql`SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ${key}`);
  for (const row of rows) counter.add(openEntry(readStoredEntry(row, isPlain ? [] : sealedOf(Number(row["key"])))));
}

/** Whether the value of a field can be in what is sealed, or says whether it is there. */
function readsSealed({ name, personal, type }: Field): boolean {
  return personal === true || type === "value" || name === "erased";
}

/** The entries of a query, in no order: all, or the newest of them. */
function scanFor(run: SqlRunner, asked: Asked, newest: number | undefined): Pick<Scan, "from" | "where"> {
  const scan = planByTime(run, asked);
  let window: KeyWindow | undefined;
  const windowOf = (): KeyWindow => (window ??= keysWithin(run, asked));
  const meant = compileRest(asked.rest, scan.answers, { trail: asked.keys.trail, windowOf });
  const where = allOf([scan.where, meant]);
  if (newest === undefined) return { from: scan.from, where };
  const sorted = sql`SELECT e.* FROM ${scan.from} WHERE ${where} ORDER BY ${scan.time} DESC, ${scan.key} DESC`;
  return { from: sql`(${sorted} LIMIT ${newest}) e`, where: always };
}

/** All entries within the bounds are looked at, so all matches among them are best looked up at once. */
function keysWithin(run: SqlRunner, { keys, bounds }: Asked): KeyWindow {
  return {
    from: bounds.from === undefined ? keys.first : keyAt(run, keys, bounds.from, "oldest"),
    to: bounds.to === undefined ? keys.last : keyAt(run, keys, bounds.to, "newest"),
  };
}

function countBySql(
  { run, request, asked, counter }: Counting,
  bounds: TimeBounds,
  offsets: readonly OffsetChange[],
): void {
  const { from, where } = scanFor(run, { ...asked, bounds }, request.newest);
  const entries = { from, where, columns: groupColumns, time: sql`e.time`, count: sql`count(*)` };
  addGroups(run, request, counter, { ...entries, offsets });
}

/** From the first to before the last, counted since 1970. */
interface Hours {
  readonly first: number;
  readonly last: number;
}

/** Whole hours from the tally, and the parts of hours at both ends from the entries. */
function countByTally(counting: Counting, times: TimeBounds, offsets: readonly OffsetChange[]): void {
  const { from, to } = counting.asked.bounds;
  const firstHour = Math.ceil((from ?? times.from!) / hour - (from === undefined ? 1 : 0));
  const lastHour = Math.floor((to ?? times.to!) / hour + (to === undefined ? 1 : 0));
  if (firstHour >= lastHour) return countBySql(counting, counting.asked.bounds, offsets);
  countHours(counting, { first: firstHour, last: lastHour }, offsets);
  if (from !== undefined && from < firstHour * hour) countBySql(counting, { from, to: firstHour * hour }, offsets);
  if (to !== undefined && to > lastHour * hour) countBySql(counting, { from: lastHour * hour, to }, offsets);
}

function countHours(
  { run, request, asked, counter }: Counting,
  { first, last }: Hours,
  offsets: readonly OffsetChange[],
): void {
  const { keys, rest, bounds } = asked;
  const isBounded = bounds.from !== undefined || bounds.to !== undefined;
  const log = requiredLog(rest);
  const ofLogs = log !== undefined ? sql`e.log = ${log}` : isBounded ? sql`e.log IN (${logsOf(keys.trail)})` : always;
  const hours = sql`e.trail = ${keys.trail} AND ${ofLogs} AND e.hour >= ${first} AND e.hour < ${last}`;
  addGroups(run, request, counter, {
    from: canTallyLogs({ request, asked }) ? sql`auditrail_tally_log e` : sql`auditrail_tally e`,
    where: allOf([hours, ...rest.map(compileOverTally)]),
    columns: tallyColumns,
    time: sql`e.hour * ${hour}`,
    count: sql`sum(e.entries)`,
    offsets,
  });
}

/** The tally lies in the order of logs: to begin at an hour, it has to be asked for each of them. They are few, and each is found by one look. */
function logsOf(trail: number): SqlPart {
  const next = (after: SqlPart): SqlPart =>
    sql`(SELECT min(t.log) FROM auditrail_tally_log t WHERE t.trail = ${trail} AND ${after})`;
  return sql`WITH RECURSIVE logs (log) AS (SELECT ${next(always)} UNION ALL SELECT ${next(sql`t.log > logs.log`)} FROM logs WHERE logs.log IS NOT NULL)
    SELECT log FROM logs WHERE log IS NOT NULL`;
}
