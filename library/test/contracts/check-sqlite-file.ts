import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";

import { deriveColumns } from "../../src/event/derived-columns.ts";
import { openEvent, parseEventText, type SealedPart } from "../../src/event/entry.ts";
import type { AuditEvent } from "../../src/event/event.ts";
import { leafHash } from "../../src/integrity/leaf.ts";
import { searchText } from "../../src/query/search-text.ts";

type Row = Record<string, unknown>;

interface OpenedRow {
  readonly row: Row;
  readonly event: AuditEvent;
}

/**
 * Verifies a SQLite trail from outside, through a plain connection: the file is sound, positions have no gaps, and
 * all that is derived (columns, targets, words, tally) says what the entries' texts say, nothing more.
 */
export function checkSqliteFile(file: string): void {
  const connection = new DatabaseSync(file, { readOnly: true });
  try {
    assert.deepEqual(
      connection
        .prepare("PRAGMA integrity_check")
        .all()
        .map((row) => ({ ...row })),
      [{ integrity_check: "ok" }],
    );
    const sealed = groupSealed(connection);
    const rows = connection.prepare("SELECT * FROM auditrail_entry ORDER BY key").all() as Row[];
    const opened = rows.map((row) => ({
      row,
      event: openEvent(row["entry"] as string, sealed.get(Number(row["key"])) ?? []).event,
    }));
    checkPositions(connection, rows);
    for (const each of opened) checkColumns(each);
    checkSeals(opened, sealed);
    checkTargets(connection, opened);
    checkTally(connection, opened);
    checkWords(connection, opened);
  } finally {
    connection.close();
  }
}

function groupSealed(connection: DatabaseSync): Map<number, SealedPart[]> {
  const parts = new Map<number, SealedPart[]>();
  for (const { key, part, subject, salt, bytes } of connection
    .prepare("SELECT * FROM auditrail_sealed ORDER BY key, part")
    .iterate() as Iterable<Row>) {
    const all = parts.get(Number(key)) ?? [];
    parts.set(Number(key), all);
    all.push({ index: Number(part), subject: subject as string, salt: salt as Uint8Array, bytes: bytes as Uint8Array });
  }
  return parts;
}

function checkPositions(connection: DatabaseSync, rows: readonly Row[]): void {
  const trails = connection.prepare("SELECT * FROM auditrail_trail ORDER BY number").all() as Row[];
  const keys = rows.map((row) => Number(row["key"]));
  const pruned = connection
    .prepare("SELECT first, until FROM auditrail_erasure WHERE part IS NULL AND subject IS NULL")
    .all() as Row[];
  const isPruned = (key: number): boolean =>
    pruned.some(({ first, until }) => Number(first) <= key && key < Number(until));
  const all = trails.flatMap(({ number, size }) =>
    Array.from({ length: Number(size) }, (_, seq) => Number(number) * 2 ** 32 + seq),
  );
  const present = new Set(keys);
  const expected = all.filter((key) => present.has(key) || !isPruned(key));
  assert.deepEqual(keys, expected, "keys are those of trails without gaps");
}

function checkColumns({ row, event }: OpenedRow): void {
  const text = row["entry"] as string;
  const columns = deriveColumns(parseEventText(text));
  const at = `entry ${String(row["key"])}`;
  assert.deepEqual(Buffer.from(row["hash"] as Uint8Array), Buffer.from(leafHash(text)), `hash of ${at}`);
  assert.equal(Buffer.from(row["event_id"] as Uint8Array).toString("hex"), event.id.replaceAll("-", ""), `id of ${at}`);
  assert.equal(Number(row["trail"]), Math.floor(Number(row["key"]) / 2 ** 32), `trail of ${at}`);
  const { time, log, action, outcome, actor_type: actorType, actor_id: actorId, operation: operationId } = row;
  const { targets: _targets, op: _op, severity: _severity, ...derived } = columns;
  assert.deepEqual(
    { timeMicros: time, log, action, outcome, actorType, actorId, operationId },
    derived,
    `columns of ${at}`,
  );
}

function checkSeals(opened: readonly OpenedRow[], sealed: ReadonlyMap<number, readonly SealedPart[]>): void {
  const sealing = new Map(
    opened
      .filter(({ event }) => event.sealed !== undefined)
      .map(({ row, event }) => [Number(row["key"]), event.sealed!.length]),
  );
  for (const [key, parts] of sealed)
    assert.ok(parts.length <= (sealing.get(key) ?? 0), `sealed parts of ${key} belong to its seals`);
}

function checkTargets(connection: DatabaseSync, opened: readonly OpenedRow[]): void {
  const kept = connection
    .prepare("SELECT key, type, id, time, trail FROM auditrail_target ORDER BY key, type, id")
    .all()
    .map((row) => Object.values(row).join("|"));
  const derived = opened.flatMap(({ row, event }) =>
    deriveColumns(event).targets.map(({ type, id }) => [row["key"], type, id, row["time"], row["trail"]].join("|")),
  );
  assert.deepEqual(kept.toSorted(), derived.toSorted(), "targets");
}

function checkTally(connection: DatabaseSync, opened: readonly OpenedRow[]): void {
  const derived = new Map<string, number>();
  const derivedByLog = new Map<string, number>();
  const countIn = (counts: Map<string, number>, ...columns: readonly unknown[]): void =>
    void counts.set(columns.join("|"), (counts.get(columns.join("|")) ?? 0) + 1);
  for (const { row, event } of opened) {
    const { trail, log, action, outcome } = row;
    const hour = Math.floor(Number(row["time"]) / 3_600_000_000);
    countIn(derived, trail, log, hour, action, event.op, event.severity, outcome);
    countIn(derivedByLog, trail, log, hour, event.op, outcome);
  }
  const kept = (table: string, columns: string) =>
    (connection.prepare(`SELECT ${columns}, entries FROM ${table}`).all() as Row[]).map(({ entries, ...key }) => [
      Object.values(key).join("|"),
      Number(entries),
    ]);
  const tally = kept("auditrail_tally", "trail, log, hour, action, op, severity, outcome");
  assert.deepEqual(Object.fromEntries(tally), Object.fromEntries(derived), "tally");
  const tallyOfLogs = kept("auditrail_tally_log", "trail, log, hour, op, outcome");
  assert.deepEqual(Object.fromEntries(tallyOfLogs), Object.fromEntries(derivedByLog), "tally of logs");
}

/** The index has no texts to compare; but every word of an entry has to find it, and rows have to be as many. */
function checkWords(connection: DatabaseSync, opened: readonly OpenedRow[]): void {
  const [count] = connection.prepare("SELECT count(*) AS n FROM auditrail_text").all() as Row[];
  assert.equal(Number(count!["n"]), opened.length, "rows of the full-text index");
  const find = connection.prepare(
    "SELECT count(*) AS n FROM auditrail_text WHERE auditrail_text MATCH ? AND rowid = CAST(? AS INTEGER)",
  );
  const step = Math.ceil(opened.length / 50);
  for (const { row, event } of opened.filter((_, index) => index % step === 0)) {
    const words = searchText(event).split(" ").filter(Boolean);
    for (const word of words.slice(0, 20)) {
      const [found] = find.all(`"${word.replaceAll('"', '""')}"`, Number(row["key"])) as Row[];
      assert.equal(Number(found!["n"]), 1, `the word ${word} finds entry ${String(row["key"])}`);
    }
  }
}
