/**
 * Holding what is derived from entries against their bytes: columns, targets, and the position in time. Hashes, sealed
 * parts and the tree are the verifier's own (`integrity/verify-trail.ts`).
 */

import { encodeHex } from "../../base/bytes.ts";
import { isAuditError } from "../../base/errors.ts";
import { deriveColumns, type DerivedColumns } from "../../event/derived-columns.ts";
import { parseEventText } from "../../event/entry.ts";
import type { DerivedProblem } from "../../integrity/evidence.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entryKey, seqOfKey } from "./entry-key.ts";

// Numbers are read as text: one that somebody changed may be larger than drivers give as a number without an error.

/** What does not say what the entries at positions `from` (included) to `to` (not included) say. Drivers' errors pass. */
export function checkDerived(
  connection: SqliteConnection,
  tenant: string,
  from: number,
  to: number,
): readonly DerivedProblem[] {
  const trail = readTrailNumber(connection, tenant);
  if (trail === undefined) return [];
  const [first, until] = [entryKey(trail, from), entryKey(trail, to)];
  const targets = readTargets(connection, trail, first, until);
  const rows = connection
    .prepare(
      "SELECT key, CAST(trail AS TEXT) AS trail, event_id, CAST(recorded_at AS TEXT) AS recorded_at, CAST(time AS TEXT) AS time, log, action, outcome, actor_type, actor_id, operation, entry " +
        "FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key",
    )
    .iterate(first, until) as Iterable<SqliteRow>;
  const problems: DerivedProblem[] = [];
  let recordedAt = readRecordedAtBefore(connection, trail, first);
  for (const row of rows) {
    const key = Number(row["key"]);
    problems.push(...checkRow(row, trail, targets.get(key) ?? []));
    targets.delete(key);
    if (Number(row["recorded_at"]) < recordedAt)
      problems.push(problem(key, "recorded_at", "It was recorded before the entry before it."));
    recordedAt = Number(row["recorded_at"]);
  }
  for (const key of targets.keys())
    problems.push(problem(key, "target", "There is a target of an entry that is not there."));
  return problems;
}

/** The number of a tenant's trail, `undefined` where it has none. */
export function readTrailNumber(connection: SqliteConnection, tenant: string): number | undefined {
  const row = connection.prepare("SELECT number FROM auditrail_trail WHERE tenant = ?").get(tenant) as
    | SqliteRow
    | undefined;
  return row === undefined ? undefined : Number(row["number"]);
}

function readRecordedAtBefore(connection: SqliteConnection, trail: number, key: number): number {
  const row = connection
    .prepare(
      "SELECT CAST(recorded_at AS TEXT) AS recorded_at FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1",
    )
    .get(entryKey(trail, 0), key) as SqliteRow | undefined;
  return Number(row?.["recorded_at"] ?? 0);
}

type TargetsByKey = Map<number, string[]>;

/** One scan of the trail's targets, which are ordered by what they are and not by entry: ask for large ranges. */
function readTargets(connection: SqliteConnection, trail: number, first: number, until: number): TargetsByKey {
  const rows = connection
    .prepare(
      "SELECT key, type, id, CAST(time AS TEXT) AS time FROM auditrail_target WHERE trail = ? AND key >= ? AND key < ?",
    )
    .iterate(trail, first, until) as Iterable<SqliteRow>;
  const targets: TargetsByKey = new Map();
  for (const { key, type, id, time } of rows) {
    const known = targets.get(Number(key));
    const name = nameTarget(type as string, id as string, time as string);
    if (known === undefined) targets.set(Number(key), [name]);
    else known.push(name);
  }
  return targets;
}

function nameTarget(type: string, id: string, timeMicros: string): string {
  return JSON.stringify([type, id, timeMicros]);
}

function checkRow(row: SqliteRow, trail: number, targets: readonly string[]): readonly DerivedProblem[] {
  const key = Number(row["key"]);
  const said = deriveRow(row["entry"] as string);
  if (said === undefined) return [problem(key, "entry", "Its text is not an event.")];
  const problems: DerivedProblem[] = [];
  const expect = (column: string, value: unknown, wanted: unknown): void => {
    if (value !== wanted) problems.push(problem(key, column, "It is not what the entry says."));
  };
  expect("trail", row["trail"], String(trail));
  expect("event_id", encodeHex(row["event_id"] as Uint8Array), said.id);
  expect("time", row["time"], String(said.columns.timeMicros));
  for (const [column, member] of textColumns) expect(column, row[column], said.columns[member]);
  const wanted = said.columns.targets.map(({ type, id }) => nameTarget(type, id, String(said.columns.timeMicros)));
  expect("target", JSON.stringify(targets.toSorted()), JSON.stringify(wanted.toSorted()));
  return problems;
}

const textColumns: readonly (readonly [string, keyof DerivedColumns])[] = [
  ["log", "log"],
  ["action", "action"],
  ["outcome", "outcome"],
  ["actor_type", "actorType"],
  ["actor_id", "actorId"],
  ["operation", "operationId"],
];

function deriveRow(text: string): { readonly id: string; readonly columns: DerivedColumns } | undefined {
  try {
    const event = parseEventText(text);
    return { id: event.id.replaceAll("-", ""), columns: deriveColumns(event) };
  } catch (error) {
    // The text may be anything at all: what is not an event may fail anywhere in here.
    if (isAuditError(error) || error instanceof TypeError) return undefined;
    throw error;
  }
}

export function problem(key: number, column: string, says: string): DerivedProblem {
  return { seq: seqOfKey(key), column, says };
}
