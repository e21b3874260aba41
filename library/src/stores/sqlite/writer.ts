/**
 * Appending to a SQLite trail: the only code that writes entries.
 *
 * Invariants, in one transaction each: `trail.size` is the number of the trail's entries, their positions are
 * 0 … size-1; `trail.edge` and the tiles are its Merkle tree; every derived table says what the entries' texts say. A crash before COMMIT leaves nothing, after it
 * everything.
 */

import { AuditError } from "../../base/errors.ts";
import { decodeHex } from "../../base/bytes.ts";
import type { Clock } from "../../base/time.ts";
import { deriveColumns, type DerivedColumns } from "../../event/derived-columns.ts";
import { openEvent, type StoredEntry } from "../../event/entry.ts";
import {
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  type CompactRange,
} from "../../integrity/compact-range.ts";
import { searchText } from "../../query/search-text.ts";
import { trailOrigin, type Appended, type AppendOptions, type PreparedEntry } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entriesPerTrail, entryKey } from "./entry-key.ts";
import { createTreeExtender } from "./extend-tree.ts";
import { createHoldKeeper } from "./holds.ts";
import { readStoredEntry } from "./stored-entry.ts";
import { countIn, type Tally } from "./tally.ts";

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
  readonly recordedAtMicros: number;
  readonly edge: CompactRange;
  /** Leaf hashes of the batch's entries. */
  readonly leaves: Uint8Array[];
}

const maxTrails = 2 ** 21 - 1;

export function createWriter(connection: SqliteConnection, storeOrigin: string, clock: Clock): Writer {
  const sql = prepareStatements(connection);
  const extendTree = createTreeExtender(connection);
  const keepHold = createHoldKeeper(connection);

  function write(entries: readonly PreparedEntry[]): Appended[] {
    const trails = new Map<string, OpenTrail>();
    const tally: Tally = new Map();
    const appended = entries.map((entry) => writeOne(entry, openTrail(entry.tenant, trails), tally));
    for (const { columns, count } of tally.values()) sql.addTally.run(...columns, count);
    for (const { number, size, recordedAtMicros, edge, leaves } of trails.values()) {
      if (leaves.length === 0) continue; // Every id was known: nothing was recorded now.
      // A batch of known events adds nothing, and must not move the trail's time on either.
      if (leaves.length > 0)
        sql.moveTrail.run(size, encodeCompactRange(extendTree(number, edge, leaves)), recordedAtMicros, number);
    }
    return appended;
  }

  function openTrail(tenant: string, trails: Map<string, OpenTrail>): OpenTrail {
    const known = trails.get(tenant);
    if (known !== undefined) return known;
    const row = (sql.readTrail.get(tenant) as SqliteRow | undefined) ?? addTrail(tenant);
    // The clock may step back; the order of a trail must not.
    const recordedAtMicros = Math.max(clock.nowMicros(), Number(row["recorded_at"]));
    const edge = decodeCompactRange(row["edge"] as Uint8Array);
    const trail = { number: Number(row["number"]), size: Number(row["size"]), recordedAtMicros, edge, leaves: [] };
    trails.set(tenant, trail);
    return trail;
  }

  function addTrail(tenant: string): SqliteRow {
    const number = Number((sql.nextTrail.get() as SqliteRow)["number"]);
    if (number > maxTrails) throw full("add a trail for another tenant", `a SQLite store holds ${maxTrails} trails`);
    const edge = encodeCompactRange(emptyRange);
    sql.addTrail.run(number, tenant, trailOrigin(storeOrigin, tenant), edge);
    return { number, size: 0, recorded_at: 0, edge };
  }

  function writeOne(entry: PreparedEntry, trail: OpenTrail, tally: Tally): Appended {
    const seq = trail.size;
    if (seq >= entriesPerTrail) throw full("add an entry", `a trail in SQLite holds ${entriesPerTrail} entries`);
    const { recordedAtMicros } = trail;
    const key = entryKey(trail.number, seq);
    const { event } = openEvent(entry.text, entry.sealed);
    const columns = deriveColumns(event);
    const existing = addEntry(key, trail, entry, columns);
    if (existing !== undefined) return { seq: existing.seq, recordedAtMicros: existing.recordedAtMicros, existing };
    for (const { id, type } of columns.targets) sql.addTarget.run(trail.number, id, type, columns.timeMicros, key);
    for (const { index, subject, salt, bytes } of entry.sealed) sql.addSealed.run(key, index, subject, salt, bytes);
    sql.addText.run(key, searchText(event));
    if (columns.log === "auditrail") keepHold(key, trail.number, event);
    countIn(tally, trail.number, columns);
    trail.leaves.push(entry.hash);
    trail.size += 1;
    return { seq, recordedAtMicros };
  }

  /** Answers the entry that has the event's id already. New ids are the rule, so nothing is looked up before. */
  function addEntry(
    key: number,
    trail: OpenTrail,
    entry: PreparedEntry,
    columns: DerivedColumns,
  ): StoredEntry | undefined {
    const { timeMicros, log, action, outcome, actorType, actorId, operationId } = columns;
    const id = decodeHex(entry.id.replaceAll("-", ""));
    try {
      sql.addEntry.run(
        ...[key, trail.number, id, trail.recordedAtMicros, entry.hash, timeMicros, log, action],
        ...[outcome, actorType, actorId, operationId, entry.text],
      );
      return undefined;
    } catch (error) {
      const row = sql.findEntry.get(trail.number, id) as SqliteRow | undefined;
      if (row === undefined) throw error;
      return readStoredEntry(row, sql.readSealed.all(row["key"]!) as SqliteRow[]);
    }
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

function full(doing: string, limit: string): AuditError {
  return new AuditError("STORE_FULL", `Cannot ${doing}: ${limit}.`);
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
    readTrail: prepare("SELECT number, size, edge, recorded_at FROM auditrail_trail WHERE tenant = ?"),
    nextTrail: prepare("SELECT coalesce(max(number), 0) + 1 AS number FROM auditrail_trail"),
    addTrail: prepare(
      "INSERT INTO auditrail_trail (number, tenant, origin, size, edge, recorded_at) VALUES (?, ?, ?, 0, ?, 0)",
    ),
    moveTrail: prepare("UPDATE auditrail_trail SET size = ?, edge = ?, recorded_at = ? WHERE number = ?"),
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
