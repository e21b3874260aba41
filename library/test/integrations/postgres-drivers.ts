/** Drivers, query builders and mappers on a Postgres database, as applications set them up. */

import { drizzle as drizzleOverPg, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { sql as sqlOfDrizzle } from "drizzle-orm";
import { integer, pgTable } from "drizzle-orm/pg-core";
import { drizzle as drizzleOverPostgresJs } from "drizzle-orm/postgres-js";
import knex from "knex";
import { CamelCasePlugin, Kysely, ParseJSONResultsPlugin, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { DataSource, EntitySchema } from "typeorm";

import type { PostgresTransaction } from "../../src/trail/postgres-transaction.ts";
import { openPrisma } from "./prisma-client.ts";
import { inTransaction } from "../postgres/in-transaction.ts";

/** What an application does in its transaction: it places orders, and hands the transaction to the trail. */
export type Work<Result> = (
  tx: PostgresTransaction,
  place: (number: number) => Promise<unknown>,
  /** Adds 100 to every number, by one bulk call as this driver has it. */
  renumber: () => Promise<unknown>,
) => Promise<Result>;

export interface OpenDriver {
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<Result>(work: Work<Result>): Promise<Result>;
  /** Its handle outside of transactions. */
  readonly outside: unknown;
  close(): Promise<unknown>;
}

const ordersEntity = new EntitySchema({ name: "orders", columns: { number: { type: Number, primary: true } } });
const orders = pgTable("orders", { number: integer().primaryKey() });

function overDrizzle(db: Pick<NodePgDatabase, "transaction">): Pick<OpenDriver, "transaction" | "outside"> {
  return {
    transaction: (work) =>
      db.transaction((tx) =>
        work(
          tx,
          async (number) => tx.insert(orders).values({ number }),
          async () => tx.update(orders).set({ number: sqlOfDrizzle`${orders.number} + 100` }),
        ),
      ),
    outside: db,
  };
}

export const postgresDrivers: Readonly<Record<string, (url: string) => OpenDriver | Promise<OpenDriver>>> = {
  pg(url) {
    const pool = new pg.Pool({ connectionString: url });
    return {
      transaction: (work) =>
        inTransaction(pool, (client) =>
          work(
            client,
            (number) => client.query("INSERT INTO orders VALUES ($1)", [number]),
            () => client.query("UPDATE orders SET number = number + 100"),
          ),
        ),
      outside: pool,
      close: () => pool.end(),
    };
  },

  "postgres.js"(url) {
    const sql = postgres(url, { onnotice: () => undefined });
    return {
      transaction: async <Result>(work: Work<Result>) =>
        (await sql.begin((tx) =>
          work(
            tx,
            async (number) => tx`INSERT INTO orders VALUES (${number})`,
            async () => tx`UPDATE orders SET number = number + 100`,
          ),
        )) as Result,
      outside: sql,
      close: () => sql.end(),
    };
  },

  "Kysely, with plug-ins that change results"(url) {
    const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) });
    const plugins = [new CamelCasePlugin(), new ParseJSONResultsPlugin()];
    const db = new Kysely<{ orders: { number: number } }>({ dialect, plugins });
    return {
      transaction: (work) =>
        db.transaction().execute((trx) =>
          work(
            trx,
            (number) => trx.insertInto("orders").values({ number }).execute(),
            () =>
              trx
                .updateTable("orders")
                .set((eb) => ({ number: eb("number", "+", 100) }))
                .execute(),
          ),
        ),
      outside: db,
      close: () => db.destroy(),
    };
  },

  "Drizzle over pg"(url) {
    const pool = new pg.Pool({ connectionString: url });
    return { ...overDrizzle(drizzleOverPg(pool)), close: () => pool.end() };
  },

  "Drizzle over postgres.js"(url) {
    const sql = postgres(url, { onnotice: () => undefined });
    return { ...overDrizzle(drizzleOverPostgresJs(sql) as never), close: () => sql.end() };
  },

  Prisma: openPrisma,

  async TypeORM(url) {
    const source = await new DataSource({ type: "postgres", url, entities: [ordersEntity] }).initialize();
    return {
      transaction: (work) =>
        source.transaction((manager) =>
          work(
            manager,
            (number) => manager.query("INSERT INTO orders VALUES ($1)", [number]),
            () =>
              manager
                .createQueryBuilder()
                .update("orders")
                .set({ number: () => "number + 100" })
                .execute(),
          ),
        ),
      outside: source.manager,
      close: () => source.destroy(),
    };
  },

  Knex(url) {
    const db = knex({ client: "pg", connection: url });
    return {
      transaction: (work) =>
        db.transaction((trx) =>
          work(
            trx,
            async (number) => trx("orders").insert({ number }),
            async () => trx("orders").increment("number", 100),
          ),
        ),
      outside: db,
      close: () => db.destroy(),
    };
  },
};
