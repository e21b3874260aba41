/** Postgres under the contract: a new schema for each store, and the application's transactions on connections of their own. */

import type pg from "pg";

import { openPostgresStore, type PostgresStore, type PostgresTransaction } from "../../src/stores/postgres/index.ts";
import type { PostgresStoreOptions } from "../../src/stores/postgres/index.ts";
import type { StoreHarness } from "../../src/testing/index.ts";
import type { Store } from "../../src/trail/contracts.ts";

export interface PostgresHarnessOptions {
  readonly connection: PostgresStoreOptions["connection"];
  /** Another database on the same server. */
  readonly elsewhere: pg.Pool;
  /** Runs what an application does in a transaction of its own. */
  readonly transact: <Result>(fn: (transaction: PostgresTransaction) => Promise<Result>) => Promise<Result>;
  /** A connection without a transaction. */
  readonly idle: () => Promise<PostgresTransaction>;
}

let schemas = 0;

export function postgresHarness(options: PostgresHarnessOptions): StoreHarness<PostgresTransaction> {
  const { connection, elsewhere, transact } = options;
  const names = new WeakMap<Store<PostgresTransaction>, string>();
  const openIn = async (schema: string, more: Partial<PostgresStoreOptions>): Promise<PostgresStore> => {
    const store = await openPostgresStore({ connection, schema, ...more });
    names.set(store, schema);
    return store;
  };
  return {
    features: { clock: true, reopen: true, transactions: "asynchronous", positions: "after the commit" },
    open: ({ clock } = {}) =>
      openIn(`contract_${(schemas += 1)}`, { createIfMissing: true, ...(clock === undefined ? {} : { clock }) }),
    reopen: (closed) => openIn(names.get(closed)!, {}),
    async transaction(store, fn) {
      const result = await transact(async (transaction) => fn(transaction));
      await (store as PostgresStore).sequence();
      return result;
    },
    async wrongTransactions(store) {
      const foreign = await elsewhere.connect();
      foreign.release();
      await foreign.query("BEGIN");
      const namesake = { connection: elsewhere, schema: names.get(store)!, createIfMissing: true };
      const otherTrail = await elsewhere.connect();
      otherTrail.release();
      return [
        { what: "a connection without a transaction", transaction: await options.idle() },
        { what: "a transaction on another database", transaction: foreign },
        { what: "a transaction on another trail's database", transaction: await beginBeside(otherTrail, namesake) },
        { what: "nothing", transaction: undefined as unknown as PostgresTransaction },
        { what: "no client at all", transaction: {} as PostgresTransaction },
      ];
    },
  };
}

async function beginBeside(client: pg.PoolClient, options: PostgresStoreOptions): Promise<PostgresTransaction> {
  await (await openPostgresStore(options)).close();
  await client.query("BEGIN");
  return client;
}
