/** What the compiler has to accept and to refuse; `npm run check:types` reads it, nothing runs it. */

import type { DatabaseSync } from "node:sqlite";

import type Database from "better-sqlite3";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Knex } from "knex";
import type { Kysely, Transaction } from "kysely";
import type { Client, Pool, PoolClient } from "pg";
import type { Sql, TransactionSql } from "postgres";
import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";

import {
  action,
  defineCatalogue,
  defineLog,
  money,
  openCatalogue,
  openTrail,
  personal,
  secret,
  type Trail,
} from "../../src/index.ts";
import { openMemoryStore, type MemoryTransaction } from "../../src/stores/memory/index.ts";
import type { PostgresTransaction } from "../../src/trail/postgres-transaction.ts";
import { openSqliteStore, type OpenConnection, type SqliteConnection } from "../../src/stores/sqlite/index.ts";
import { createTestTrail, expectAudit } from "../../src/testing/index.ts";

const voucherLog = defineLog("voucher", {
  title: "Vouchers",
  actions: {
    applied: action({
      op: "update",
      says: "{actor} applied voucher {target} to order {data.orderNumber}",
      data: z.object({
        orderNumber: z.string(),
        balance: money,
        note: personal(z.string()).optional(),
        pin: secret(z.string()).optional(),
      }),
      state: z.object({ balance: money }),
    }),
    paid: action({ op: "update", says: "{actor} paid", data: z.object({ amount: money }), guarantee: "atomic" }),
    revoked: action({ op: "revoke", says: "{actor} revoked {target}", reason: "required" }),
    looked: action({ op: "read", says: "{actor} looked", guarantee: "buffered" }),
  },
});
const botLog = defineLog("bot", {
  title: "Bot",
  actions: { started: action({ op: "execute", says: "{actor} started" }) },
  otherActions: action({ op: "other", says: "{actor} did {action}", data: z.object({ command: z.string() }) }),
});
const catalogue = defineCatalogue(voucherLog, botLog);
const data = { orderNumber: "o1", balance: "12.50" };

export async function recording(): Promise<void> {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });

  await trail.record("voucher.applied", { data });
  await trail.record("voucher.applied", {
    data: { ...data, note: "n", pin: "1" },
    before: { balance: "1" },
    after: { balance: "2" },
  });
  await trail.record("voucher.looked");
  await trail.record("voucher.looked", { actor: { type: "user", id: "1" } });
  await trail.record("voucher.revoked", { reason: "ticket 7", target: { type: "voucher", id: "v" } });

  // @ts-expect-error: no such action
  await trail.record("voucher.aplied", { data });
  // @ts-expect-error: no such log
  await trail.record("order.placed", { data });
  // @ts-expect-error: data is required
  await trail.record("voucher.applied");
  // @ts-expect-error: data is required
  await trail.record("voucher.applied", {});
  // @ts-expect-error: a member of the data is missing
  await trail.record("voucher.applied", { data: { orderNumber: "o1" } });
  // @ts-expect-error: a member of the data has the wrong type
  await trail.record("voucher.applied", { data: { ...data, balance: 12.5 } });
  // @ts-expect-error: the data has no such member
  await trail.record("voucher.applied", { data: { orderNumber: "o1", balance: "1", colour: "red" } });
  // @ts-expect-error: this action has no data
  await trail.record("voucher.looked", { data: {} });
  // @ts-expect-error: a reason is required
  await trail.record("voucher.revoked", { target: { type: "voucher", id: "v" } });
  // @ts-expect-error: a reason is required
  await trail.record("voucher.revoked");
  // @ts-expect-error: before has the type of the state
  await trail.record("voucher.applied", { data, before: { balance: 1 } });
  // @ts-expect-error: after has the type of the state
  await trail.record("voucher.applied", { data, after: "none" });
  // @ts-expect-error: no such field of an event
  await trail.record("voucher.looked", { actr: { type: "user" } });
  // @ts-expect-error: no such outcome
  await trail.record("voucher.looked", { outcome: "fine" });
  // @ts-expect-error: a target has an id
  await trail.record("voucher.looked", { target: { type: "voucher" } });
}

export async function transactions(
  trail: Trail<NonNullable<typeof catalogue.actions>, MemoryTransaction>,
  handle: MemoryTransaction,
): Promise<void> {
  await trail.in(handle).record("voucher.paid", { data: { amount: "1" } });
  trail.in(handle).recordSync("voucher.paid", { data: { amount: "1" } });
  trail.in(handle).recordSync("voucher.looked");

  // @ts-expect-error: atomic actions need a transaction
  await trail.record("voucher.paid", { data: { amount: "1" } });
  // @ts-expect-error: atomic actions need a transaction, which track() does not have
  await trail.track("voucher.paid", {}, () => undefined);
  // @ts-expect-error: not a transaction of this store
  trail.in({ query: () => 1 });
  // @ts-expect-error: a transaction is needed
  trail.in(undefined);
  // @ts-expect-error: data is required here too
  trail.in(handle).recordSync("voucher.paid");
}

export async function openLogs(): Promise<void> {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  await trail.record("bot.started");
  await trail.record("bot.anything-else", { data: { command: "/start" } });
  // @ts-expect-error: other actions of the log have this data
  await trail.record("bot.anything-else", { data: { command: 1 } });
  // @ts-expect-error: a log that is not open takes no other actions
  await trail.record("voucher.anything-else", { data: { command: "/start" } });

  const any = await openTrail({ catalogue: openCatalogue(), store: openMemoryStore() });
  await any.record("whatever.happened", { data: { some: "data" } });
}

export async function operations(): Promise<void> {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  const result: number = await trail.track("voucher.applied", { data }, (operation) => {
    operation.set({ message: "m" });
    operation.after({ balance: "1" });
    // @ts-expect-error: the id was made before the operation began
    operation.set({ id: "x" });
    return 5;
  });
  // @ts-expect-error: what the function gives is what comes back
  const text: string = await trail.track("voucher.applied", { data }, () => result);
  trail.with({ actor: { type: "user", id: "1" } }, () => text.length);
  // @ts-expect-error: a context has no such member
  trail.with({ actr: { type: "user" } }, () => 1);
}

export async function drivers(node: DatabaseSync, better: Database.Database): Promise<void> {
  const handles: SqliteConnection[] = [node, better];
  const openBetter: OpenConnection = () => better;
  const trail = await openTrail({
    catalogue,
    store: await openSqliteStore({ file: "audit.db", openConnection: openBetter }),
  });
  for (const handle of handles) trail.in(handle).recordSync("voucher.looked");
  trail.in(node).recordSync("voucher.looked");
  trail.in(better).recordSync("voucher.looked");
  // @ts-expect-error: a pool is no connection
  trail.in({ connect: () => node });
}

interface Tables {
  readonly orders: { readonly number: number };
}

export async function queryBuildersOnSqlite(
  db: Kysely<Tables>,
  trx: Transaction<Tables>,
  drizzle: BetterSQLite3Database,
): Promise<void> {
  const trail = await openTrail({ catalogue, store: await openSqliteStore({ file: "audit.db" }) });
  await trail.in(trx).record("voucher.paid", { data: { amount: "1" } });
  await db.transaction().execute((inside) => trail.in(inside).record("voucher.paid", { data: { amount: "1" } }));
  drizzle.transaction((inside) => trail.in(inside).recordSync("voucher.paid", { data: { amount: "1" } }));
  // @ts-expect-error: Kysely without a transaction
  trail.in(db);
  // @ts-expect-error: Drizzle without a transaction
  trail.in(drizzle);
}

export function transactionsOnPostgres(
  record: (transaction: PostgresTransaction) => void,
  pg: { readonly client: Client; readonly pooled: PoolClient; readonly pool: Pool },
  postgresJs: { readonly tx: TransactionSql; readonly sql: Sql },
  kysely: { readonly trx: Transaction<Tables>; readonly db: Kysely<Tables> },
  drizzle: { readonly pg: NodePgDatabase; readonly postgresJs: PostgresJsDatabase },
  typeOrm: { readonly manager: EntityManager; readonly source: DataSource },
  knex: { readonly trx: Knex.Transaction; readonly db: Knex },
): void {
  record(pg.client);
  record(pg.pooled);
  record(postgresJs.tx);
  record(kysely.trx);
  void drizzle.pg.transaction(async (tx) => record(tx));
  void drizzle.postgresJs.transaction(async (tx) => record(tx));
  record(typeOrm.manager);
  record(knex.trx);
  // @ts-expect-error: a pool gives each statement another connection
  record(pg.pool);
  // @ts-expect-error: postgres.js without a transaction
  record(postgresJs.sql);
  // @ts-expect-error: Kysely without a transaction
  record(kysely.db);
  // @ts-expect-error: Drizzle without a transaction
  record(drizzle.pg);
  // @ts-expect-error: Drizzle without a transaction
  record(drizzle.postgresJs);
  // @ts-expect-error: a data source begins transactions, and is none
  record(typeOrm.source);
  // @ts-expect-error: Knex without a transaction
  record(knex.db);
}

export async function expectations(): Promise<void> {
  const trail = await createTestTrail(catalogue);
  await expectAudit(trail).toHave("voucher.applied", {
    actor: { id: "1" },
    data: { balance: "1" },
    target: { type: "voucher" },
    message: /applied/,
  });
  await expectAudit(trail).toHaveExactly(["voucher.looked", ["voucher.applied", { data: { orderNumber: "o1" } }]]);
  // @ts-expect-error: no such action
  await expectAudit(trail).toHave("voucher.aplied");
  // @ts-expect-error: the data has no such member
  await expectAudit(trail).toHave("voucher.applied", { data: { colour: "red" } });
  // @ts-expect-error: no such action
  await expectAudit(trail).toHaveExactly(["voucher.aplied"]);
}

export function mistakesOfTheCatalogue(): void {
  // @ts-expect-error: no such op
  action({ op: "updated", says: "x" });
  // @ts-expect-error: no such guarantee
  action({ op: "update", says: "x", guarantee: "eventual" });
  // @ts-expect-error: a log has actions
  defineLog("x", { title: "X" });
  // @ts-expect-error: no such option
  defineLog("x", { title: "X", actions: {}, colums: [] });
}
