export { openPostgresStore, type PostgresStore, type PostgresStoreOptions } from "./postgres-store.ts";
export type { ServerDescription } from "./describe-server.ts";
export type { PgClient, PgPool, PgPoolClient, PostgresJs } from "./client.ts";
export type { PostgresTransaction } from "../../trail/postgres-transaction.ts";
export { grantStatements, type GrantOptions } from "./grants.ts";
