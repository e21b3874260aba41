import { join } from "node:path";

import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import type { Transaction } from "kysely";
import { describe, expect, test } from "vitest";

import {
  openNodeSqlite,
  openSqliteStore,
  type OpenConnection,
  type SqliteConnection,
  type SqliteTransaction,
} from "../../src/stores/sqlite/index.ts";
import { storeContract } from "../../src/testing/index.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { checkSqliteFile } from "../contracts/check-sqlite-file.ts";
import { openBetterApplication, openBetterSqlite } from "../contracts/sqlite-harness.ts";
import { clerk, openShop, orderNumbers, readShop } from "../guarantees/shop.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { kyselyDrivers, type OpenKysely, type Orders } from "./sqlite-query-builders.ts";

async function openPlace(openConnection: OpenConnection) {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file, { sqlite: { openConnection } });
  return { file, trail };
}

const createOrders = "CREATE TABLE orders (number INTEGER PRIMARY KEY)";

/** Makes the audit insert of one order fail, in the middle of what it writes. */
const breakRecording = (number: number) =>
  `CREATE TEMP TRIGGER broken BEFORE INSERT ON main.auditrail_tally
   WHEN EXISTS (SELECT 1 FROM main.auditrail_entry WHERE entry ->> '$.data.number' = ${number})
   BEGIN SELECT RAISE(ABORT, 'the disk of the tally is broken'); END`;

const paid = (number: number) => ["order.paid", { actor: clerk, data: { number } }] as const;

function placedOrders(handle: SqliteConnection): unknown[] {
  return handle
    .prepare("SELECT number FROM orders ORDER BY number")
    .all()
    .map((row) => (row as { number: number }).number);
}

describe.for(Object.entries(kyselyDrivers))("in a transaction of %s", ([, { open, openConnection }]) => {
  async function openBoth() {
    const { file, trail } = await openPlace(openConnection);
    const { db, handle } = open(file);
    handle.exec(createOrders);
    const place = (trx: Transaction<Orders>, number: number) =>
      trx.insertInto("orders").values({ number }).executeTakeFirstOrThrow();
    /** What is kept of both, once all is closed. */
    const kept = async () => {
      const orders = placedOrders(handle);
      await db.destroy();
      await trail.close();
      return { orders, events: orderNumbers(await readShop(file), "order.paid") };
    };
    return { trail, db, handle, place, kept };
  }

  test("an order and its event commit together", async () => {
    const { trail, db, place, kept } = await openBoth();
    const receipt = await db.transaction().execute(async (trx) => {
      await place(trx, 1);
      return trail.in(trx).record(...paid(1));
    });
    expect(receipt.seq).toBe(0);
    expect(await kept()).toEqual({ orders: [1], events: [1] });
  });

  test("an order and its event vanish together", async () => {
    const { trail, db, place, kept } = await openBoth();
    const failing = db.transaction().execute(async (trx) => {
      await place(trx, 1);
      await trail.in(trx).record(...paid(1));
      throw new Error("out of stock");
    });
    await expect(failing).rejects.toThrow("out of stock");
    expect(await kept()).toEqual({ orders: [], events: [] });
  });

  test("an event that cannot be recorded takes the order with it", async () => {
    const { trail, db, handle, place, kept } = await openBoth();
    handle.exec(breakRecording(1));
    const failing = db.transaction().execute(async (trx) => {
      await place(trx, 1);
      await trail.in(trx).record(...paid(1));
    });
    await expect(failing).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await kept()).toEqual({ orders: [], events: [] });
  });

  test("a transaction whose event could not be recorded is usable, and what it did stands", async () => {
    const { trail, db, handle, place, kept } = await openBoth();
    handle.exec(breakRecording(1));
    await db.transaction().execute(async (trx) => {
      await place(trx, 1);
      await expect(trail.in(trx).record(...paid(1))).rejects.toMatchObject({ code: "STORE_FAILED" });
      await place(trx, 2);
      expect((await trail.in(trx).record(...paid(2))).seq).toBe(0);
    });
    expect(await kept()).toEqual({ orders: [1, 2], events: [2] });
  });

  test("events that are recorded at once have positions of their own, also beside other statements", async () => {
    const { trail, db, place, kept } = await openBoth();
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const receipts = await db.transaction().execute(async (trx) => {
      const all = numbers.map(async (number) => (await place(trx, number), number));
      const recorded = numbers.map((number) => trail.in(trx).record(...paid(number)));
      await Promise.all(all);
      return Promise.all(recorded);
    });
    expect(receipts.map(({ seq }) => seq)).toEqual(numbers);
    expect(await kept()).toEqual({ orders: numbers, events: numbers });
  });

  test("an event that nobody waited for is whole or not there when its transaction ends before it", async () => {
    const { trail, db, handle, place, kept } = await openBoth();
    let late: Promise<unknown> = Promise.resolve();
    await db.transaction().execute(async (trx) => {
      await place(trx, 1);
      late = trail.in(trx).record(...paid(1));
    });
    await Promise.allSettled([late, trail.record("order.placed", { actor: clerk, data: { number: 2 } })]);
    handle.exec("SELECT 1");
    const { orders, events } = await kept();
    expect(orders).toEqual([1]);
    expect([[], [1]]).toContainEqual(events);
  });

  test("Kysely without a transaction is refused", async () => {
    const { trail, db, kept } = await openBoth();
    await expect(trail.in(db as never).record(...paid(1))).rejects.toMatchObject({ code: "TRANSACTION_INVALID" });
    await kept();
  });
});

describe.for(Object.entries(kyselyDrivers))(
  "the SQLite store in transactions of %s",
  ([, { open, openConnection }]) => {
    const files = new WeakMap<Store<SqliteTransaction>, string>();
    const withKysely = async <Result>(file: string, work: (db: OpenKysely["db"]) => Promise<Result>) => {
      const { db } = open(file);
      try {
        return await work(db);
      } finally {
        await db.destroy();
      }
    };
    const cases = storeContract<SqliteTransaction>({
      features: { clock: false, reopen: false, transactions: "asynchronous" },
      async open() {
        const file = join(temporaryDirectory(), "audit.db");
        const store = await openSqliteStore({ file, createIfMissing: true, openConnection });
        files.set(store, file);
        return store;
      },
      transaction: (store, fn) =>
        withKysely(files.get(store)!, (db) => db.transaction().execute(async (trx) => fn(trx))),
      wrongTransactions: async (store) => [
        { what: "Kysely without a transaction", transaction: open(files.get(store)!).db as never },
      ],
      verify: async (store) => checkSqliteFile(files.get(store)!),
    });
    for (const { name, run } of cases.filter((each) => each.name.includes("transaction"))) test(name, run);
  },
);

describe("in a transaction of Drizzle on better-sqlite3", () => {
  const orders = sqliteTable("orders", { number: integer().primaryKey() });

  async function openBoth() {
    const { file, trail } = await openPlace(openBetterSqlite);
    const handle = openBetterApplication(file);
    handle.exec(createOrders);
    const kept = async () => {
      const placed = placedOrders(handle);
      handle.close();
      await trail.close();
      return { orders: placed, events: orderNumbers(await readShop(file), "order.paid") };
    };
    return { trail, db: drizzle(handle), handle, kept };
  }

  test("an order and its event commit together", async () => {
    const { trail, db, kept } = await openBoth();
    const receipt = db.transaction((tx) => {
      tx.insert(orders).values({ number: 1 }).run();
      return trail.in(tx).recordSync(...paid(1));
    });
    expect(receipt.seq).toBe(0);
    expect(await kept()).toEqual({ orders: [1], events: [1] });
  });

  test("an order and its event vanish together, also from a transaction inside another", async () => {
    const { trail, db, kept } = await openBoth();
    db.transaction((tx) => {
      tx.insert(orders).values({ number: 1 }).run();
      trail.in(tx).recordSync(...paid(1));
      expect(() =>
        tx.transaction((inner) => {
          inner.insert(orders).values({ number: 2 }).run();
          trail.in(inner).recordSync(...paid(2));
          inner.rollback();
        }),
      ).toThrow();
    });
    expect(() =>
      db.transaction((tx) => {
        tx.insert(orders).values({ number: 3 }).run();
        trail.in(tx).recordSync(...paid(3));
        throw new Error("out of stock");
      }),
    ).toThrow("out of stock");
    expect(await kept()).toEqual({ orders: [1], events: [1] });
  });

  test("an event that cannot be recorded takes the order with it", async () => {
    const { trail, db, handle, kept } = await openBoth();
    handle.exec(breakRecording(1));
    expect(() =>
      db.transaction((tx) => {
        tx.insert(orders).values({ number: 1 }).run();
        trail.in(tx).recordSync(...paid(1));
      }),
    ).toThrow(expect.objectContaining({ code: "STORE_FAILED", message: expect.stringContaining("tally is broken") }));
    expect(await kept()).toEqual({ orders: [], events: [] });
  });

  test("a transaction whose event could not be recorded is usable, and what it did stands", async () => {
    const { trail, db, handle, kept } = await openBoth();
    handle.exec(breakRecording(1));
    db.transaction((tx) => {
      tx.insert(orders).values({ number: 1 }).run();
      expect(() => trail.in(tx).recordSync(...paid(1))).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
      tx.insert(orders).values({ number: 2 }).run();
      trail.in(tx).recordSync(...paid(2));
    });
    expect(await kept()).toEqual({ orders: [1, 2], events: [2] });
  });
});

test("a driver with another copy of SQLite than the store's is refused", async () => {
  const { file, trail } = await openPlace(openNodeSqlite);
  const handle = openBetterApplication(file);
  handle.exec("BEGIN IMMEDIATE");
  expect(() => trail.in(handle).recordSync(...paid(1))).toThrow(
    expect.objectContaining({ code: "STORE_UNSAFE", message: expect.stringContaining("another copy of SQLite") }),
  );
  handle.close();
  await trail.close();
});
