import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { openEntry } from "../../src/event/entry.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { failBeforeAppend, holdAppends } from "../../src/testing/index.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { clerk, openShopTrail, orderNumbers } from "./shop.ts";

const view = (number: number) => ({ actor: clerk, data: { number } });
const read = async (store: Store<never>) => (await store.read("default", 0, 100)).map(openEntry);
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("a buffered event is accepted at once, and in the store after flush()", async () => {
  const store = holdAppends(openMemoryStore());
  const trail = await openShopTrail(store);
  const receipt = await trail.record("order.viewed", view(1));
  expect(receipt).toMatchObject({ seq: null, recordedAt: null, hash: expect.any(String) });
  expect(trail.health().waiting).toBe(1);
  store.release();
  await trail.flush();
  expect(orderNumbers(await read(store), "order.viewed")).toEqual([1]);
  await trail.close();
});

test("buffered events are spooled while the store fails, and counted as settled once they are in it", async () => {
  const directory = temporaryDirectory();
  const inner = openMemoryStore();
  const store = failBeforeAppend(inner, "STORE_FULL");
  const trail = await openShopTrail(store, { spool: { directory } });
  await trail.record("order.viewed", view(0));
  await trail.flush();
  store.fail();
  for (const number of [1, 2, 3]) await trail.record("order.viewed", view(number));
  await trail.flush();
  expect(trail.health()).toMatchObject({ spooled: 3, lost: 0 });
  store.mend();
  await expect.poll(() => trail.health().spooled, { timeout: 5_000 }).toBe(0);
  const entries = await read(store);
  expect(orderNumbers(entries, "order.viewed")).toEqual([0, 1, 2, 3]);
  expect(await store.readSettled(entries[0]!.event.producer!)).toBe(4);
  await trail.close();
  expect(readdirSync(directory)).toEqual([]);
});

test("buffered events that neither store nor spool can keep are counted, and told by one entry when the store is back", async () => {
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const trail = await openShopTrail(store, { spool: { directory: temporaryDirectory(), maxBytes: 10 } });
  store.fail();
  await trail.with({ tenant: "somebody", actor: clerk, reason: "not the gap's" }, async () => {
    for (const number of [1, 2, 3]) await trail.record("order.viewed", view(number));
    await trail.flush();
  });
  expect(trail.health()).toMatchObject({ state: "degraded", lost: 3, refused: 0 });
  store.mend();
  await expect.poll(() => trail.health().state, { timeout: 5_000 }).toBe("ok");
  const [gap, ...others] = await read(store);
  expect(others).toEqual([]);
  expect(gap!.event).toMatchObject({
    action: "auditrail.gap",
    tenant: "default",
    severity: "critical",
    data: { count: 3, cause: "store" },
  });
  expect(gap!.event.reason).toBeUndefined();
  expect(await store.readSettled(gap!.event.data!["producer"] as string)).toBe(3);
  await trail.close();
});

test("without a spool a failing store loses buffered events, and says so", async () => {
  const store = failBeforeAppend(openMemoryStore(), "STORE_READ_ONLY");
  const trail = await openShopTrail(store);
  store.fail();
  await trail.record("order.viewed", view(1));
  await trail.flush();
  expect(trail.health()).toMatchObject({ lost: 1, lastError: { code: "STORE_READ_ONLY" } });
  store.mend();
  await trail.close();
});

test("a buffered event that conflicts with a known id is told as a gap", async () => {
  const store = openMemoryStore();
  const trail = await openShopTrail(store);
  const id = "01920000-0000-7000-8000-000000000001";
  await trail.record("order.viewed", { id, ...view(1) });
  await trail.record("order.viewed", { id, ...view(2) });
  await trail.flush();
  expect(trail.health()).toMatchObject({ lost: 1, lastError: { code: "ID_CONFLICT" } });
  await trail.close();
  const reopened = store;
  await expect(reopened.read("default", 0, 9)).rejects.toMatchObject({ code: "STORE_CLOSED" });
});

test("the same buffered event twice is one entry and no loss", async () => {
  const store = openMemoryStore();
  const trail = await openShopTrail(store);
  const event = { id: "01920000-0000-7000-8000-000000000001", ...view(1) };
  await trail.record("order.viewed", event);
  await trail.record("order.viewed", event);
  await trail.flush();
  await wait(1);
  expect(trail.health()).toMatchObject({ lost: 0, state: "ok" });
  expect(await read(store as Store<never>)).toHaveLength(1);
  await trail.close();
});

test("what a capture hands over is prepared later, in nobody's context, in its order, and as it was", async () => {
  const store = openMemoryStore();
  const trail = await openShopTrail(store);
  const handOver = (number: number) => trail.begin("order.viewed", { actor: clerk }).handOver({ data: { number } });
  handOver(1);
  const operation = trail.begin("order.viewed", { actor: clerk });
  const said = { reason: "asked" };
  operation.set(said);
  operation.handOver({ data: { number: 2 } });
  said.reason = "changed since";
  // What is recorded later stands behind what was handed over before it.
  await trail.with({ reason: "somebody's" }, async () => {
    handOver(3);
    await trail.record("order.placed", view(4));
  });
  const begunOutside = trail.begin("order.viewed", { actor: clerk });
  trail.with({ reason: "somebody's" }, () => begunOutside.handOver({ data: { number: 5 } }));
  expect(trail.health().waiting).toBe(1);
  await expect.poll(() => trail.health().waiting, { timeout: 5_000 }).toBe(0);
  const entries = await read(store as Store<never>);
  expect(entries.map(({ event }) => [event.data!["number"], event.reason])).toEqual([
    [1, undefined],
    [2, "asked"],
    [3, "somebody's"],
    [4, "somebody's"],
    [5, undefined],
  ]);
  expect(entries[0]!.event).toMatchObject({ actor: clerk, durationMs: expect.any(Number), outcome: "success" });
  await trail.close();
  expect(() => handOver(6)).not.toThrow();
  expect(trail.health()).toMatchObject({ refused: 1, lastError: { code: "TRAIL_CLOSED" } });
});

test("what is handed over counts in the ledger at once, and no longer when it turns out to be no event", async () => {
  const directory = temporaryDirectory();
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const trail = await openShopTrail(store, { spool: { directory } });
  const accepted = () => {
    const ledger = readdirSync(directory).find((name) => name.endsWith(".ledger"));
    return Number(readFileSync(join(directory, ledger!), "latin1"));
  };
  const handOver = (data: object) => trail.begin("order.viewed", { actor: clerk }).handOver({ data } as never);
  handOver({ number: 1 });
  handOver({ number: "none" });
  expect(accepted()).toBe(2);
  store.fail();
  await trail.flush();
  expect(accepted()).toBe(1);
  expect(trail.health()).toMatchObject({ refused: 1, lost: 0, spooled: 1 });
  store.mend();
  await expect.poll(() => trail.health().spooled, { timeout: 5_000 }).toBe(0);
  const [entry] = await read(store as Store<never>);
  expect(await store.readSettled(entry!.event.producer!)).toBe(1);
  // More than are prepared at once, and closing takes along what waits.
  for (let number = 0; number < 100; number += 1) handOver({ number });
  await trail.close();
  expect(readdirSync(directory)).toEqual([]);
});
