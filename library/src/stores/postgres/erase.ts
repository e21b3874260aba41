/**
 * Erasing from a Postgres trail: the only code that deletes. It deletes what an entry announces, nothing else; the
 * database's own triggers check the same again.
 *
 * One call does one step in one transaction of some thousand rows. In it are the veto of legal holds, the rows of `erasure`
 * that let the triggers pass, and the deletes. It has the lock on the trail's row, so that no hold is placed meanwhile. A
 * crash after any step leaves the erasure announced and partly done, and the next call goes on from there; a step done
 * twice finds nothing to do. What remains of it in the database's files goes with `compact.ts`.
 */

import { parseInstant } from "../../base/time.ts";
import { parseEventText } from "../../event/entry.ts";
import { readErasureOrder, type ErasureOrder } from "../../event/erasure-order.ts";
import { openEvent } from "../../event/entry.ts";
import { searchText } from "../../query/search-text.ts";
import type { Erased } from "../../trail/contracts.ts";
import { invalid, unsealed } from "../../trail/erasure-errors.ts";
import type { SqlClient } from "./client.ts";
import { entryKey } from "./entry-key.ts";
import { writtenText } from "./names.ts";
import { permitErasure, type Erasing } from "./permit-erasure.ts";
import type { SqlRunner } from "./read-page.ts";
import { runnerOf } from "./reader.ts";
import { list, sql, type SqlPart } from "./sql-part.ts";
import { entryColumns, readStoredEntry } from "./stored-entry.ts";

export interface EraseStep extends Erased {
  /** Whether nothing is left to be erased. */
  readonly done: boolean;
}

const partsPerStep = 1_000;
const entriesPerStep = 2_048;

/**
 * Does one step of what the entry at position `by` announces, in the transaction of the client.
 * Errors: `ERASURE_INVALID`, `ERASURE_UNSEALED`, `ERASURE_HELD`; drivers' errors pass as they are.
 */
export async function eraseStep(
  client: SqlClient,
  schema: string,
  tenant: string,
  by: number,
  nowMicros: number,
): Promise<EraseStep> {
  const erasing = await openErasure(client, schema, tenant, by);
  await permitErasure(erasing);
  const { order } = erasing;
  const step = order.kind === "pruned" ? await prune(erasing, order) : await eraseParts(erasing, order);
  if (step.done) await finish(erasing, nowMicros);
  return step;
}

async function openErasure(client: SqlClient, schema: string, tenant: string, by: number): Promise<Erasing> {
  const run = runnerOf(client, schema);
  const [trail] = await run(sql`SELECT number FROM $schema.trail WHERE tenant = ${tenant} FOR UPDATE`);
  const number = Number(trail?.["number"]);
  const [row] =
    trail === undefined ? [] : await run(sql`SELECT key, entry FROM $schema.entry WHERE key = ${entryKey(number, by)}`);
  const order = row === undefined ? undefined : readErasureOrder(parseEventText(row["entry"] as string), by);
  if (row === undefined || order === undefined) throw invalid(by, "it is not there, or announces none");
  const sealed = await run(sql`SELECT 1 FROM $schema.checkpoint WHERE trail = ${number} AND size > ${by} LIMIT 1`);
  if (sealed.length === 0) throw unsealed(by);
  return { client, schema, trail: number, by: Number(row["key"]), order };
}

async function eraseParts(erasing: Erasing, order: Exclude<ErasureOrder, { kind: "pruned" }>): Promise<EraseStep> {
  const run = runnerOf(erasing.client, erasing.schema);
  const erased = await run(sql`
    DELETE FROM $schema.sealed WHERE (key, part) IN (SELECT s.key, s.part FROM ${partsOf(erasing, order)} LIMIT ${partsPerStep})
    RETURNING key`);
  const keys = new Set(erased.map(({ key }) => Number(key)));
  if (keys.size > 0) await indexAnew(erasing, [...keys]);
  return { entries: 0, parts: erased.length, done: erased.length < partsPerStep };
}

/** The rows `s` of `sealed` that the order names. */
function partsOf({ trail }: Erasing, order: Exclude<ErasureOrder, { kind: "pruned" }>): SqlPart {
  const start = entryKey(trail, 0);
  if (order.kind === "shredded") {
    const subject = writtenText(order.subject);
    return sql`$schema.sealed s WHERE left(s.subject, 300) = left(${subject}, 300) AND s.subject = ${subject} AND s.key >= ${start} AND s.key < ${start + order.to}`;
  }
  const listed = order.entries.flatMap(({ seq, parts }) => parts.map((part) => ({ key: start + seq, part })));
  return sql`json_to_recordset(${JSON.stringify(listed)}::json) AS x (key bigint, part integer) JOIN $schema.sealed s ON s.key = x.key AND s.part = x.part`;
}

/** Gives entries rows of the text index without the words that are gone. */
async function indexAnew({ client, schema }: Erasing, keys: readonly number[]): Promise<void> {
  const run = runnerOf(client, schema);
  const all = list(keys.map((key) => sql`${key}`));
  const rows = await run(sql`SELECT ${entryColumns} FROM $schema.entry e WHERE e.key IN (${all})`);
  const words = rows.map((row) => {
    const { text, sealed } = readStoredEntry(row);
    const { event } = openEvent(text, sealed);
    return { key: Number(row["key"]), words: searchText(event), time: parseInstant(event.occurredAt) };
  });
  // New rows, not changed ones: the old words then are in dead rows alone, which compacting removes.
  await run(sql`DELETE FROM $schema.search WHERE key IN (${all})`);
  await run(sql`
    INSERT INTO $schema.search (key, words, time)
    SELECT w.key, w.words, w.time FROM json_to_recordset(${JSON.stringify(words)}::json) AS w (key bigint, words text, time bigint)`);
}

async function prune(
  { client, schema, trail }: Erasing,
  { from, to }: Extract<ErasureOrder, { kind: "pruned" }>,
): Promise<EraseStep> {
  const run = runnerOf(client, schema);
  const within = sql`key >= ${entryKey(trail, from)} AND key < ${entryKey(trail, to)}`;
  const [range] = await run(sql`
    SELECT count(*) AS entries, min(key) AS first, max(key) AS last FROM (
      SELECT key FROM $schema.entry WHERE ${within} ORDER BY key LIMIT ${entriesPerStep}) e`);
  const entries = Number(range!["entries"]);
  if (entries === 0) return { entries: 0, parts: 0, done: true };
  const these = sql`key BETWEEN ${Number(range!["first"])} AND ${Number(range!["last"])}`;
  const [sealed] = await run(
    sql`WITH gone AS (DELETE FROM $schema.sealed WHERE ${these} RETURNING 1) SELECT count(*) AS n FROM gone`,
  );
  await run(sql`DELETE FROM $schema.search WHERE ${these}`);
  await run(sql`DELETE FROM $schema.target WHERE ${these}`);
  await uncount(run, trail, these);
  await run(sql`DELETE FROM $schema.entry WHERE ${these}`);
  return { entries, parts: Number(sealed!["n"]), done: entries < entriesPerStep };
}

/** Takes entries out of the hours that they were counted in. */
async function uncount(run: SqlRunner, trail: number, these: SqlPart): Promise<void> {
  await run(sql`
    WITH counted AS MATERIALIZED (
      SELECT e.log, (e.time - ((e.time % 3600000000) + 3600000000) % 3600000000) / 3600000000 AS hour, e.action, k.op, k.severity, e.outcome, count(*) AS n
      FROM (SELECT * FROM $schema.entry WHERE ${these}) e, LATERAL $schema.kind_of(e.entry) k GROUP BY 1, 2, 3, 4, 5, 6),
    hours AS (
      UPDATE $schema.tally t SET entries = t.entries - g.n FROM counted g
      WHERE t.trail = ${trail} AND (t.log, t.hour, t.action, t.op, t.severity, t.outcome) = (g.log, g.hour, g.action, g.op, g.severity, g.outcome))
    UPDATE $schema.tally_log t SET entries = t.entries - g.n
    FROM (SELECT log, hour, op, outcome, sum(n) AS n FROM counted GROUP BY 1, 2, 3, 4) g
    WHERE t.trail = ${trail} AND (t.log, t.hour, t.op, t.outcome) = (g.log, g.hour, g.op, g.outcome)`);
  await run(sql`DELETE FROM $schema.tally WHERE trail = ${trail} AND entries <= 0`);
  await run(sql`DELETE FROM $schema.tally_log WHERE trail = ${trail} AND entries <= 0`);
}

async function finish({ client, schema, trail, by, order }: Erasing, nowMicros: number): Promise<void> {
  const run = runnerOf(client, schema);
  if (order.kind === "shredded")
    await run(sql`DELETE FROM $schema.subject_key WHERE trail = ${trail} AND subject = ${writtenText(order.subject)}`);
  await run(
    sql`INSERT INTO $schema.erasure_end (order_key, removed_at) VALUES (${by}, ${nowMicros}) ON CONFLICT DO NOTHING`,
  );
}
