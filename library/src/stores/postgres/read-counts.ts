/**
 * Counts by groups.
 *
 * Three ways, from the fastest: whole hours from the tally; groups by columns in SQL; anything else entry by entry, by
 * the code that says what groups mean.
 */

import { openEntry } from "../../event/entry.ts";
import { type Counter, createCounter, groupFields } from "../../query/count-entries.ts";
import type { CountRequest, CountRow } from "../../query/request.ts";
import { canTally, canTallyLogs, isTotalOfWords, offsetsWithin } from "../../query/tallied.ts";
import { requiredLog, requiredWords, type TimeBounds, topLevel } from "../../query/top-level.ts";
import { hour, type OffsetChange } from "../../query/zone.ts";
import { tallyColumns } from "./compile-field.ts";
import { compileOverTally, rowsWithWords } from "./compile-query.ts";
import { addGroups, groupColumns } from "./count-groups.ts";
import { type Asked, planScan, type Scan, type SqlRunner } from "./read-page.ts";
import { allOf, always, sql, type SqlPart } from "./sql-part.ts";
import { entryColumns, readStoredEntry } from "./stored-entry.ts";

interface Counting {
  readonly run: SqlRunner;
  readonly request: CountRequest;
  readonly asked: Asked;
  readonly counter: Counter;
}

/** Errors: `QUERY_INVALID`, `OPTION_INVALID`. */
export async function readCounts(
  run: SqlRunner,
  trail: number | undefined,
  request: CountRequest,
): Promise<readonly CountRow[]> {
  const counter = createCounter(request);
  const times = trail === undefined ? undefined : await readTimes(run, trail);
  if (trail === undefined || times === undefined) return counter.rows();
  const asked = { trail, ...topLevel(request.query) };
  const counting = { run, request, counter, asked };
  const grouped = groupFields(request).map(({ field }) => groupColumns[field.name]);
  if (isTotalOfWords(counting)) await countWords(counting);
  else if (grouped.some((column) => column === undefined)) await countEach(counting);
  else {
    const offsets = offsetsWithin(asked.bounds, times, request);
    if (canTally(request, offsets)) await countByTally(counting, times, offsets);
    else await countBySql(counting, asked.bounds, offsets);
  }
  return counter.rows();
}

/** When the trail's first and last event happened; `undefined` in an empty trail. */
async function readTimes(run: SqlRunner, trail: number) {
  const end = (direction: ReturnType<typeof sql>) =>
    sql`(SELECT e.time FROM $schema.entry e WHERE e.trail = ${trail} ORDER BY e.time ${direction} LIMIT 1)`;
  const [row] = await run(sql`SELECT ${end(sql`ASC`)} AS first, ${end(sql`DESC`)} AS last`);
  return row!["first"] === null ? undefined : { from: Number(row!["first"]), to: Number(row!["last"]) + 1 };
}

/** The full-text index alone knows how many entries have some words. */
async function countWords({ run, asked: { trail, rest }, counter }: Counting): Promise<void> {
  const rows = sql`$schema.search s WHERE ${rowsWithWords(requiredWords(rest), trail)}`;
  const [row] = await run(sql`SELECT count(*) AS n FROM ${rows}`);
  counter.addGroup([], Number(row!["n"]));
}

/** So many entries are in memory at once. */
const entriesAtOnce = 2_000;

/** Entries one by one. */
async function countEach({ run, request, asked, counter }: Counting): Promise<void> {
  const scan = await scanFor(run, asked, request.newest);
  for (let last = -1; ;) {
    const where = allOf([scan.where, sql`e.key > ${last}`]);
    const rows = await run(
      sql`SELECT ${entryColumns} FROM ${scan.from} WHERE ${where} ORDER BY e.key LIMIT ${entriesAtOnce}`,
    );
    for (const row of rows) counter.add(openEntry(readStoredEntry(row)));
    if (rows.length < entriesAtOnce) return;
    last = Number(rows.at(-1)!["key"]);
  }
}

/** The entries of a query, in no order: all, or the newest of them, whose keys are looked up first. */
async function scanFor(run: SqlRunner, asked: Asked, newest: number | undefined): Promise<Scan> {
  const scan = await planScan(run, asked);
  if (newest === undefined) return scan;
  const keys = await run(
    sql`SELECT e.key FROM ${scan.from} WHERE ${scan.where} ORDER BY e.time DESC, e.key DESC LIMIT ${newest}`,
  );
  const found = sql`${JSON.stringify(keys.map(({ key }) => Number(key)))}::text::json`;
  const isFound = sql`e.key = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text(${found}) value))`;
  return { from: sql`$schema.entry e`, where: sql`e.trail = ${asked.trail} AND ${isFound}` };
}

async function countBySql(
  { run, request, asked, counter }: Counting,
  bounds: TimeBounds,
  offsets: readonly OffsetChange[],
): Promise<void> {
  const scan = await scanFor(run, { ...asked, bounds }, request.newest);
  await addGroups(run, request, counter, {
    ...scan,
    columns: groupColumns,
    time: sql`e.time`,
    count: sql`count(*)`,
    offsets,
  });
}

/** Whole hours from the tally, and the parts of hours at both ends from the entries. */
async function countByTally(counting: Counting, times: TimeBounds, offsets: readonly OffsetChange[]): Promise<void> {
  const { from, to } = counting.asked.bounds;
  const firstHour = Math.ceil((from ?? times.from!) / hour - (from === undefined ? 1 : 0));
  const lastHour = Math.floor((to ?? times.to!) / hour + (to === undefined ? 1 : 0));
  if (firstHour >= lastHour) return countBySql(counting, counting.asked.bounds, offsets);
  await countHours(counting, firstHour, lastHour, offsets);
  if (from !== undefined && from < firstHour * hour)
    await countBySql(counting, { from, to: firstHour * hour }, offsets);
  if (to !== undefined && to > lastHour * hour) await countBySql(counting, { from: lastHour * hour, to }, offsets);
}

async function countHours(
  { run, request, asked, counter }: Counting,
  first: number,
  last: number,
  offsets: readonly OffsetChange[],
): Promise<void> {
  const { trail, rest, bounds } = asked;
  const isBounded = bounds.from !== undefined || bounds.to !== undefined;
  const log = requiredLog(rest);
  const ofLogs =
    log !== undefined ? sql`e.log = ${log}` : isBounded ? sql`e.log = ANY (ARRAY(${logsOf(trail)}))` : always;
  const hours = [sql`e.trail = ${trail}`, ofLogs, sql`e.hour >= ${first}`, sql`e.hour < ${last}`];
  await addGroups(run, request, counter, {
    from: canTallyLogs({ request, asked }) ? sql`$schema.tally_log e` : sql`$schema.tally e`,
    where: allOf([...hours, ...rest.map(compileOverTally)]),
    columns: tallyColumns,
    time: sql`e.hour * ${hour}`,
    count: sql`sum(e.entries)`,
    offsets,
  });
}

/** The tally lies in the order of logs: to begin at an hour, it has to be asked for each of them. They are few, and each is found by one look. */
function logsOf(trail: number): SqlPart {
  const next = (after: SqlPart): SqlPart =>
    sql`(SELECT min(t.log) FROM $schema.tally_log t WHERE t.trail = ${trail} AND ${after})`;
  return sql`WITH RECURSIVE logs (log) AS (SELECT ${next(always)} UNION ALL SELECT ${next(sql`t.log > logs.log`)} FROM logs WHERE logs.log IS NOT NULL)
    SELECT log FROM logs WHERE log IS NOT NULL`;
}
