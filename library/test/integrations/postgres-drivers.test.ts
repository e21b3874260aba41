import { afterAll, describe, expect, test } from "vitest";

import { installCapture, removeCapture, writeInOperation } from "../../src/capture/postgres-triggers/index.ts";
import { runWithContext } from "../../src/context/context.ts";
import { openTransaction } from "../../src/trail/postgres-transaction.ts";
import { drainAll } from "../postgres-triggers/shop-database.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { postgresDrivers } from "./postgres-drivers.ts";
import { compileWithPrisma, removePrismaClient } from "./prisma-client.ts";

const { url, pool } = await createTestDatabase();
afterAll(removePrismaClient);
await pool.query("CREATE TABLE orders (number integer PRIMARY KEY); CREATE TABLE notes (note text, tags jsonb)");

describe.for(Object.entries(postgresDrivers))("in a transaction of %s", ([, open]) => {
  test("statements run with their values bound, and commit or vanish with it", async () => {
    const driver = await open(url);
    await pool.query("TRUNCATE orders, notes");
    const rows = await driver.transaction(async (tx, place) => {
      await place(1);
      const client = openTransaction(tx)!;
      expect(client.isInTransaction()).not.toBe(false);
      await client.run("SAVEPOINT noted");
      await client.run("RELEASE SAVEPOINT noted");
      await client.run("INSERT INTO notes VALUES ($1::text, $2::text::jsonb)", ["it's ? $1", '{"a":1}']);
      return client.run("SELECT note, tags ? 'a' AS has, $2::text AS b, $1::text AS a FROM notes", ["A", "B"]);
    });
    expect(rows).toEqual([{ note: "it's ? $1", has: true, a: "A", b: "B" }]);
    const failing = driver.transaction(async (tx, place) => {
      await place(2);
      await openTransaction(tx)!.run("INSERT INTO notes VALUES ('never', NULL)");
      throw new Error("out of stock");
    });
    await expect(failing).rejects.toThrow("out of stock");
    expect((await pool.query("SELECT number, note FROM orders, notes")).rows).toEqual([
      { number: 1, note: "it's ? $1" },
    ]);
    await driver.close();
  });

  test("a bulk call is captured by triggers, each row as its caller's", async () => {
    await pool.query("TRUNCATE orders");
    await installCapture(pool, { tables: { orders: {}, notes: { exclude: "not looked at here" } } });
    const driver = await open(url);
    await runWithContext({ actor: { type: "user", id: "7" } }, () =>
      driver.transaction((tx, place, renumber) =>
        writeInOperation(tx, async () => {
          for (const number of [1, 2, 3]) await place(number);
          await renumber();
        }),
      ),
    );
    await driver.close();
    const events = await drainAll(pool);
    await removeCapture(pool);
    const numberIn = (row: unknown): unknown => (row as { readonly number?: number } | undefined)?.number;
    const told = events.map(({ action, before, after, actor }) => [
      action,
      numberIn(before),
      numberIn(after),
      actor.id,
    ]);
    const numbers = [1, 2, 3];
    expect(told).toEqual([
      ...numbers.map((number) => ["row.inserted", undefined, number, "7"]),
      ...numbers.map((number) => ["row.updated", number, number + 100, "7"]),
    ]);
  });

  test("an error of the database comes with its code, and its handle without a transaction is known as such", async () => {
    const driver = await open(url);
    const failing = driver.transaction((tx) => openTransaction(tx)!.run("SELECT * FROM nowhere"));
    await expect(failing).rejects.toMatchObject({ code: "42P01", message: expect.stringContaining("nowhere") });
    const client = openTransaction(driver.outside);
    if (client?.isInTransaction() === undefined)
      await expect(client?.run("SAVEPOINT noted") ?? Promise.reject(noTransaction)).rejects.toMatchObject(
        noTransaction,
      );
    else expect(client.isInTransaction()).toBe(false);
    await driver.close();
  });
});

const noTransaction = { code: "25P01" };

test("a Prisma client without a transaction does not compile where one is asked for", async () => {
  expect(await compileWithPrisma()).toBe("");
});
