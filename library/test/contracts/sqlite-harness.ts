/** SQLite under the contract: a new directory for each store, and the application's transactions on connections of their own. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import Database from "better-sqlite3";

import {
  openSqliteStore,
  type OpenConnection,
  type SqliteConnection,
  type SqliteStoreOptions,
} from "../../src/stores/sqlite/index.ts";
import type { StoreHarness } from "../../src/testing/index.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { checkSqliteFile } from "./check-sqlite-file.ts";

export type SqliteStore = Store<SqliteConnection>;

export const openBetterSqlite: OpenConnection = (file, { readOnly }) =>
  new Database(file, { readonly: readOnly, timeout: 0 });

/** Opens the application's own connection. */
export type OpenApplication = (file: string) => SqliteConnection;

export const openNodeApplication: OpenApplication = (file) => new DatabaseSync(file, { timeout: 2_000 });

export const openBetterApplication = (file: string): Database.Database => {
  const connection = new Database(file, { timeout: 2_000 });
  connection.pragma("synchronous = FULL");
  return connection;
};

export interface SqliteHarnessOptions {
  readonly store: Omit<SqliteStoreOptions, "file" | "clock">;
  readonly openApplication: OpenApplication;
  /** Whether the store takes a clock: not in threads. */
  readonly clock: boolean;
}

export function sqliteHarness({
  store: options,
  openApplication,
  clock: takesClock,
}: SqliteHarnessOptions): StoreHarness<SqliteConnection> {
  const files = new WeakMap<SqliteStore, string>();
  const openOn = async (
    file: string,
    more: Pick<SqliteStoreOptions, "clock" | "createIfMissing">,
  ): Promise<SqliteStore> => {
    const store = await openSqliteStore({ file, ...options, ...more });
    files.set(store, file);
    return store;
  };
  const inTransaction = async <Result>(
    file: string,
    fn: (connection: SqliteConnection) => Result | Promise<Result>,
  ): Promise<Result> => {
    const connection = openApplication(file);
    try {
      connection.exec("BEGIN IMMEDIATE");
      const result = await fn(connection);
      connection.exec("COMMIT");
      return result;
    } finally {
      connection.close();
    }
  };
  return {
    features: { clock: takesClock, reopen: true, transactions: "synchronous" },
    open: ({ clock } = {}) =>
      openOn(join(temporaryDirectory(), "audit.db"), {
        createIfMissing: true,
        ...(takesClock && clock !== undefined ? { clock } : {}),
      }),
    reopen: (closed) => openOn(files.get(closed)!, {}),
    transaction: (store, fn) => inTransaction(files.get(store)!, fn),
    async wrongTransactions(store) {
      const idle = openApplication(files.get(store)!);
      const foreign = openApplication(join(temporaryDirectory(), "other.db"));
      foreign.exec("BEGIN IMMEDIATE");
      const otherStoreFile = join(temporaryDirectory(), "audit.db");
      await (await openOn(otherStoreFile, { createIfMissing: true })).close();
      const otherTrail = openApplication(otherStoreFile);
      otherTrail.exec("BEGIN IMMEDIATE");
      return [
        { what: "a connection without a transaction", transaction: idle },
        { what: "a transaction on another database", transaction: foreign },
        { what: "a transaction on another trail's database", transaction: otherTrail },
        { what: "nothing", transaction: undefined as unknown as SqliteConnection },
        { what: "no handle at all", transaction: {} as SqliteConnection },
      ];
    },
    verify: async (store) => checkSqliteFile(files.get(store)!),
  };
}
