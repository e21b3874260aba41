/**
 * What an application may hold while it is in a transaction on a Postgres database, each met by its shape: a client, or the
 * transaction of a query builder or mapper. All come down to running a statement with its values bound as `$1`, `$2`, ….
 *
 * Each type asks for a member that only a transaction has, where the driver has one; whether one is open is asked again
 * before anything is recorded.
 */

export type SqlRow = Readonly<Record<string, unknown>>;
export type SqlValue = string | number | bigint | boolean | Uint8Array | null;

/** A connection in a transaction. */
export interface TransactionClient {
  /** Rejects with an error whose `code` is the SQLSTATE. JSON goes in as `$1::text::json`: some drivers write a text as JSON once more where Postgres expects JSON. */
  run(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Whether a transaction is open that takes statements; `undefined` where the driver does not tell. */
  isInTransaction(): boolean | undefined;
}

/**
 * A connection of `pg`; a pool has no `escapeLiteral`.
 * @see https://node-postgres.com/apis/client
 */
export interface PgTransaction {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  escapeLiteral(text: string): string;
  /** `T` in a transaction that takes statements. Newer versions of `pg` have it. */
  getTransactionStatus?(): string | null;
}

/**
 * What `begin()` of postgres.js hands over.
 * @see https://github.com/porsager/postgres#transactions
 */
export interface PostgresJsTransaction {
  unsafe(text: string, values?: never[]): PromiseLike<readonly unknown[]>;
  savepoint(name: string, fn: never): Promise<unknown>;
}

/**
 * `Transaction` of Kysely. Its plug-ins are left out, which may rename columns or parse values of results.
 * @see https://kysely-org.github.io/kysely-apidoc/classes/Transaction.html
 */
export interface KyselyTransaction {
  readonly isTransaction: true;
  withoutPlugins(): { executeQuery(query: KyselyQuery): Promise<{ readonly rows: readonly unknown[] }> };
}

interface KyselyQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: "RawNode";
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly [];
  };
  readonly queryId: { readonly queryId: string };
}

/**
 * `PgTransaction` of Drizzle ORM. A query is an object that writes itself.
 * @see https://orm.drizzle.team/docs/transactions
 */
export interface DrizzleTransaction {
  execute(query: never): PromiseLike<unknown>;
  setTransaction(config: never): Promise<void>;
  rollback(): never;
}

/**
 * What an interactive transaction of Prisma hands over: a client that cannot connect.
 * @see https://www.prisma.io/docs/orm/prisma-client/queries/transactions#interactive-transactions
 */
export interface PrismaTransaction {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
  readonly $connect?: never;
}

/**
 * The `EntityManager` that a transaction of TypeORM hands over; its type does not tell it from others.
 * @see https://typeorm.io/docs/advanced-topics/transactions
 */
export interface TypeOrmTransaction {
  query(text: string, values?: unknown[]): Promise<unknown>;
  readonly queryRunner?: { readonly isTransactionActive: boolean };
  /** Of managers only: a data source has none. */
  withRepository(repository: never): unknown;
}

/**
 * `Knex.Transaction`.
 * @see https://knexjs.org/guide/transactions.html
 */
export interface KnexTransaction {
  raw(text: string, values: never): PromiseLike<unknown>;
  isCompleted(): boolean;
}

/** A transaction to record in. */
export type PostgresTransaction =
  | PgTransaction
  | PostgresJsTransaction
  | KyselyTransaction
  | DrizzleTransaction
  | PrismaTransaction
  | TypeOrmTransaction
  | KnexTransaction;

type Run = (text: string, values: readonly SqlValue[]) => PromiseLike<unknown>;

/** How to run statements in a transaction; `undefined` where it is none that we know. */
export function openTransaction(handle: unknown): TransactionClient | undefined {
  const offers = (...names: readonly string[]): boolean =>
    names.every((name) => typeof (handle as Record<string, unknown>)[name] === "function");
  if (handle === null || (typeof handle !== "object" && typeof handle !== "function")) return undefined;
  if (offers("$queryRawUnsafe")) return throughPrisma(handle as PrismaTransaction);
  if (offers("executeQuery", "withoutPlugins")) return throughKysely(handle as KyselyTransaction);
  if (offers("execute", "setTransaction", "rollback")) return throughDrizzle(handle as DrizzleTransaction);
  if (offers("raw", "isCompleted")) return throughKnex(handle as KnexTransaction);
  if (offers("query", "withRepository")) return throughTypeOrm(handle as TypeOrmTransaction);
  if (offers("query", "escapeLiteral")) return throughPg(handle as PgTransaction);
  if (offers("unsafe", "savepoint")) return throughPostgresJs(handle as PostgresJsTransaction);
  return undefined;
}

/** Drivers answer with the rows, or with an object that has them. */
function clientOf(run: Run, isInTransaction: () => boolean | undefined): TransactionClient {
  return {
    async run(text, values = []) {
      try {
        const answer = (await run(text, values)) as readonly SqlRow[] | { readonly rows: readonly SqlRow[] };
        return "rows" in answer ? answer.rows : [...answer];
      } catch (error) {
        throw databaseError(error);
      }
    },
    isInTransaction,
  };
}

interface Wrapping {
  readonly cause?: unknown;
  /** Prisma's own. */
  readonly meta?: {
    readonly driverAdapterError?: {
      readonly cause?: { readonly originalCode?: string; readonly originalMessage?: string };
    };
  };
}

/** The database's error, with its SQLSTATE as `code`, where a query builder or mapper has wrapped it. */
function databaseError(error: unknown): unknown {
  const { cause, meta } = (error ?? {}) as Wrapping;
  const { originalCode: code, originalMessage } = meta?.driverAdapterError?.cause ?? {};
  if (code !== undefined) return Object.assign(new Error(originalMessage, { cause: error }), { code });
  return cause instanceof Error ? databaseError(cause) : error;
}

function throughPg(client: PgTransaction): TransactionClient {
  const run: Run = (text, values) => client.query(text, [...values]);
  return clientOf(run, () => {
    const status = client.getTransactionStatus?.();
    return typeof status === "string" ? status === "T" : undefined;
  });
}

function throughPostgresJs(transaction: PostgresJsTransaction): TransactionClient {
  const run: Run = (text, values) => transaction.unsafe(text, [...values] as never[]);
  return clientOf(run, () => undefined);
}

function throughKysely(transaction: KyselyTransaction): TransactionClient {
  const plain = transaction.withoutPlugins();
  const run: Run = (sql, parameters) => {
    const query = { kind: "RawNode", sqlFragments: [sql], parameters: [] } as const;
    return plain.executeQuery({ sql, parameters, query, queryId: { queryId: "auditrail" } });
  };
  return clientOf(run, () => transaction.isTransaction);
}

function throughDrizzle(transaction: DrizzleTransaction): TransactionClient {
  const run: Run = (sql, params) =>
    transaction.execute({ getSQL: () => ({ toQuery: () => ({ sql, params: [...params] }) }) } as never);
  return clientOf(run, () => undefined);
}

function throughPrisma(transaction: PrismaTransaction): TransactionClient {
  const run: Run = (text, values) => transaction.$queryRawUnsafe(text, ...values);
  return clientOf(run, () => undefined);
}

function throughTypeOrm(manager: TypeOrmTransaction): TransactionClient {
  const run: Run = (text, values) => manager.query(text, [...values]);
  return clientOf(run, () => manager.queryRunner?.isTransactionActive ?? false);
}

/** Its values are question marks, and one that is none has a backslash before it. */
function throughKnex(transaction: KnexTransaction): TransactionClient {
  const run: Run = (text, values) => {
    const places: (SqlValue | undefined)[] = [];
    const written = text.replaceAll("?", "\\?").replaceAll(/\$(\d+)/g, (_, number: string) => {
      places.push(values[Number(number) - 1]);
      return "?";
    });
    return Promise.resolve(transaction.raw(written, places as never)).catch((error: unknown) => {
      throw withoutStatement(error, text);
    });
  };
  return clientOf(run, () => !transaction.isCompleted());
}

/** Knex puts the whole statement with its values before what the database said, which is all that a person needs of it. */
function withoutStatement(error: unknown, text: string): unknown {
  if (!(error instanceof Error)) return error;
  const end = `${text.replace(/^[^]*\$\d+/, "")} - `;
  const found = error.message.lastIndexOf(end);
  if (found !== -1) error.message = error.message.slice(found + end.length);
  return error;
}
