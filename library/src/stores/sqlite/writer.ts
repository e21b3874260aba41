/**
 * Appending to a SQLite trail in transactions of its own; `append-in-transaction.ts` appends in those of others.
 *
 * Invariants, in one transaction each: `trail.size` is the number of the trail's entries, their positions are
 * 0 … size-1; `trail.edge` and the tiles are its Merkle tree; every derived table says what the entries' texts say.
 * A crash before COMMIT leaves nothing, after it everything.
 */

import { decodeHex } from "../../base/bytes.ts";
import type { Clock } from "../../base/time.ts";
import { deriveColumns, type DerivedColumns } from "../../event/derived-columns.ts";
import { openEvent, type StoredEntry } from "../../event/entry.ts";
import { searchText } from "../../query/search-text.ts";
import type { Placed, AppendOptions, PreparedEntry } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { assertEntryFits, entryKey } from "./entry-key.ts";
import { createHoldKeeper } from "./holds.ts";
import { readStoredEntry } from "./stored-entry.ts";
import { countIn, type Tally, tallyKey } from "./tally.ts";
import { createTrailRows, type OpenTrail } from "./trail-rows.ts";

export interface Writer {
  /** Appends in a transaction of its own, durable when it returns. */
  append(entries: readonly PreparedEntry[], options?: AppendOptions): readonly Placed[];
}

export function createWriter(connection: SqliteConnection, storeOrigin: string, clock: Clock): Writer {
  const sql = prepareStatements(connection);
  const rows = createTrailRows(connection, storeOrigin, clock);
  const keepHold = createHoldKeeper(connection);

  function write(entries: readonly PreparedEntry[]): Placed[] {
    const trails = new Map<string, OpenTrail>();
    const tally: Tally = new Map();
    const appended = entries.map((entry) => writeOne(entry, openTrail(entry.tenant, trails), tally));
    for (const { columns, count } of tally.values()) sql.addTally.run(...columns, count);
    for (const trail of trails.values()) rows.moveOn(trail);
    return appended;
  }

  function openTrail(tenant: string, trails: Map<string, OpenTrail>): OpenTrail {
    const known = trails.get(tenant);
    if (known !== undefined) return known;
    const trail = rows.open(tenant);
    trails.set(tenant, trail);
    return trail;
  }

  function writeOne(entry: PreparedEntry, trail: OpenTrail, tally: Tally): Placed {
    const seq = trail.size;
    assertEntryFits(seq);
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
        rollBack(connection);
        throw error;
      }
    },
  };
}

/** After some errors SQLite has rolled back by itself and says so; the first error is the one to report. */
function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec("ROLLBACK");
  } catch {
    // Nothing is left to roll back.
  }
}

function prepareStatements(connection: SqliteConnection) {
  const prepare = (sql: string) => connection.prepare(sql);
  return {
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
      `INSERT INTO auditrail_tally (${tallyKey.join(", ")}, entries) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ` +
        "ON CONFLICT DO UPDATE SET entries = entries + excluded.entries",
    ),
    settle: prepare(
      "INSERT INTO auditrail_producer (id, settled) VALUES (?, ?) ON CONFLICT DO UPDATE SET settled = max(settled, excluded.settled)",
    ),
  };
}
