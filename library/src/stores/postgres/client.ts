/**
 * How the store meets drivers: by their shape. `pg` and `postgres` both fit; nothing of either is loaded here.
 *
 * Statements have their values bound as `$1`, `$2`, …, are never prepared by name and leave no state in a session, so
 * that all of this works through a pooler in transaction mode.
 */

import { AuditError } from "../../base/errors.ts";
import type { SqlRow, SqlValue } from "../../trail/postgres-transaction.ts";

export type { SqlRow, SqlValue };

/** A connection of `pg`, or what runs statements as one does. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** A connection out of a pool of `pg`. */
export interface PgPoolClient extends PgClient {
  release(error?: Error | boolean): void;
  on?(event: "error", listener: () => void): unknown;
  off?(event: "error", listener: () => void): unknown;
}

/** A pool of `pg`. */
export interface PgPool extends PgClient {
  connect(): Promise<PgPoolClient>;
  end(): Promise<void>;
}

/** What runs statements of postgres.js: the pool, or a transaction. */
interface PostgresJsClient {
  unsafe(text: string, values?: never[]): PromiseLike<readonly unknown[]>;
}

/** What `postgres()` of postgres.js gives. */
export interface PostgresJs extends PostgresJsClient {
  begin(options: string, fn: (transaction: PostgresJsClient) => Promise<unknown>): Promise<unknown>;
  end(): Promise<void>;
}

/** One connection, or a pool that takes any. */
export interface SqlClient {
  /** Without values several statements may stand in one text. */
  run(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/** A database as the store uses it. */
export interface SqlDatabase extends SqlClient {
  /** In one transaction, at READ COMMITTED, flushed when it resolves. */
  transaction<Result>(work: (client: SqlClient) => Promise<Result>): Promise<Result>;
  /** Reads, all as it was at one moment. */
  snapshot<Result>(work: (client: SqlClient) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

function fromPgClient(client: PgClient): SqlClient {
  return {
    run: async (text, values) =>
      (await (values === undefined ? client.query(text) : client.query(text, [...values]))).rows as readonly SqlRow[],
  };
}

function fromPostgresJs(client: PostgresJsClient): SqlClient {
  return {
    run: async (text, values) =>
      [
        ...(await (values === undefined ? client.unsafe(text) : client.unsafe(text, [...values] as never[]))),
      ] as SqlRow[],
  };
}

/** Commits are flushed whatever the database's default says; what is stricter than that stays as it is. */
const beginWriting =
  "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";
const beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

export function openPgDatabase(pool: PgPool): SqlDatabase {
  const within = async <Result>(begin: string, work: (client: SqlClient) => Promise<Result>): Promise<Result> => {
    const connection = await pool.connect();
    // A connection that ends between two statements says so by an event; the next statement says it by an error.
    connection.on?.("error", ignore);
    let isBroken = false;
    try {
      await connection.query(begin);
      const result = await work(fromPgClient(connection));
      await connection.query("COMMIT");
      return result;
    } catch (error) {
      await connection.query("ROLLBACK").catch(() => (isBroken = true));
      throw error;
    } finally {
      connection.off?.("error", ignore);
      connection.release(isBroken);
    }
  };
  return {
    ...fromPgClient(pool),
    transaction: (work) => within(beginWriting, work),
    snapshot: (work) => within(beginReading, work),
    close: () => pool.end(),
  };
}

export function openPostgresJsDatabase(sql: PostgresJs): SqlDatabase {
  const within = async <Result>(options: string, first: string, work: (client: SqlClient) => Promise<Result>) =>
    (await sql.begin(options, async (transaction) => {
      const client = fromPostgresJs(transaction);
      await client.run(first);
      return work(client);
    })) as Result;
  const afterBegin = beginWriting.split("; ")[1]!;
  return {
    ...fromPostgresJs(sql),
    transaction: (work) => within("isolation level read committed read write", afterBegin, work),
    snapshot: (work) => within("isolation level repeatable read read only", "SELECT 1", work),
    close: () => sql.end(),
  };
}

const ignore = (): void => undefined;

/** Errors: `OPTION_INVALID`. */
export function openDatabaseOf(connection: PgPool | PostgresJs): SqlDatabase {
  if (typeof (connection as Partial<PgPool>)?.connect === "function") return openPgDatabase(connection as PgPool);
  if (typeof (connection as Partial<PostgresJs>)?.unsafe === "function")
    return openPostgresJsDatabase(connection as PostgresJs);
  throw new AuditError(
    "OPTION_INVALID",
    "Cannot open a Postgres store: connection must be the address of a database, a Pool of pg, or what postgres() gave.",
  );
}
