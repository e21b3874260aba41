/**
 * The floor: a bare prepared insert of the same bytes into the same tables and indexes through node:sqlite, WAL, FULL.
 * The rows are read out of a database that the library filled; nothing is checked, derived or hashed here.
 */

import { copyFileSync, rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";

import { openEntry, type StoredEntry } from "auditrail";
import { searchText } from "auditrail/query";

type Row = readonly (null | number | string | Uint8Array)[];

/** The rows that one event puts into each table. */
export interface FloorEvent {
  readonly entry: Row;
  readonly targets: readonly Row[];
  readonly sealed: readonly Row[];
  readonly words: string;
}

/** Reads the rows of the first `count` entries out of a database. */
export function readFloorEvents(file: string, count: number): FloorEvent[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = (sql: string): OwnedRow[] => database.prepare(sql).all() as unknown as OwnedRow[];
  const targets = group(rows("SELECT key AS owner, trail, id, type, time, key FROM auditrail_target"));
  const sealed = group(rows("SELECT key AS owner, key, part, subject, salt, bytes FROM auditrail_sealed"));
  const statement = database.prepare("SELECT * FROM auditrail_entry ORDER BY key LIMIT ?");
  const events = statement.all(count).map((row) => {
    const owner = row["key"] as number;
    return {
      entry: Object.values(row) as never,
      targets: targets.get(owner) ?? [],
      sealed: sealed.get(owner) ?? [],
      words: searchText(openEntry(storedEntry(row, sealed.get(owner) ?? [])).event),
    };
  });
  database.close();
  return events;
}

function storedEntry(row: Record<string, unknown>, sealed: readonly Row[]): StoredEntry {
  const parts = sealed.map(([, index, subject, salt, bytes]) => ({ index, subject, salt, bytes }));
  return {
    seq: 0,
    recordedAtMicros: 0,
    hash: row["hash"],
    text: row["entry"],
    sealed: parts,
  } as unknown as StoredEntry;
}

interface OwnedRow {
  readonly owner: number;
  readonly [column: string]: null | number | string | Uint8Array;
}

function group(rows: readonly OwnedRow[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const { owner, ...row } of rows) {
    const group = groups.get(owner) ?? [];
    group.push(Object.values(row));
    groups.set(owner, group);
  }
  return groups;
}

export interface Floor {
  /** Inserts and commits a batch. */
  insert(events: readonly FloorEvent[]): void;
  close(): void;
}

/** Opens the floor on a copy of an empty store of the library's. */
export function openFloor(emptyStore: string, file: string): Floor {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  copyFileSync(emptyStore, file);
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  // As the library sets them: a floor with SQLite's own 2 MiB and 1,000 pages would be another program.
  database.exec("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8000");
  const columns = (table: string): number => database.prepare(`SELECT * FROM ${table}`).columns().length;
  const insertInto = (table: string): StatementSync =>
    database.prepare(`INSERT INTO ${table} VALUES (${Array.from({ length: columns(table) }, () => "?").join(", ")})`);
  const entry = insertInto("auditrail_entry");
  const target = insertInto("auditrail_target");
  const sealed = insertInto("auditrail_sealed");
  const words = database.prepare("INSERT INTO auditrail_text (rowid, words) VALUES (?, ?)");
  database.exec(
    "INSERT INTO auditrail_trail (number, tenant, origin, size, edge, recorded_at) VALUES (1, 'default', 'floor', 0, x'', 0)",
  );
  const trail = database.prepare("UPDATE auditrail_trail SET size = ? WHERE number = 1");
  let size = 0;
  return {
    insert(events) {
      database.exec("BEGIN IMMEDIATE");
      for (const event of events) {
        entry.run(...event.entry);
        for (const row of event.targets) target.run(...row);
        for (const row of event.sealed) sealed.run(...row);
        words.run(event.entry[0] as number, event.words);
      }
      size += events.length;
      trail.run(size);
      database.exec("COMMIT");
    },
    close: () => database.close(),
  };
}
