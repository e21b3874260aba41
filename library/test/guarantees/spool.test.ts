import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { openEntry } from "../../src/event/entry.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { checkTrails, failBeforeAppend } from "../../src/testing/index.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { clerk, openShopTrail, orderNumbers } from "./shop.ts";

const order = (number: number) => ({ actor: { ...clerk, name: "Ida Lund" }, data: { number } });
const read = async (store: Store<never>) => (await store.read("default", 0, 100)).map(openEntry);
const segments = (directory: string) => readdirSync(directory).filter((file) => file.endsWith(".spool"));

/** Leaves these orders in the spool of a directory, as a process does that ends while its store fails. */
async function leaveInSpool(directory: string, numbers: readonly number[]): Promise<string> {
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const trail = await openShopTrail(store, { spool: { directory } });
  store.fail();
  for (const number of numbers) await trail.record("order.placed", order(number));
  await trail.close();
  return join(directory, segments(directory).at(-1)!);
}

/** Opens a trail over the directory's spool and a working store, and answers what that has then. */
async function recover(directory: string) {
  const store = openMemoryStore();
  const trail = await openShopTrail(store, { spool: { directory } });
  const entries = await read(store as Store<never>);
  const health = trail.health();
  await checkTrails(store);
  await trail.close();
  return { entries, health };
}

test("what a process left in the spool is in the store when the next one has opened the trail", async () => {
  const directory = temporaryDirectory();
  await leaveInSpool(directory, [1, 2, 3]);
  const { entries } = await recover(directory);
  expect(orderNumbers(entries, "order.placed")).toEqual([1, 2, 3]);
  expect(entries[0]!.event.actor.name).toBe("Ida Lund");
  expect(readdirSync(directory)).toEqual([]);
});

test("a torn last line was never acknowledged and is dropped without a word", async () => {
  const directory = temporaryDirectory();
  const file = await leaveInSpool(directory, [1, 2]);
  appendFileSync(file, '0badc0de {"tenant":"default","id":"01920000');
  const { entries, health } = await recover(directory);
  expect(orderNumbers(entries, "order.placed")).toEqual([1, 2]);
  expect(entries).toHaveLength(2);
  expect(health.lastError).toBeUndefined();
});

test("a damaged line is told as a gap and kept beside, and takes no other line along", async () => {
  const directory = temporaryDirectory();
  const file = await leaveInSpool(directory, [1, 2, 3]);
  const lines = readFileSync(file, "utf8").split("\n");
  lines[1] = lines[1]!.replace("order.placed", "order.PLACED");
  writeFileSync(file, lines.join("\n"));
  const { entries, health } = await recover(directory);
  expect(orderNumbers(entries, "order.placed")).toEqual([1, 3]);
  expect(entries.at(-1)!.event).toMatchObject({ action: "auditrail.gap", data: { count: 1, cause: "spool" } });
  expect(health.lastError).toMatchObject({ code: "SPOOL_CORRUPT", message: expect.stringContaining("line 2") });
  expect(existsSync(`${file}.damaged`)).toBe(true);
});

test("events that were in the store already are not doubled by the spool", async () => {
  const directory = temporaryDirectory();
  const file = await leaveInSpool(directory, [1, 2]);
  copyFileSync(file, file.replace("00000000.spool", "00000001.spool"));
  const { entries } = await recover(directory);
  expect(orderNumbers(entries, "order.placed")).toEqual([1, 2]);
});

test("a full spool rejects, and keeps what it holds", async () => {
  const directory = temporaryDirectory();
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const trail = await openShopTrail(store, { spool: { directory, maxBytes: 2_000 } });
  store.fail();
  const results = [];
  for (let number = 0; number < 5; number += 1)
    results.push(
      await trail.record("order.placed", order(number)).then(
        () => number,
        (error: { code: string }) => error.code,
      ),
    );
  const kept = results.filter((result) => typeof result === "number");
  expect(kept.length).toBeGreaterThan(0);
  expect(results.slice(kept.length).every((result) => result === "SPOOL_FULL")).toBe(true);
  expect(trail.health()).toMatchObject({
    spooled: kept.length,
    refused: 5 - kept.length,
    lastError: { code: "SPOOL_FULL" },
  });
  store.mend();
  await expect.poll(() => trail.health().spooled, { timeout: 8_000 }).toBe(0);
  await trail.record("order.placed", order(9));
  expect(orderNumbers(await read(store), "order.placed")).toEqual([...kept, 9]);
  await trail.close();
});

test("a spool that breaks while it is needed rejects with SPOOL_FAILED", async () => {
  const directory = join(temporaryDirectory(), "spool");
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const trail = await openShopTrail(store, { spool: { directory } });
  store.fail();
  rmSync(directory, { recursive: true });
  writeFileSync(directory, "now a file is in the way");
  await expect(trail.record("order.placed", order(1))).rejects.toMatchObject({ code: "SPOOL_FAILED", retry: true });
  rmSync(directory);
  expect(await trail.record("order.placed", order(2))).toMatchObject({ seq: null });
  store.mend();
  await trail.close();
});

test("a spool directory that cannot be one is a mistake of the set-up", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  await expect(
    openShopTrail(openMemoryStore(), { spool: { directory: join(directory, "file") } }),
  ).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  await expect(openShopTrail(openMemoryStore(), { spool: { directory: "" } })).rejects.toMatchObject({
    code: "OPTION_INVALID",
  });
  await expect(openShopTrail(openMemoryStore(), { spool: { directory, maxSize: 1 } as never })).rejects.toMatchObject({
    code: "OPTION_UNKNOWN",
  });
});

test("the spool of a process that still runs is left to it", async () => {
  const directory = temporaryDirectory();
  const file = await leaveInSpool(directory, [1]);
  const running = file.replace(`-${process.pid}.`, `-${process.ppid}.`);
  copyFileSync(file, running);
  const { entries } = await recover(directory);
  expect(entries).toHaveLength(1);
  expect(segments(directory)).toHaveLength(1);
});

test("the spool of another host's container is taken up when it has not been touched for long", async () => {
  const directory = temporaryDirectory();
  const file = await leaveInSpool(directory, [1]);
  const foreign = file.replace(hostname(), "4f1c0ffee");
  copyFileSync(file, foreign);
  const fresh = await recover(directory);
  expect(fresh.entries).toHaveLength(1);
  expect(existsSync(foreign)).toBe(true);
  const longAgo = Date.now() / 1000 - 7_200;
  utimesSync(foreign, longAgo, longAgo);
  expect((await recover(directory)).entries).toHaveLength(1);
  expect(existsSync(foreign)).toBe(false);
});

test("what waits for one store does not go into another that has the same spool directory", async () => {
  const directory = temporaryDirectory();
  await leaveInSpool(directory, [1]);
  const other = openMemoryStore({ origin: "other.example.com/trail" });
  const trail = await openShopTrail(other, { spool: { directory } });
  expect(await other.listTrails()).toEqual([]);
  await trail.close();
  expect((await recover(directory)).entries).toHaveLength(1);
});

test("a spool that cannot be delivered yet waits for the next opening", async () => {
  const directory = temporaryDirectory();
  await leaveInSpool(directory, [1, 2]);
  const store = failBeforeAppend(openMemoryStore(), "STORE_LOCKED");
  store.fail();
  const trail = await openShopTrail(store, { spool: { directory } });
  expect(trail.health().lastError).toMatchObject({ code: "STORE_LOCKED" });
  await trail.close();
  expect(orderNumbers((await recover(directory)).entries, "order.placed")).toEqual([1, 2]);
});

test("spool files hold no more than their owner may read", async () => {
  const directory = join(temporaryDirectory(), "spool");
  const file = await leaveInSpool(directory, [1]);
  expect(statSync(file).mode & 0o077).toBe(0);
});
