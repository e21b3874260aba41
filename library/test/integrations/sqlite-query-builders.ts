/** Query builders on the SQLite file of a trail, as applications set them up. */

import { DatabaseSync } from "node:sqlite";

import { CamelCasePlugin, Kysely, ParseJSONResultsPlugin, SqliteDialect, type SqliteDatabase } from "kysely";

import { openNodeSqlite, type OpenConnection, type SqliteConnection } from "../../src/stores/sqlite/index.ts";
import { openBetterApplication, openBetterSqlite } from "../contracts/sqlite-harness.ts";

export interface Orders {
  readonly orders: { readonly number: number };
}

export interface KyselyDriver {
  /** The driver of the store: of the same copy of SQLite. */
  readonly openConnection: OpenConnection;
  open(file: string): OpenKysely;
}

export interface OpenKysely {
  readonly db: Kysely<Orders>;
  /** The handle under it. */
  readonly handle: SqliteConnection;
}

/** node:sqlite in the shape that Kysely's dialect wants, and with transactions that take the write lock at once. */
function kyselyDatabase(handle: DatabaseSync): SqliteDatabase {
  return {
    close: () => handle.close(),
    prepare(sql) {
      const statement = handle.prepare(sql === "begin" ? "begin immediate" : sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as [])),
        run: (parameters) => statement.run(...(parameters as [])),
        iterate: (parameters) => statement.iterate(...(parameters as [])),
      };
    },
  };
}

export const kyselyDrivers: Readonly<Record<string, KyselyDriver>> = {
  "Kysely on node:sqlite": {
    openConnection: openNodeSqlite,
    open(file) {
      const handle = new DatabaseSync(file, { timeout: 2_000 });
      return { db: new Kysely({ dialect: new SqliteDialect({ database: kyselyDatabase(handle) }) }), handle };
    },
  },
  "Kysely on better-sqlite3, with plug-ins that change results": {
    openConnection: openBetterSqlite,
    open(file) {
      const handle = openBetterApplication(file);
      const plugins = [new CamelCasePlugin(), new ParseJSONResultsPlugin()];
      return { db: new Kysely({ dialect: new SqliteDialect({ database: handle }), plugins }), handle };
    },
  },
};
