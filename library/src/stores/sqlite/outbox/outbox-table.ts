/** The outbox's tables in the application's database: events that are committed and are not in the trail's store yet. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { AuditError, quote } from "../../../base/errors.ts";
import { createIdSource } from "../../../base/ids.ts";
import { systemClock } from "../../../base/time.ts";
import { readValue, selectSqliteCopy, type OpenConnection, type SqliteRow } from "../driver.ts";
import { assertPlace, makePrivate } from "../open-database.ts";
import { assertSqliteVersion } from "../schema.ts";
import { sql } from "../sql-part.ts";
import { translateSqliteError } from "../sqlite-errors.ts";
import { createSqlRunner } from "../statement-cache.ts";

/**
 * - `auditrail_outbox_of` says which outbox this is, and the origin of the store that it delivers to.
 * - `auditrail_outbox` has a record in the format of the spool for each event. `refused` is the code of the error that says
 *   why an event can never be an entry; such rows stay.
 */
const createOutbox = `
CREATE TABLE IF NOT EXISTS auditrail_outbox_of (
  number INTEGER PRIMARY KEY CHECK (number = 1),
  outbox TEXT NOT NULL,
  origin TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS auditrail_outbox (
  number    INTEGER PRIMARY KEY,
  tenant    TEXT NOT NULL,
  id        TEXT NOT NULL,
  record    TEXT NOT NULL,
  put_at    INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0,
  refused   TEXT,
  UNIQUE (tenant, id)
) STRICT;
CREATE INDEX IF NOT EXISTS auditrail_outbox_waiting ON auditrail_outbox (number) WHERE refused IS NULL;
CREATE TRIGGER IF NOT EXISTS auditrail_outbox_no_update BEFORE UPDATE OF number, tenant, id, record, put_at ON auditrail_outbox
BEGIN SELECT RAISE(ABORT, 'auditrail: events that wait for their delivery are never changed'); END;
CREATE TRIGGER IF NOT EXISTS auditrail_outbox_no_delete BEFORE DELETE ON auditrail_outbox WHEN OLD.delivered = 0
BEGIN SELECT RAISE(ABORT, 'auditrail: events are not deleted before they are delivered'); END;`;

export interface OpenOutboxTableOptions {
  readonly file: string;
  readonly createIfMissing: boolean;
  /** Of the store that is delivered to. */
  readonly origin: string;
  readonly openConnection: OpenConnection;
}

export interface OutboxIdentity {
  readonly outbox: string;
  /** Which copy of SQLite; see {@link selectSqliteCopy}. */
  readonly sqliteCopy: string;
}

export interface WaitingRow {
  readonly number: number;
  readonly record: string;
}

/** Methods throw the driver's errors. */
export interface OutboxTable {
  readonly identity: OutboxIdentity;
  /** The oldest rows that wait. */
  next(limit: number): readonly WaitingRow[];
  /** Rows are delivered, all but those that were refused, which stay with the code that says why. */
  settle(numbers: readonly number[], refused: ReadonlyMap<number, string>): void;
  count(): { readonly waiting: number; readonly oldestMicros: number | undefined; readonly refused: number };
  close(): void;
}

/** Errors: `STORE_NOT_FOUND`, `STORE_FOREIGN`, `STORE_UNSAFE`, `STORE_LOCKED`, `RUNTIME_UNSUPPORTED`. */
export function openOutboxTable(options: OpenOutboxTableOptions): OutboxTable {
  const { createIfMissing, openConnection } = options;
  const file = resolve(options.file);
  assertPlace(file, createIfMissing);
  if (!existsSync(file)) makePrivate(file);
  const connection = openConnection(file, { readOnly: false });
  try {
    assertSqliteVersion(String(readValue(connection, "SELECT sqlite_version()")));
    // What is delivered leaves no bytes behind. Nothing else is written here, and a removal that a power cut takes back is
    // delivered again under the same id, so it need not be flushed.
    connection.exec("PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON; PRAGMA synchronous = NORMAL");
    if (readValue(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'auditrail_outbox_of'") === undefined) {
      if (!createIfMissing) throw foreign(file);
      connection.exec("PRAGMA journal_mode = WAL");
      make(connection, options.origin);
    }
    // Waiting here holds up a whole thread, and delivering has time.
    connection.exec("PRAGMA busy_timeout = 50");
    const identity = identify(connection, options);
    return operationsOn(connection, identity);
  } catch (error) {
    connection.close();
    throw translateSqliteError(`open the outbox in ${quote(options.file)}`, error);
  }
}

type Connection = ReturnType<OpenConnection>;

/** In one transaction; another process may be at it too. */
function make(connection: Connection, origin: string): void {
  connection.exec(`BEGIN IMMEDIATE; ${createOutbox}`);
  connection
    .prepare("INSERT OR IGNORE INTO auditrail_outbox_of VALUES (1, ?, ?)")
    .run(createIdSource(systemClock)(), origin);
  connection.exec("COMMIT");
}

/** Entries name the trail they were made for, so an outbox belongs to one store for good. */
function identify(connection: Connection, { file, origin }: OpenOutboxTableOptions): OutboxIdentity {
  const { outbox, origin: found } = connection
    .prepare("SELECT outbox, origin FROM auditrail_outbox_of")
    .get() as SqliteRow;
  if (found !== origin) throw otherStore(file, String(found), origin);
  return { outbox: String(outbox), sqliteCopy: String(readValue(connection, selectSqliteCopy)) };
}

function operationsOn(connection: Connection, identity: OutboxIdentity): OutboxTable {
  const runner = createSqlRunner(connection);
  return {
    identity,
    next: (limit) =>
      runner
        .all(sql`SELECT number, record FROM auditrail_outbox WHERE refused IS NULL ORDER BY number LIMIT ${limit}`)
        .map(({ number, record }) => ({ number: Number(number), record: String(record) })),
    settle(numbers, refused) {
      const all = JSON.stringify(numbers.filter((number) => !refused.has(number)));
      connection.exec("BEGIN IMMEDIATE");
      try {
        runner.run(
          sql`UPDATE auditrail_outbox SET delivered = 1 WHERE number IN (SELECT value FROM json_each(${all}))`,
        );
        runner.run(sql`DELETE FROM auditrail_outbox WHERE delivered = 1`);
        for (const [number, code] of refused)
          runner.run(sql`UPDATE auditrail_outbox SET refused = ${code} WHERE number = ${number}`);
        connection.exec("COMMIT");
      } catch (error) {
        connection.exec("ROLLBACK");
        throw error;
      }
    },
    count() {
      const row: SqliteRow = runner.get(
        sql`SELECT count(*) FILTER (WHERE refused IS NULL) AS waiting, count(refused) AS refused,
          min(put_at) FILTER (WHERE refused IS NULL) AS oldest FROM auditrail_outbox`,
      )!;
      const { waiting, refused, oldest } = row;
      return {
        ...{ waiting: Number(waiting), refused: Number(refused) },
        oldestMicros: oldest === null ? undefined : Number(oldest),
      };
    },
    close: () => void connection.close(),
  };
}

function foreign(file: string): AuditError {
  return new AuditError(
    "STORE_FOREIGN",
    `Cannot open the outbox in ${quote(file)}: the database has none. To make it pass createIfMissing: true.`,
  );
}

function otherStore(file: string, found: string, origin: string): AuditError {
  return new AuditError(
    "STORE_FOREIGN",
    `Cannot deliver the outbox in ${quote(file)} to the store ${quote(origin)}: it was made for ${quote(found)}, which its events name. ` +
      "Open it with that store; if that is gone and nothing waits, drop the tables auditrail_outbox and auditrail_outbox_of.",
  );
}
