/**
 * Holding what is derived from entries against their bytes: columns, targets, words, and the position in time. Hashes,
 * sealed parts and the tree are the verifier's own (`integrity/verify-trail.ts`).
 */

import { isAuditError } from "../../base/errors.ts";
import { deriveColumns } from "../../event/derived-columns.ts";
import { openEvent, parseEventText } from "../../event/entry.ts";
import type { DerivedProblem } from "../../integrity/evidence.ts";
import { searchText } from "../../query/search-text.ts";
import type { SqlRow } from "./client.ts";
import { columnsOf } from "./derive-entry.ts";
import { entryKey, seqOfKey } from "./entry-key.ts";
import { readTrailNumber } from "./reader.ts";
import type { SqlRunner } from "./read-page.ts";
import { sql } from "./sql-part.ts";
import { entryColumns, readStoredEntry } from "./stored-entry.ts";

const entriesAtOnce = 1_000;

/** What does not say what the entries at positions `from` (included) to `to` (not included) say. Drivers' errors pass. */
export async function checkDerived(
  run: SqlRunner,
  tenant: string,
  from: number,
  to: number,
): Promise<readonly DerivedProblem[]> {
  const trail = await readTrailNumber(run, tenant);
  if (trail === undefined) return [];
  const problems: DerivedProblem[] = [];
  let recordedAt = await readRecordedAtBefore(run, trail, entryKey(trail, from));
  for (let key = entryKey(trail, from); key < entryKey(trail, to);) {
    const rows = await run(readRows(key, entryKey(trail, to)));
    for (const row of rows) {
      problems.push(...checkRow(row, trail));
      if (Number(row["recorded_at"]) < recordedAt)
        problems.push(problem(Number(row["key"]), "recorded_at", "It was recorded before the entry before it."));
      recordedAt = Number(row["recorded_at"]);
    }
    if (rows.length < entriesAtOnce) break;
    key = Number(rows.at(-1)!["key"]) + 1;
  }
  return problems;
}

const readRows = (first: number, until: number) => sql`
  SELECT ${entryColumns}, e.trail, e.event_id::text AS id, e.time, e.log, e.action, e.outcome, e.actor_type, e.actor_id, e.operation,
    (SELECT words FROM $schema.search x WHERE x.key = e.key AND x.time = e.time) AS words,
    (SELECT coalesce(json_agg(json_build_object('type', t.type, 'id', t.id) ORDER BY t.place), '[]') FROM $schema.target t
      WHERE t.key = e.key AND t.trail = e.trail AND t.time = e.time)::text AS targets,
    (SELECT count(*) FROM $schema.target t WHERE t.key = e.key) AS target_count
  FROM $schema.entry e WHERE e.key >= ${first} AND e.key < ${until} ORDER BY e.key LIMIT ${entriesAtOnce}`;

async function readRecordedAtBefore(run: SqlRunner, trail: number, key: number): Promise<number> {
  const [row] = await run(
    sql`SELECT recorded_at FROM $schema.entry WHERE key >= ${entryKey(trail, 0)} AND key < ${key} ORDER BY key DESC LIMIT 1`,
  );
  return Number(row?.["recorded_at"] ?? 0);
}

function checkRow(row: SqlRow, trail: number): readonly DerivedProblem[] {
  const key = Number(row["key"]);
  const said = deriveRow(row);
  if (said === undefined) return [problem(key, "entry", "Its text is not an event.")];
  const problems: DerivedProblem[] = [];
  const expect = (column: string, value: unknown, wanted: unknown): void => {
    if (value !== wanted) problems.push(problem(key, column, "It is not what the entry says."));
  };
  const { targets, time, ...texts } = said.columns;
  expect("trail", Number(row["trail"]), trail);
  expect("event_id", row["id"], said.id);
  expect("time", Number(row["time"]), time);
  for (const [column, wanted] of Object.entries(texts)) expect(column, row[column], wanted);
  expect("target", Number(row["target_count"]), targets.length);
  expect("target", JSON.stringify(JSON.parse(row["targets"] as string)), JSON.stringify(targets));
  if (said.words !== undefined) expect("text", row["words"], said.words);
  return problems;
}

function deriveRow(row: SqlRow) {
  try {
    const { text, sealed } = readStoredEntry(row);
    const event = parseEventText(text);
    return { id: event.id, columns: columnsOf(deriveColumns(event)), words: wordsOf(text, sealed) };
  } catch (error) {
    // The text may be anything at all: what is not an event may fail anywhere in here.
    if (isAuditError(error) || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Sealed data that was tampered with is the verifier's to report; what words it should have cannot be told. */
function wordsOf(text: string, sealed: Parameters<typeof openEvent>[1]): string | undefined {
  try {
    return searchText(openEvent(text, sealed).event);
  } catch {
    return undefined;
  }
}

function problem(key: number, column: string, says: string): DerivedProblem {
  return { seq: seqOfKey(key), column, says };
}
