export { openSqliteStore } from "./sqlite-store.ts";
export type { SqliteStoreOptions } from "./sqlite-store.ts";
export { openNodeSqlite } from "./driver.ts";
export type { OpenConnection, SqliteConnection, SqliteStatement, SqliteValue } from "./driver.ts";
export type { DrizzleTransaction, KyselyTransaction, SqliteTransaction } from "./transaction.ts";
export { openSqliteOutbox } from "./outbox/sqlite-outbox.ts";
export type { SqliteOutbox, SqliteOutboxOptions } from "./outbox/sqlite-outbox.ts";
