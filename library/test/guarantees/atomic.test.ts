import { join } from "node:path";

import { expect, test } from "vitest";

import { temporaryDirectory } from "../temporary-directory.ts";
import { clerk, openApplication, openShop, orderNumbers, readShop } from "./shop.ts";

async function openBoth() {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file);
  const application = openApplication(file);
  application.exec("CREATE TABLE orders (number INTEGER PRIMARY KEY)");
  return { file, trail, application };
}

test("an atomic event commits with the application's own change", async () => {
  const { file, trail, application } = await openBoth();
  application.exec("BEGIN IMMEDIATE; INSERT INTO orders VALUES (7)");
  const receipt = await trail.in(application).record("order.paid", { actor: clerk, data: { number: 7 } });
  application.exec("COMMIT");
  expect(receipt.seq).toBe(0);
  application.close();
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.paid")).toEqual([7]);
});

test("an atomic event rolls back with the application's own change", async () => {
  const { file, trail, application } = await openBoth();
  application.exec("BEGIN IMMEDIATE; INSERT INTO orders VALUES (7)");
  trail.in(application).recordSync("order.paid", { actor: clerk, data: { number: 7 } });
  application.exec("ROLLBACK");
  expect(application.prepare("SELECT count(*) AS n FROM orders").get()).toEqual({ n: 0 });
  application.close();
  await trail.close();
  expect(await readShop(file)).toEqual([]);
});

test("an atomic event that cannot be recorded fails the transaction that it belongs to, and leaves it to the application", async () => {
  const { file, trail, application } = await openBoth();
  application.exec("BEGIN IMMEDIATE; INSERT INTO orders VALUES (7)");
  const wrong = { actor: clerk, data: { number: "seven" } } as never;
  expect(() => trail.in(application).recordSync("order.paid", wrong)).toThrow(
    expect.objectContaining({ code: "EVENT_INVALID" }),
  );
  await expect(trail.in(application).record("order.paid", wrong)).rejects.toMatchObject({ code: "EVENT_INVALID" });
  trail.in(application).recordSync("order.paid", { actor: clerk, data: { number: 7 } });
  application.exec("COMMIT");
  application.close();
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.paid")).toEqual([7]);
});

test("an atomic event is refused outside a transaction, before anything is run or recorded", async () => {
  const { trail, application } = await openBoth();
  const outside = trail as unknown as { record: typeof trail.record; track: (...all: unknown[]) => Promise<unknown> };
  await expect(
    outside.record("order.paid" as never, { actor: clerk, data: { number: 1 } } as never),
  ).rejects.toMatchObject({ code: "TRANSACTION_REQUIRED" });
  let ran = false;
  await expect(outside.track("order.paid", { actor: clerk }, () => (ran = true))).rejects.toMatchObject({
    code: "TRANSACTION_REQUIRED",
  });
  expect(ran).toBe(false);
  expect(() => trail.in(application).recordSync("order.paid", { actor: clerk, data: { number: 1 } })).toThrow(
    expect.objectContaining({ code: "TRANSACTION_INVALID" }),
  );
  application.close();
  await trail.close();
});

test("an event that another transaction holds up fails the transaction with STORE_LOCKED", async () => {
  const { file, trail, application } = await openBoth();
  const other = openApplication(file);
  other.exec("BEGIN IMMEDIATE");
  application.exec("PRAGMA busy_timeout = 0; BEGIN");
  expect(() => trail.in(application).recordSync("order.paid", { actor: clerk, data: { number: 1 } })).toThrow(
    expect.objectContaining({ code: "STORE_LOCKED" }),
  );
  application.exec("ROLLBACK");
  for (const connection of [other, application]) connection.close();
  await trail.close();
});

test("a connection that does not flush its commits is refused", async () => {
  const { trail, application } = await openBoth();
  application.exec("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE");
  expect(() => trail.in(application).recordSync("order.paid", { actor: clerk, data: { number: 1 } })).toThrow(
    expect.objectContaining({ code: "STORE_UNSAFE" }),
  );
  application.exec("ROLLBACK");
  application.close();
  await trail.close();
});

test("a closed trail takes no atomic events either", async () => {
  const { trail, application } = await openBoth();
  await trail.close();
  application.exec("BEGIN IMMEDIATE");
  expect(() => trail.in(application).recordSync("order.paid", { actor: clerk, data: { number: 1 } })).toThrow(
    expect.objectContaining({ code: "TRAIL_CLOSED" }),
  );
  application.close();
});

test("a known id in a transaction answers with the first receipt, and conflicts when it says something else", async () => {
  const { file, trail, application } = await openBoth();
  const id = "01920000-0000-7000-8000-000000000001";
  application.exec("BEGIN IMMEDIATE");
  const recorder = trail.in(application);
  const first = recorder.recordSync("order.paid", { id, actor: clerk, data: { number: 1 } });
  expect(recorder.recordSync("order.paid", { id, actor: clerk, data: { number: 1 } })).toEqual(first);
  expect(() => recorder.recordSync("order.paid", { id, actor: clerk, data: { number: 2 } })).toThrow(
    expect.objectContaining({ code: "ID_CONFLICT" }),
  );
  application.exec("COMMIT");
  application.close();
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.paid")).toEqual([1]);
});
