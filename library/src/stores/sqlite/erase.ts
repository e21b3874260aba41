/**
 * Erasing from a SQLite trail: the only code that deletes. It deletes what an entry announces, nothing else; the
 * database's own triggers check the same again.
 *
 * One call does one step in one transaction of some thousand rows, so that appends get their turn between steps. In it
 * are the veto of legal holds, the row of `auditrail_erasure` that lets the triggers pass, and the deletes. A crash after
 * any step leaves the erasure announced and partly done, and the next call goes on from there; a step done twice finds
 * nothing to do. Deleted content is overwritten (`secure_delete`); what remains of it elsewhere in the file, in free
 * pages, in the slack of others and in the log, goes with `compact.ts`.
 */

import { deriveColumns } from "../../event/derived-columns.ts";
import { openEvent, parseEventText } from "../../event/entry.ts";
import { readErasureOrder, type ErasureOrder } from "../../event/erasure-order.ts";
import { searchText } from "../../query/search-text.ts";
import type { Erased } from "../../trail/contracts.ts";
import { invalid, unsealed } from "../../trail/erasure-errors.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entryKey } from "./entry-key.ts";
import { permitErasure, type Erasing } from "./permit-erasure.ts";
import { readStoredEntry } from "./stored-entry.ts";
import { countIn, type Tally, tallyKey } from "./tally.ts";

export interface EraseStep extends Erased {
  /** Whether nothing is left to be erased. */
  readonly done: boolean;
}

/** Parts take a new row of the text index for their entry; entries are only deleted. A step takes about 50 ms. */
const partsPerStep = 1_000;
const entriesPerStep = 2_048;

/**
 * Does one step of what the entry at position `by` announces, on a connection that overwrites what it deletes.
 * Errors: `ERASURE_INVALID`, `ERASURE_UNSEALED`, `ERASURE_HELD`; drivers' errors pass as they are.
 */
export function eraseStep(connection: SqliteConnection, tenant: string, by: number, nowMicros: number): EraseStep {
  connection.exec("PRAGMA secure_delete = ON; BEGIN IMMEDIATE");
  try {
    const erasing = openErasure(connection, tenant, by);
    permitErasure(erasing);
    const step = erasing.order.kind === "pruned" ? prune(erasing, erasing.order) : eraseParts(erasing, erasing.order);
    if (step.done) {
      if (erasing.order.kind === "shredded") forgetKey(erasing, erasing.order.subject);
      connection
        .prepare("INSERT OR IGNORE INTO auditrail_erasure_end (by, removed_at) VALUES (?, ?)")
        .run(erasing.by, nowMicros);
    }
    connection.exec("COMMIT");
    return step;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

function openErasure(connection: SqliteConnection, tenant: string, by: number): Erasing {
  const row = connection
    .prepare(
      "SELECT e.key, e.trail, e.entry FROM auditrail_trail t JOIN auditrail_entry e ON e.key = (t.number << 32) + ? WHERE t.tenant = ?",
    )
    .get(by, tenant) as SqliteRow | undefined;
  const order = row === undefined ? undefined : readErasureOrder(parseEventText(row["entry"] as string), by);
  if (row === undefined || order === undefined) throw invalid(by, "it is not there, or announces none");
  const [key, trail] = [Number(row["key"]), Number(row["trail"])];
  const sealed = connection
    .prepare("SELECT 1 FROM auditrail_checkpoint WHERE trail = ? AND size > ? LIMIT 1")
    .get(trail, by);
  if (sealed === undefined) throw unsealed(by);
  return { connection, trail, by: key, order };
}

function eraseParts(erasing: Erasing, order: Exclude<ErasureOrder, { kind: "pruned" }>): EraseStep {
  const { connection } = erasing;
  const found = findParts(erasing, order);
  const remove = connection.prepare("DELETE FROM auditrail_sealed WHERE key = ? AND part = ?");
  for (const { key, part } of found) remove.run(key, part);
  const reindex = createReindexer(connection);
  for (const key of new Set(found.map((part) => part.key))) reindex(key);
  return { entries: 0, parts: found.length, done: found.length < partsPerStep };
}

function findParts({ connection, trail }: Erasing, order: Exclude<ErasureOrder, { kind: "pruned" }>) {
  const start = entryKey(trail, 0);
  const rows =
    order.kind === "shredded"
      ? connection
          .prepare("SELECT key, part FROM auditrail_sealed WHERE subject = ? AND key >= ? AND key < ? LIMIT ?")
          .all(order.subject, start, start + order.to, partsPerStep)
      : listed(connection, start, order.entries);
  return (rows as SqliteRow[]).map(({ key, part }) => ({ key: Number(key), part: Number(part) }));
}

function listed(
  connection: SqliteConnection,
  start: number,
  entries: readonly { readonly seq: number; readonly parts: readonly number[] }[],
) {
  const find = connection.prepare("SELECT key, part FROM auditrail_sealed WHERE key = ? AND part = ?");
  const found: unknown[] = [];
  for (const { seq, parts } of entries) {
    for (const part of parts) if (found.length < partsPerStep) found.push(...find.all(start + seq, part));
  }
  return found;
}

/** Gives an entry a row of the text index without the words that are gone. */
function createReindexer(connection: SqliteConnection): (key: number) => void {
  const readEntry = connection.prepare("SELECT key, recorded_at, hash, entry FROM auditrail_entry WHERE key = ?");
  const readSealed = connection.prepare(
    "SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ? ORDER BY part",
  );
  const removeWords = connection.prepare("DELETE FROM auditrail_text WHERE rowid = ?");
  const addWords = connection.prepare("INSERT INTO auditrail_text (rowid, words) VALUES (?, ?)");
  return (key) => {
    const { text, sealed } = readStoredEntry(readEntry.get(key) as SqliteRow, readSealed.all(key) as SqliteRow[]);
    removeWords.run(key);
    addWords.run(key, searchText(openEvent(text, sealed).event));
  };
}

function prune({ connection, trail }: Erasing, { from, to }: Extract<ErasureOrder, { kind: "pruned" }>): EraseStep {
  const rows = connection
    .prepare("SELECT key, entry FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key LIMIT ?")
    .all(entryKey(trail, from), entryKey(trail, to), entriesPerStep) as SqliteRow[];
  const [first, last] = [rows.at(0), rows.at(-1)].map((row) => Number(row?.["key"] ?? 0));
  const between = (table: string, key: string) =>
    connection.prepare(`DELETE FROM ${table} WHERE ${key} BETWEEN ? AND ?`).run(first!, last!);
  const parts = Number(between("auditrail_sealed", "key").changes);
  between("auditrail_text", "rowid");
  uncount(connection, trail, rows);
  between("auditrail_entry", "key");
  return { entries: rows.length, parts, done: rows.length < entriesPerStep };
}

/** Takes entries out of what is derived from them and has no key to be found by. */
function uncount(connection: SqliteConnection, trail: number, rows: readonly SqliteRow[]): void {
  const removeTarget = connection.prepare(
    "DELETE FROM auditrail_target WHERE trail = ? AND id = ? AND type = ? AND time = ? AND key = ?",
  );
  const tally: Tally = new Map();
  for (const row of rows) {
    const columns = deriveColumns(parseEventText(row["entry"] as string));
    countIn(tally, trail, columns);
    for (const { id, type } of columns.targets)
      removeTarget.run(trail, id, type, columns.timeMicros, Number(row["key"]));
  }
  const where = tallyKey.map((column) => `${column} = ?`).join(" AND ");
  const subtract = connection.prepare(`UPDATE auditrail_tally SET entries = entries - ? WHERE ${where}`);
  const removeEmpty = connection.prepare(`DELETE FROM auditrail_tally WHERE ${where} AND entries <= 0`);
  for (const { columns, count } of tally.values()) {
    subtract.run(count, ...columns);
    removeEmpty.run(...columns);
  }
  // Its counts follow those of the tally, by triggers; only its empty rows are left to be removed.
  connection.prepare("DELETE FROM auditrail_tally_log WHERE trail = ? AND entries <= 0").run(trail);
}

function forgetKey({ connection, trail }: Erasing, subject: string): void {
  connection.prepare("DELETE FROM auditrail_subject_key WHERE trail = ? AND subject = ?").run(trail, subject);
}

/** After some errors SQLite has rolled back by itself and says so; the first error is the one to report. */
function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec("ROLLBACK");
  } catch {
    // Nothing is left to roll back.
  }
}
