import { readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { appendButFail, checkTrails, failBeforeAppend, holdAppends } from "../../src/testing/index.ts";
import { openEntry } from "../../src/event/entry.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { clerk, openApplication, openShop, openShopTrail, orderNumbers, readShop } from "./shop.ts";

const order = (number: number) => ({ actor: clerk, data: { number } });
const id = "01920000-0000-7000-8000-000000000001";

test("a durable event has its receipt when it is in the store", async () => {
  const store = holdAppends(openMemoryStore());
  const trail = await openShopTrail(store);
  let resolved = false;
  const recorded = trail.record("order.placed", order(1)).then((receipt) => ((resolved = true), receipt));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([resolved, store.held, trail.health().waiting]).toEqual([false, 1, 1]);
  store.release();
  expect(await recorded).toMatchObject({
    seq: 0,
    id: expect.any(String),
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  await trail.close();
});

test("events that come at once are written together, in the order in which they came", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file);
  const receipts = await Promise.all(
    Array.from({ length: 2_500 }, (_, number) => trail.record("order.placed", order(number))),
  );
  expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, index) => index));
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual(receipts.map((_, index) => index));
});

test("the same event again has the first receipt again, also after the trail was opened anew", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const event = { id, actor: { ...clerk, name: "Ida Lund" }, data: { number: 1 } };
  const trail = await openShop(file);
  const first = await trail.record("order.placed", event);
  expect(await trail.record("order.placed", event)).toEqual(first);
  const both = await Promise.all([trail.record("order.placed", event), trail.record("order.placed", event)]);
  expect(both).toEqual([first, first]);
  await trail.close();
  const again = await openShop(file);
  expect(await again.record("order.placed", event)).toEqual(first);
  await expect(again.record("order.placed", { ...event, data: { number: 2 } })).rejects.toMatchObject({
    code: "ID_CONFLICT",
    details: { id, seq: 0 },
  });
  await expect(
    again.record("order.placed", { ...event, actor: { ...clerk, name: "Somebody else" } }),
  ).rejects.toMatchObject({ code: "ID_CONFLICT" });
  await again.close();
  expect(await readShop(file)).toHaveLength(1);
});

test("one refused event does not take along those that are written with it", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file);
  await trail.record("order.placed", { id, ...order(0) });
  const results = await Promise.allSettled([
    trail.record("order.placed", order(1)),
    trail.record("order.placed", { id, ...order(99) }),
    trail.record("order.placed", order(2)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual([0, 1, 2]);
});

test("a commit whose outcome is unknown is tried again, and kept once", async () => {
  const store = appendButFail(openMemoryStore());
  const trail = await openShopTrail(store);
  store.fail();
  await expect(trail.record("order.placed", order(1))).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(store.failures).toBe(2);
  store.mend();
  await trail.record("order.placed", order(2));
  const kept = (await store.read("default", 0, 10)).map(openEntry);
  expect(orderNumbers(kept, "order.placed")).toEqual([1, 2]);
  await checkTrails(store);
  await trail.close();
});

test.for([
  "STORE_FULL",
  "STORE_READ_ONLY",
  "STORE_LOCKED",
  "STORE_CORRUPT",
  "STORE_FAILED",
  "STORE_CLOSED",
  "STORE_NOT_FOUND",
  "STORE_FOREIGN",
  "STORE_UNSAFE",
] as const)(
  "a durable event goes to the spool while the store fails with %s, and to its place when that is over",
  async (code) => {
    const directory = temporaryDirectory();
    const store = failBeforeAppend(openMemoryStore(), code);
    const trail = await openShopTrail(store, { spool: { directory } });
    await trail.record("order.placed", order(0));
    store.fail();
    const receipts = [await trail.record("order.placed", order(1)), await trail.record("order.placed", order(2))];
    expect(receipts.map(({ seq, recordedAt }) => [seq, recordedAt])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(trail.health()).toMatchObject({
      state: "degraded",
      spooled: 2,
      recorded: 3,
      refused: 0,
      lastError: { code },
    });
    expect(readdirSync(directory)).toHaveLength(1);
    store.mend();
    await trail.close();
    expect(readdirSync(directory)).toEqual([]);
  },
);

test("spooled events are moved into the store by themselves, before newer ones, in their order", async () => {
  const store = failBeforeAppend(openMemoryStore(), "STORE_LOCKED");
  const trail = await openShopTrail(store, { spool: { directory: temporaryDirectory() } });
  store.fail();
  for (const number of [0, 1, 2]) await trail.record("order.placed", order(number));
  store.mend();
  await trail.record("order.placed", order(3)); // Lines up behind them.
  await expect.poll(() => trail.health(), { timeout: 5_000 }).toMatchObject({ state: "ok", spooled: 0, spoolBytes: 0 });
  await trail.record("order.placed", order(4));
  const kept = (await store.read("default", 0, 10)).map(openEntry);
  expect(orderNumbers(kept, "order.placed")).toEqual([0, 1, 2, 3, 4]);
  await trail.close();
});

test("without a spool the store's failure is the caller's to hear", async () => {
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const trail = await openShopTrail(store);
  store.fail();
  await expect(trail.record("order.placed", order(1))).rejects.toMatchObject({ code: "STORE_FULL" });
  expect(trail.health()).toMatchObject({ recorded: 0, refused: 1 });
  await trail.close();
});

test("another writer's short transaction is waited for, a long one sends events to the spool", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file, { spool: { directory: temporaryDirectory() }, sqlite: { lockTimeoutMs: 600 } });
  const other = openApplication(file);
  other.exec("BEGIN IMMEDIATE");
  setTimeout(() => other.exec("COMMIT"), 150);
  expect(await trail.record("order.placed", order(1))).toMatchObject({ seq: 0 });
  other.exec("BEGIN IMMEDIATE");
  expect(await trail.record("order.placed", order(2))).toMatchObject({ seq: null });
  expect(trail.health()).toMatchObject({ spooled: 1, lastError: { code: "STORE_LOCKED" } });
  other.exec("COMMIT");
  other.close();
  await expect.poll(() => trail.health().spooled, { timeout: 8_000 }).toBe(0);
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual([1, 2]);
});

test("a trail can be opened while the store is locked, and takes up its work when it is not", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  await (await openSqliteStore({ file, createIfMissing: true })).close();
  const other = openApplication(file);
  other.exec("BEGIN IMMEDIATE");
  const trail = await openShop(file, { spool: { directory: temporaryDirectory() }, sqlite: { lockTimeoutMs: 50 } });
  expect(trail.health().lastError).toMatchObject({ code: "STORE_LOCKED" });
  await trail.record("order.placed", order(1));
  other.exec("COMMIT");
  other.close();
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual([1]);
});

test("more events than may wait are refused at once, and those that wait are kept", async () => {
  const store = holdAppends(openMemoryStore());
  const trail = await openShopTrail(store, { maxWaiting: 3 });
  const first = trail.record("order.placed", order(0));
  await Promise.resolve();
  const waiting = [1, 2, 3].map((number) => trail.record("order.placed", order(number)));
  await expect(trail.record("order.placed", order(4))).rejects.toMatchObject({ code: "TRAIL_OVERLOADED", retry: true });
  store.release();
  expect((await Promise.all([first, ...waiting])).map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
  await trail.close();
});

test("close() waits for what was accepted, and nothing is accepted after it", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file);
  const recorded = Promise.all([1, 2, 3].map((number) => trail.record("order.placed", order(number))));
  await Promise.all([trail.close(), trail.close()]);
  await recorded;
  await expect(trail.record("order.placed", order(4))).rejects.toMatchObject({ code: "TRAIL_CLOSED" });
  await expect(trail.track("order.placed", order(5), () => undefined)).rejects.toMatchObject({ code: "TRAIL_CLOSED" });
  await expect(trail.query("")).rejects.toMatchObject({ code: "STORE_CLOSED" });
  expect(trail.health().state).toBe("closed");
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual([1, 2, 3]);
});

test("flush() waits for what was accepted before it, and not for what comes after", async () => {
  const store = holdAppends(openMemoryStore());
  const trail = await openShopTrail(store);
  const first = trail.record("order.placed", order(1));
  await Promise.resolve();
  const flushed = trail.flush();
  store.release();
  await first;
  store.hold();
  const second = trail.record("order.placed", order(2));
  await flushed;
  expect(trail.health().waiting).toBe(1);
  store.release();
  await second;
  await trail.close();
});
