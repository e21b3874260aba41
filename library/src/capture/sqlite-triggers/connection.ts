/**
 * The part of a SQLite driver that is used here. `DatabaseSync` of node:sqlite and `Database` of better-sqlite3 both have
 * it; a type test holds them to it.
 */

import { AuditError } from "../../base/errors.ts";

export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface Connection {
  prepare(sql: string): {
    run(...parameters: SqlValue[]): unknown;
    get(...parameters: SqlValue[]): unknown;
    all(...parameters: SqlValue[]): unknown[];
  };
  exec(sql: string): unknown;
  /** node:sqlite: whether a transaction is open. */
  readonly isTransaction?: boolean;
  /** better-sqlite3: whether a transaction is open. */
  readonly inTransaction?: boolean;
}

export function isInTransaction(connection: Connection): boolean {
  return connection.isTransaction ?? connection.inTransaction ?? false;
}

export function allRows(connection: Connection, sql: string, ...parameters: SqlValue[]): readonly SqlRow[] {
  return connection.prepare(sql).all(...parameters) as SqlRow[];
}

export function oneValue(connection: Connection, sql: string, ...parameters: SqlValue[]): SqlValue | undefined {
  const row = connection.prepare(sql).get(...parameters) as SqlRow | undefined;
  return row === undefined ? undefined : Object.values(row)[0];
}

/** Runs `work` in a transaction of its own, or in the one that is open already, which then is its owner's to end. */
export function inTransaction<Result>(connection: Connection, work: () => Result): Result {
  if (isInTransaction(connection)) return work();
  begin(connection);
  try {
    const result = work();
    connection.exec("COMMIT");
    return result;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** Errors: `STORE_LOCKED` where another connection writes, for longer than this one waits. */
export function begin(connection: Connection): void {
  try {
    connection.exec("BEGIN IMMEDIATE");
  } catch (cause) {
    if (!/lock|busy/i.test(String(cause))) throw cause;
    throw new AuditError(
      "STORE_LOCKED",
      "Cannot begin a transaction: another connection is writing. Give this one a busy time-out, or try again.",
      { cause },
    );
  }
}

export function rollBack(connection: Connection): void {
  try {
    if (isInTransaction(connection)) connection.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself; the first error is the one to report.
  }
}
