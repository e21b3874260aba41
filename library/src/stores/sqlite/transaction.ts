/**
 * What an application may hold while it is in a transaction on the trail's database, each met by its shape: a handle, or
 * the transaction of a query builder. All come down to one function that runs a statement.
 */

import { AuditError } from "../../base/errors.ts";
import { isInTransaction, type SqliteConnection } from "./driver.ts";
import type { SqlPart } from "./sql-part.ts";
import { createSqlRunner, type SqlRunner } from "./statement-cache.ts";
import type { Rows, RunStatement } from "./statement-steps.ts";

/**
 * `Transaction` of Kysely. Its plug-ins are left out, which may rename columns or parse values of results.
 * @see https://kysely-org.github.io/kysely-apidoc/classes/Transaction.html
 */
export interface KyselyTransaction {
  readonly isTransaction: true;
  withoutPlugins(): {
    executeQuery(query: KyselyQuery): Promise<{ readonly rows: readonly unknown[] }>;
  };
}

interface KyselyQuery extends SqlPart {
  readonly query: {
    readonly kind: "RawNode";
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly [];
  };
  readonly queryId: { readonly queryId: string };
}

/**
 * `SQLiteTransaction` of Drizzle ORM; only a transaction can be rolled back. A query is an object that writes itself.
 * @see https://orm.drizzle.team/docs/transactions
 */
export interface DrizzleTransaction {
  run(query: never): unknown;
  all(query: never): unknown;
  rollback(): never;
}

/** A transaction to record in: a handle that has one open, or the one that a query builder gives. */
export type SqliteTransaction = SqliteConnection | KyselyTransaction | DrizzleTransaction;

/** How to run a statement in this transaction. Errors: `TRANSACTION_INVALID`. */
export function openTransaction(transaction: SqliteTransaction): RunStatement {
  const offers = (...names: readonly string[]): boolean =>
    names.every(
      (name) => typeof (transaction as unknown as Record<string, unknown> | undefined)?.[name] === "function",
    );
  if (offers("prepare")) return throughHandle(transaction as SqliteConnection);
  if (offers("executeQuery", "withoutPlugins")) return throughKysely(transaction as KyselyTransaction);
  if (offers("run", "all", "rollback")) return throughDrizzle(transaction as DrizzleTransaction);
  throw invalidTransaction(
    "it is neither a SQLite handle nor a transaction of Kysely or Drizzle. Pass the handle that has the transaction open, or what the query builder hands to your function",
  );
}

export function invalidTransaction(problem: string, cause?: unknown): AuditError {
  return new AuditError("TRANSACTION_INVALID", `Cannot record in this transaction: ${problem}.`, { cause });
}

const handles = new WeakMap<SqliteConnection, SqlRunner>();

function throughHandle(connection: SqliteConnection): RunStatement {
  if (!isOpen(connection))
    throw invalidTransaction("no transaction is open on it. BEGIN one first, or record without trail.in()");
  const runner = handles.get(connection) ?? createSqlRunner(connection);
  handles.set(connection, runner);
  return (statement) => {
    if (statement.reads) return runner.all(statement);
    runner.run(statement);
    return [];
  };
}

/** node:sqlite throws when a closed handle is asked. */
function isOpen(connection: SqliteConnection): boolean {
  try {
    return isInTransaction(connection);
  } catch (cause) {
    throw invalidTransaction("its connection is closed", cause);
  }
}

function throughKysely(transaction: KyselyTransaction): RunStatement {
  if (!transaction.isTransaction) throw invalidTransaction("it is a Kysely instance without a transaction");
  const plain = transaction.withoutPlugins();
  return async ({ sql, parameters }) => {
    const query = { kind: "RawNode", sqlFragments: [sql], parameters: [] } as const;
    const { rows } = await plain.executeQuery({ sql, parameters, query, queryId: { queryId: "auditrail" } });
    return rows as Rows;
  };
}

function throughDrizzle(transaction: DrizzleTransaction): RunStatement {
  return ({ sql, parameters, reads }) => {
    const written = { sql, params: parameters };
    const query = { getSQL: () => ({ toQuery: () => written }) } as never;
    if (reads) return transaction.all(query) as Rows | Promise<Rows>;
    const done = transaction.run(query) as PromiseLike<unknown> | object;
    return "then" in done ? Promise.resolve(done).then(() => []) : [];
  };
}
