export { openPostgresStore, type PostgresStore, type PostgresStoreOptions } from "./postgres-store.ts";
export type { Backlog } from "./backlog.ts";
export type { PgClient, PgPool, PostgresJs, PostgresJsClient, PostgresTransaction } from "./client.ts";
export { grantStatements, type GrantOptions } from "./grants.ts";
