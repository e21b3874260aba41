/**
 * Counts by groups.
 *
 * Three ways, from the fastest: whole hours from the tally, unless an index leads to few entries; groups by columns in SQL;
 * anything else entry by entry, by the code that says what groups mean.
 */

import { openEntry } from "../../event/entry.ts";
import { type Bucket, bucketOf } from "../../query/bucket.ts";
import { bucketKey, type Counter, createCounter, groupFields } from "../../query/count-entries.ts";
import { findField } from "../../query/fields.ts";
import type { CountRequest, CountRow } from "../../query/request.ts";
import { canTally, fieldsOf, isTotalOfWords, offsetsWithin } from "../../query/tallied.ts";
import { hour, type OffsetChange } from "../../query/zone.ts";
import { addGroups, groupColumns, keyNames } from "./count-groups.ts";
import { compileQuery, compileRest, type KeyWindow, matchExpression } from "./compile-query.ts";
import { keyAt } from "./key-at.ts";
import { type Asked, keysOfTrail, planByTime, planFew, type Scan } from "./plan-scan.ts";
import { allOf, list, sql, type SqlPart } from "./sql-part.ts";
import type { SqlRunner } from "./statement-cache.ts";
import { readStoredEntry } from "./stored-entry.ts";
import { requiredWords, type TimeBounds, topLevel } from "../../query/top-level.ts";

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
    if (canTally(counting, offsets) && planFew(run, counting.asked) === undefined)
      countByTally(counting, times, offsets);
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

/** Entries one by one. */
function countEach({ run, asked, counter }: Counting): void {
  const { from, where } = scanFor(run, asked);
  const rows = run.iterate(sql`SELECT e.key, e.recorded_at, e.hash, e.entry FROM ${from} WHERE ${where}`);
  for (const row of rows) {
    const sealed = run.all(
      sql`SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ${Number(row["key"])}`,
    );
    counter.add(openEntry(readStoredEntry(row, sealed)));
  }
}

/** The entries of a query, in no order. */
function scanFor(run: SqlRunner, asked: Asked): Pick<Scan, "from" | "where"> {
  const scan = planByTime(run, asked);
  let window: KeyWindow | undefined;
  const windowOf = (): KeyWindow => (window ??= keysWithin(run, asked));
  const meant = compileRest(asked.rest, scan.answers, { trail: asked.keys.trail, windowOf });
  return { from: scan.from, where: allOf([scan.where, meant]) };
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
  const { from, where } = scanFor(run, { ...asked, bounds });
  addGroups(run, request, counter, { from, where, time: sql`e.time`, count: sql`count(*)`, offsets });
}

/** Whole hours from the tally, and the parts of hours at both ends from the entries. */
function countByTally(counting: Counting, times: TimeBounds, offsets: readonly OffsetChange[]): void {
  const { from, to } = counting.asked.bounds;
  const firstHour = Math.ceil((from ?? times.from!) / hour - (from === undefined ? 1 : 0));
  const lastHour = Math.floor((to ?? times.to!) / hour + (to === undefined ? 1 : 0));
  if (firstHour >= lastHour) return countBySql(counting, counting.asked.bounds, offsets);
  countHours(counting, firstHour, lastHour, offsets);
  if (from !== undefined && from < firstHour * hour) countBySql(counting, { from, to: firstHour * hour }, offsets);
  if (to !== undefined && to > lastHour * hour) countBySql(counting, { from: lastHour * hour, to }, offsets);
}

function countHours(
  { run, request, asked, counter }: Counting,
  first: number,
  last: number,
  offsets: readonly OffsetChange[],
): void {
  const { trail } = asked.keys;
  const conditions = asked.rest.map((part) => compileQuery(part, { trail, windowOf: () => ({ from: 0, to: 0 }) }));
  const where = allOf([sql`e.trail = ${trail}`, sql`e.hour >= ${first}`, sql`e.hour < ${last}`, ...conditions]);
  const names = [...request.by, ...asked.rest.flatMap(fieldsOf)];
  const tally = names.includes("action") ? sql`auditrail_tally e` : sql`auditrail_tally_log e`;
  if (request.bucket !== undefined && request.by.every((field) => field === "outcome"))
    addHours(run, request.by, request.bucket, counter, sql`${tally} WHERE ${where}`);
  else
    addGroups(run, request, counter, {
      from: tally,
      where,
      time: sql`e.hour * ${hour}`,
      count: sql`sum(entries)`,
      offsets,
    });
}

const outcomes = findField("outcome")!.values!;

/**
 * By outcome at most, which every chart over a list asks for: the tally lies in the order of hours, so that grouping
 * by them alone sorts nothing. Half the time of grouping 160,000 rows by bucket and outcome.
 */
function addHours(run: SqlRunner, by: readonly string[], bucket: Bucket, counter: Counter, rows: SqlPart): void {
  const series = by.length === 0 ? [undefined] : outcomes;
  const sums = series.map((outcome, index) => {
    const sum = outcome === undefined ? sql`sum(entries)` : sql`sum(entries) FILTER (WHERE outcome = ${outcome})`;
    return sql`${sum} AS ${keyNames[index]!}`;
  });
  for (const row of run.all(sql`SELECT hour, ${list(sums)} FROM ${rows} GROUP BY hour`)) {
    const start = bucketKey(bucketOf(Number(row["hour"]) * hour, bucket));
    series.forEach((outcome, index) => {
      const count = Number(row[`k${index}`] ?? 0);
      if (count > 0) counter.addGroup([start, ...by.map(() => outcome!)], count);
    });
  }
}
