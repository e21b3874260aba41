/**
 * Appending to a SQLite trail: the only code that writes entries.
 *
 * Invariants, in one transaction each: `trail.size` is the number of the trail's entries, their positions are
 * 0 … size-1; every derived table says what the entries' texts say. A crash before COMMIT leaves nothing, after it
 * everything.
 */

import { AuditError } from "../../base/errors.ts";
import { decodeHex } from "../../base/bytes.ts";
import type { Clock } from "../../base/time.ts";
import { deriveColumns, type DerivedColumns } from "../../event/derived-columns.ts";
import { openEvent } from "../../event/entry.ts";
import { searchText } from "../../query/search-text.ts";
import { trailOrigin, type Appended, type AppendOptions, type PreparedEntry } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { readStoredEntry } from "./stored-entry.ts";

export interface Writer {
  /** Appends in a transaction of its own, durable when it returns. */
  append(entries: readonly PreparedEntry[], options?: AppendOptions): readonly Appended[];
  /** Appends in the transaction that the connection is in. */
  appendWithin(entries: readonly PreparedEntry[]): readonly Appended[];
}

/** One trail while a batch is being written. */
interface OpenTrail {
  readonly number: number;
  size: number;
  recordedAtMicros: number;
}

const maxTrails = 2 ** 21 - 1;
const entriesPerTrail = 2 ** 32;
const microsPerHour = 3_600_000_000;

export function createWriter(connection: SqliteConnection, storeOrigin: string, clock: Clock): Writer {
  const sql = prepareStatements(connection);

  function write(entries: readonly PreparedEntry[]): Appended[] {
    const trails = new Map<string, OpenTrail>();
    const tally = new Map<string, { readonly columns: readonly (string | number)[]; count: number }>();
    const appended = entries.map((entry) => writeOne(entry, openTrail(entry.tenant, trails), tally));
    for (const { columns, count } of tally.values()) sql.addTally.run(...columns, count);
    for (const { number, size, recordedAtMicros } of trails.values()) sql.moveTrail.run(size, recordedAtMicros, number);
    return appended;
  }

  function openTrail(tenant: string, trails: Map<string, OpenTrail>): OpenTrail {
    const known = trails.get(tenant);
    if (known !== undefined) return known;
    let row = sql.readTrail.get(tenant) as SqliteRow | undefined;
    if (row === undefined) {
      const next = Number((sql.nextTrail.get() as SqliteRow)["number"]);
      if (next > maxTrails) throw new AuditError("STORE_FULL", `Cannot add a trail for another tenant: a SQLite store holds ${maxTrails}.`);
      sql.addTrail.run(next, tenant, trailOrigin(storeOrigin, tenant));
      row = { number: next, size: 0, recorded_at: 0 };
    }
    // The clock may step back; the order of a trail must not.
    const recordedAtMicros = Math.max(clock.nowMicros(), Number(row["recorded_at"]));
    const trail = { number: Number(row["number"]), size: Number(row["size"]), recordedAtMicros };
    trails.set(tenant, trail);
    return trail;
  }

  function writeOne(
    entry: PreparedEntry,
    trail: OpenTrail,
    tally: Map<string, { readonly columns: readonly (string | number)[]; count: number }>,
  ): Appended {
    const id = decodeHex(entry.id.replaceAll("-", ""));
    const found = sql.findEntry.get(trail.number, id) as SqliteRow | undefined;
    if (found !== undefined) {
      const existing = readStoredEntry(found, sql.readSealed.all(found["key"]!) as SqliteRow[]);
      return { seq: existing.seq, recordedAtMicros: existing.recordedAtMicros, existing };
    }
    const seq = trail.size;
    if (seq >= entriesPerTrail) throw new AuditError("STORE_FULL", `Cannot add an entry: a trail in SQLite holds ${entriesPerTrail}.`);
    const { recordedAtMicros } = trail;
    const key = trail.number * entriesPerTrail + seq;
    const { event } = openEvent(entry.text, entry.sealed);
    const columns = deriveColumns(event);
    sql.addEntry.run(
      ...[key, trail.number, id, recordedAtMicros, entry.hash, columns.timeMicros, columns.log, columns.action],
      ...[columns.outcome, columns.actorType, columns.actorId, columns.operationId, entry.text],
    );
    for (const target of columns.targets) sql.addTarget.run(trail.number, target.id, target.type, columns.timeMicros, key);
    for (const part of entry.sealed) sql.addSealed.run(key, part.index, part.subject, part.salt, part.bytes);
    sql.addText.run(key, searchText(event));
    countIn(tally, trail.number, columns);
    trail.size += 1;
    return { seq, recordedAtMicros };
  }

  return {
    append(entries, options) {
      connection.exec("BEGIN IMMEDIATE");
      try {
        const appended = write(entries);
        if (options?.settles !== undefined) sql.settle.run(options.settles.producer, options.settles.total);
        connection.exec("COMMIT");
        return appended;
      } catch (error) {
        rollBack(connection, "ROLLBACK");
        throw error;
      }
    },
    appendWithin(entries) {
      connection.exec("SAVEPOINT auditrail_append");
      try {
        const appended = write(entries);
        connection.exec("RELEASE auditrail_append");
        return appended;
      } catch (error) {
        rollBack(connection, "ROLLBACK TO auditrail_append; RELEASE auditrail_append");
        throw error;
      }
    },
  };
}

function countIn(
  tally: Map<string, { readonly columns: readonly (string | number)[]; count: number }>,
  trail: number,
  { timeMicros, log, action, outcome }: DerivedColumns,
): void {
  const columns = [trail, Math.floor(timeMicros / microsPerHour), log, action, outcome];
  const name = columns.join("\n");
  const known = tally.get(name);
  if (known === undefined) tally.set(name, { columns, count: 1 });
  else known.count += 1;
}

/** After some errors SQLite has rolled back by itself and says so; the first error is the one to report. */
function rollBack(connection: SqliteConnection, sql: string): void {
  try {
    connection.exec(sql);
  } catch {
    // Nothing is left to roll back.
  }
}

function prepareStatements(connection: SqliteConnection) {
  const prepare = (sql: string) => connection.prepare(sql);
  return {
    readTrail: prepare("SELECT number, size, recorded_at FROM auditrail_trail WHERE tenant = ?"),
    nextTrail: prepare("SELECT coalesce(max(number), 0) + 1 AS number FROM auditrail_trail"),
    addTrail: prepare("INSERT INTO auditrail_trail (number, tenant, origin, size, recorded_at) VALUES (?, ?, ?, 0, 0)"),
    moveTrail: prepare("UPDATE auditrail_trail SET size = ?, recorded_at = ? WHERE number = ?"),
    findEntry: prepare("SELECT key, recorded_at, hash, entry FROM auditrail_entry WHERE trail = ? AND event_id = ?"),
    readSealed: prepare("SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ? ORDER BY part"),
    addEntry: prepare(
      "INSERT INTO auditrail_entry (key, trail, event_id, recorded_at, hash, time, log, action, outcome, actor_type, actor_id, operation, entry) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    addTarget: prepare("INSERT INTO auditrail_target (trail, id, type, time, key) VALUES (?, ?, ?, ?, ?)"),
    addSealed: prepare("INSERT INTO auditrail_sealed (key, part, subject, salt, bytes) VALUES (?, ?, ?, ?, ?)"),
    addText: prepare("INSERT INTO auditrail_text (rowid, words) VALUES (?, ?)"),
    addTally: prepare(
      "INSERT INTO auditrail_tally (trail, hour, log, action, outcome, entries) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO UPDATE SET entries = entries + excluded.entries",
    ),
    settle: prepare(
      "INSERT INTO auditrail_producer (id, settled) VALUES (?, ?) ON CONFLICT DO UPDATE SET settled = max(settled, excluded.settled)",
    ),
  };
}
