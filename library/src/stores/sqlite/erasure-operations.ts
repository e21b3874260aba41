/** What a session can be asked about erasing. Each works on a connection of its own, which overwrites what it deletes. */

import type { LegalHold, PendingErasure } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { eraseStep, type EraseStep } from "./erase.ts";
import { emptyLog, listErasures, listUncompacted, markCompacted } from "./erasure-state.ts";
import { listHolds } from "./holds.ts";
import { openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
import { rewriteDatabase } from "./rewrite-database.ts";
import { makeSubjectKeys, readSubjectKeys } from "./subject-keys.ts";

/** Runs an operation on the session's connection; see `session.ts`. */
export type UseConnection = <Result>(doing: string, operation: (connection: SqliteConnection) => Result) => Result;

export function createErasureOperations(use: UseConnection, options: OpenDatabaseOptions) {
  const now = (): number => options.clock.nowMicros();
  const apart = <Result>(doing: string, operation: (connection: SqliteConnection) => Result): Result =>
    use(doing, () => {
      const connection = openDatabase({ ...options, createIfMissing: false, origin: undefined });
      try {
        return operation(connection);
      } finally {
        connection.close();
      }
    });
  return {
    eraseStep: (tenant: string, by: number): EraseStep =>
      apart("erase", (connection) => eraseStep(connection, tenant, by, now())),
    listUncompacted: () => use("read what was erased", listUncompacted),
    rewriteDatabase: () => apart("rewrite the database", rewriteDatabase),
    emptyLog: () => apart("empty the log", emptyLog),
    markCompacted: (erasures: readonly number[]) =>
      use("note what was erased", (connection) => markCompacted(connection, erasures, now())),
    listErasures: (tenant: string): readonly PendingErasure[] =>
      use("list erasures", (connection) => listErasures(connection, tenant)),
    listHolds: (tenant: string): readonly LegalHold[] =>
      use("list legal holds", (connection) => {
        const row = connection.prepare("SELECT number FROM auditrail_trail WHERE tenant = ?").get(tenant) as
          | SqliteRow
          | undefined;
        return row === undefined ? [] : listHolds(connection, Number(row["number"]));
      }),
    readSubjectKeys: (tenant: string, subjects: readonly string[]) =>
      use("read subjects' keys", (connection) => readSubjectKeys(connection, tenant, subjects)),
    makeSubjectKeys: (tenant: string, subjects: readonly string[]) =>
      use("make subjects' keys", (connection) => makeSubjectKeys(connection, tenant, subjects, now())),
  };
}

export type ErasureOperations = ReturnType<typeof createErasureOperations>;
