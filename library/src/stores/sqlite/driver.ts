/**
 * The part of a SQLite driver that the store uses. `DatabaseSync` of node:sqlite and `Database` of better-sqlite3
 * both have it; a type test holds them to it.
 * @see https://nodejs.org/docs/latest-v24.x/api/sqlite.html
 * @see https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md
 */

import { createRequire } from "node:module";

import { AuditError } from "../../base/errors.ts";

export type SqliteValue = null | number | bigint | string | Uint8Array;
export type SqliteRow = Record<string, SqliteValue>;

export interface SqliteStatement {
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint };
  get(...parameters: SqliteValue[]): unknown;
  all(...parameters: SqliteValue[]): unknown[];
  iterate(...parameters: SqliteValue[]): IterableIterator<unknown>;
}

export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
  /** node:sqlite: whether a transaction is open. */
  readonly isTransaction?: boolean;
  /** better-sqlite3: whether a transaction is open. */
  readonly inTransaction?: boolean;
}

export interface OpenConnectionOptions {
  readonly readOnly: boolean;
}

/** Opens a connection that never waits for a lock by itself: waiting inside SQLite would block the whole thread. */
export type OpenConnection = (file: string, options: OpenConnectionOptions) => SqliteConnection;

/**
 * The embedded driver, node:sqlite. Loaded when a store is opened, not on import, so that an older Node gets a
 * sentence instead of a stack trace. Errors: `RUNTIME_UNSUPPORTED`.
 */
export const openNodeSqlite: OpenConnection = (file, { readOnly }) => {
  const { DatabaseSync } = requireNodeSqlite();
  return new DatabaseSync(file, { readOnly, timeout: 0 });
};

function requireNodeSqlite(): typeof import("node:sqlite") {
  try {
    return createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");
  } catch (cause) {
    throw new AuditError(
      "RUNTIME_UNSUPPORTED",
      `Cannot open a SQLite store: Node ${process.versions.node} has no node:sqlite. Use Node 24 or newer, or pass a driver such as better-sqlite3.`,
      { cause },
    );
  }
}

export function isInTransaction(connection: SqliteConnection): boolean {
  return connection.isTransaction ?? connection.inTransaction ?? false;
}

/**
 * Tells copies of SQLite in one process apart. Two that open the same file take each other's locks away, and commits are lost.
 * @see https://www.sqlite.org/howtocorrupt.html#_multiple_copies_of_sqlite_linked_into_the_same_application
 */
export const selectSqliteCopy =
  "SELECT sqlite_source_id() || ' ' || group_concat(compile_options) AS copy FROM pragma_compile_options";

/** The one value of a one-row, one-column statement such as a PRAGMA. */
export function readValue(connection: SqliteConnection, sql: string): SqliteValue | undefined {
  const row = connection.prepare(sql).get() as SqliteRow | undefined;
  return row === undefined ? undefined : Object.values(row)[0];
}
