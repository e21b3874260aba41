import { afterAll, describe, expect, test } from "vitest";

import { openEntry } from "../../src/event/entry.ts";
import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { checkTrails } from "../../src/testing/index.ts";
import { clerk, openShopTrail, orderNumbers } from "../guarantees/shop.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { postgresDrivers } from "./postgres-drivers.ts";
import { removePrismaClient } from "./prisma-client.ts";

const { url, pool } = await createTestDatabase();
await pool.query("CREATE TABLE orders (number integer PRIMARY KEY)");
const store = await openPostgresStore({ connection: pool, createIfMissing: true });
const trail = await openShopTrail(store);
await pool.query(`
  CREATE FUNCTION break_recording() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE 'the disk of the inbox is broken'; END $$;
  CREATE TRIGGER broken BEFORE INSERT ON auditrail.inbox FOR EACH ROW WHEN (NEW.entry::jsonb #>> '{data,number}' LIKE '%13') EXECUTE FUNCTION break_recording()`);

afterAll(async () => {
  await trail.close();
  await removePrismaClient();
});

const paid = (number: number) => ["order.paid", { actor: clerk, data: { number } }] as const;

/** What is kept of both, of the numbers from `first` on; the whole trail verifies. */
async function kept(
  first: number,
): Promise<{ readonly orders: readonly number[]; readonly events: readonly number[] }> {
  await store.sequence();
  await checkTrails(store);
  const { rows } = await pool.query<{ number: number }>("SELECT number FROM orders WHERE number >= $1 ORDER BY 1", [
    first,
  ]);
  const events = orderNumbers((await store.read("default", 0, 10_000)).map(openEntry), "order.paid");
  return {
    orders: rows.map(({ number }) => number),
    events: events.filter((number) => number >= first).toSorted((a, b) => a - b),
  };
}

describe.for(Object.entries(postgresDrivers).map(([name, open], index) => [name, open, index * 100] as const))(
  "in a transaction of %s",
  ([, open, base]) => {
    test("an order and its events commit together", async () => {
      const driver = await open(url);
      const receipt = await driver.transaction(async (tx, place) => {
        await place(base + 1);
        await trail.in(tx).record(...paid(base + 1));
        return trail.in(tx).record(...paid(base + 2));
      });
      expect(receipt.seq).toBe(null);
      await driver.close();
      expect(await kept(base)).toEqual({ orders: [base + 1], events: [base + 1, base + 2] });
    });

    test("an order and its events vanish together", async () => {
      const driver = await open(url);
      const failing = driver.transaction(async (tx, place) => {
        await place(base + 3);
        await trail.in(tx).record(...paid(base + 3));
        throw new Error("out of stock");
      });
      await expect(failing).rejects.toThrow("out of stock");
      await driver.close();
      expect(await kept(base + 3)).toEqual({ orders: [], events: [] });
    });

    test("an event that the database refuses takes the order with it, even where the application goes on", async () => {
      const driver = await open(url);
      const failing = driver.transaction(async (tx, place) => {
        await place(base + 13);
        await trail.in(tx).record(...paid(base + 13));
      });
      await expect(failing).rejects.toMatchObject({
        code: "STORE_FAILED",
        message: expect.stringContaining("the disk of the inbox is broken"),
      });
      const goingOn = driver.transaction(async (tx, place) => {
        await place(base + 13);
        await trail
          .in(tx)
          .record(...paid(base + 13))
          .catch(() => undefined);
      });
      await goingOn.catch(() => undefined);
      await driver.close();
      expect(await kept(base + 3)).toEqual({ orders: [], events: [] });
    });

    test("an event that is refused before it reaches the database leaves the transaction usable", async () => {
      const driver = await open(url);
      await driver.transaction(async (tx, place) => {
        await place(base + 4);
        const wrong = trail.in(tx).record("order.paid", { actor: clerk, data: { number: "four" } } as never);
        await expect(wrong).rejects.toMatchObject({ code: "EVENT_INVALID" });
        await trail.in(tx).record(...paid(base + 4));
      });
      await driver.close();
      expect(await kept(base + 4)).toEqual({ orders: [base + 4], events: [base + 4] });
    });

    test("the same id again is the same event, and another event with it is refused", async () => {
      const driver = await open(url);
      const id = `01920000-0000-7000-8000-${String(base).padStart(12, "0")}`;
      await driver.transaction(
        async (tx) => void (await trail.in(tx).record("order.paid", { id, actor: clerk, data: { number: base + 5 } })),
      );
      await store.sequence(); // What is being placed at the very moment is not looked at twice.
      await driver.transaction(async (tx) => {
        await trail.in(tx).record("order.paid", { id, actor: clerk, data: { number: base + 5 } });
        const other = trail.in(tx).record("order.paid", { id, actor: clerk, data: { number: base + 6 } });
        await expect(other).rejects.toMatchObject({ code: "ID_CONFLICT" });
      });
      await driver.close();
      expect((await kept(base + 5)).events).toEqual([base + 5]);
    });

    test("its handle without a transaction is refused", async () => {
      const driver = await open(url);
      await expect(trail.in(driver.outside as never).record(...paid(base + 7))).rejects.toMatchObject({
        code: "TRANSACTION_INVALID",
      });
      await driver.close();
    });
  },
);
