export { openSqliteStore } from "./sqlite-store.ts";
export type { SqliteStoreOptions } from "./sqlite-store.ts";
export { openNodeSqlite } from "./driver.ts";
export type { OpenConnection, SqliteConnection, SqliteStatement, SqliteValue } from "./driver.ts";
export type { DrizzleTransaction, KyselyTransaction, SqliteTransaction } from "./transaction.ts";
