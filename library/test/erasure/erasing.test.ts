import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { verifyTrail } from "../../src/integrity/verify-trail.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { openErasure } from "../../src/erasure/index.ts";
import {
  findInFiles,
  openWorld,
  operator,
  person,
  recordOrders,
  storeKinds,
  traces,
  type World,
} from "./erasing-world.ts";
import { openBetterSqlite } from "../contracts/sqlite-harness.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { policyFor, publishCheckpoints } from "./publish-checkpoints.ts";

const order = { reason: "ticket 331", actor: operator };
const countOf = async ({ trail }: World, query: string): Promise<number> => (await trail.count(query))[0]?.count ?? 0;

describe.each(storeKinds)("erasing from %s", (kind) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(kind);
  });
  afterEach(async () => {
    await world.check();
    await world.close();
  });

  test("redacting takes personal data out of an entry, out of searches and out of the files", async () => {
    await recordOrders(world.trail, 40);
    const { name, email } = person(3);
    expect((await world.trail.query(`"${name}"`)).entries).toHaveLength(4);
    const report = await world.erasure.redact({ ...order, entries: [{ seq: 3 }, { seq: 13, parts: [0] }] });
    expect(report).toEqual({ announcedBy: [40], entries: 0, parts: 2, compacted: true });
    await world.check();
    const entry = await world.trail.read(3);
    expect(entry.erased).toEqual(["/actor/name", "/actor/email"]);
    expect(JSON.stringify(entry)).not.toContain(name);
    expect((await world.trail.query(`"${name}"`)).entries.map(({ seq }) => seq)).toEqual([33, 23]);
    for (const query of [`actor.name:"${name}"`, `actor.email:${email}`]) expect(await countOf(world, query)).toBe(2);
    expect((await world.trail.query("erased:*")).entries.map(({ seq }) => seq)).toEqual([13, 3]);
    expect((await world.trail.read(40)).event.action).toBe("auditrail.redacted");
  });

  test("redacting by a query and a subject finds what is there, and nothing the second time", async () => {
    await recordOrders(world.trail, 60, 3);
    const first = await world.erasure.redact({ ...order, query: "data.number:<30", subject: "user/1" });
    expect(first).toMatchObject({ announcedBy: [60], parts: 10 });
    await world.check();
    expect(await world.erasure.redact({ ...order, query: "data.number:<30", subject: "user/1" })).toMatchObject({
      announcedBy: [],
      parts: 0,
    });
    expect(await countOf(world, `"${person(1).name}"`)).toBe(10);
    await expect(world.erasure.redact({ ...order, entries: [{ seq: 4_000 }] })).rejects.toMatchObject({
      code: "ENTRY_NOT_FOUND",
    });
    await expect(world.erasure.redact({ ...order })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });

  test("a redaction of many entries is announced in parts", async () => {
    await recordOrders(world.trail, 700, 1);
    const report = await world.erasure.redact({ ...order, query: "action:order.placed" });
    expect(report).toMatchObject({ announcedBy: [700, 701], parts: 700 });
    expect(await countOf(world, `"${person(0).name}"`)).toBe(0);
  });

  test("shredding takes all of a person, and the key of the copies", async () => {
    await recordOrders(world.trail, 50, 5);
    const keyOf = async (subject: string, create: boolean) =>
      (await world.store.readSubjectKeys("default", [subject], create)).get(subject);
    const key = await keyOf("user/2", true);
    expect(key).toHaveLength(32);
    expect(await keyOf("user/2", true)).toEqual(key);
    expect(await world.erasure.shred({ ...order, subject: "user/2" })).toMatchObject({
      announcedBy: [50],
      parts: 10,
      compacted: true,
    });
    await world.check();
    expect(await keyOf("user/2", false)).toBeUndefined();
    expect(await countOf(world, `"${person(2).name}"`)).toBe(0);
    expect(await countOf(world, "actor:user/2")).toBe(10);
    expect(await countOf(world, `"${person(1).name}"`)).toBe(10);
    await recordOrders(world.trail, 5, 5);
    expect(await countOf(world, `"${person(2).name}"`)).toBe(1);
    expect(await world.erasure.shred({ ...order, subject: "user/2" })).toMatchObject({ parts: 1 });
  });

  test("pruning removes whole tiles, and everything after goes on as if nothing had been", async () => {
    await recordOrders(world.trail, 700);
    const tile = await world.store.readTile("default", 0, 0);
    expect(await world.erasure.prune({ ...order, to: 600 })).toEqual({
      announcedBy: [700],
      entries: 512,
      parts: 512,
      compacted: true,
    });
    await world.check();
    expect(await world.store.readTile("default", 0, 0)).toEqual(tile);
    expect((await world.trail.trails())[0]).toMatchObject({ size: 701, first: 512 });
    expect(await countOf(world, "")).toBe(189);
    expect(await world.trail.count("", { by: ["action"] })).toEqual([
      { keys: ["auditrail.pruned"], count: 1 },
      { keys: ["order.placed"], count: 188 },
    ]);
    await expect(world.trail.read(511)).rejects.toMatchObject({
      code: "ENTRY_NOT_FOUND",
      details: { prunedBy: 700 },
      message: expect.stringContaining("by entry 700"),
    });
    await expect(world.trail.read(4_000)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND", details: {} });
    const oldest: number[] = [];
    for await (const { seq } of world.trail.entries("", { order: { by: "seq", direction: "oldest" } }))
      oldest.push(seq);
    expect([oldest[0], oldest.length]).toEqual([512, 189]);
    await recordOrders(world.trail, 400);
    expect(await world.erasure.prune({ ...order, to: 1_024 })).toMatchObject({ entries: 512 });
    await world.check();
    await expect(world.trail.read(5)).rejects.toMatchObject({ details: { prunedBy: 1_101 } });
    expect(await world.erasure.prune({ ...order, to: 1_024 })).toMatchObject({ announcedBy: [], entries: 0 });
  });

  test("of an hour of which all is pruned, nothing is counted", async () => {
    await recordOrders(world.trail, 256, 10, { occurredAt: "2020-03-01T12:00:00Z", outcome: "failure" });
    await recordOrders(world.trail, 10);
    await world.erasure.prune({ ...order, to: 256 });
    await world.check();
    expect(await world.trail.count("", { by: ["outcome"], bucket: "day" })).toHaveLength(1);
    expect(await world.trail.count("", { by: ["outcome"] })).toEqual([{ keys: ["success"], count: 11 }]);
    if (kind === "memory") return;
    const head = (await world.trail.trails())[0]!;
    const report = await verifyTrail(
      await openStoreEvidence(world.store as Store<unknown>, "default"),
      policyFor(head.origin),
    );
    expect([report.verdict, report.findings]).toEqual(["verified", []]);
  });

  test("a follower walks over what was pruned", async () => {
    await recordOrders(world.trail, 600);
    await world.erasure.prune({ ...order, to: 512 });
    const seen: number[] = [];
    const controller = new AbortController();
    for await (const { seq } of world.trail.follow("", { from: 3, signal: controller.signal })) {
      seen.push(seq);
      if (seq === 600) controller.abort();
    }
    expect([seen[0], seen.length]).toEqual([512, 89]);
  });

  test("pruning by a time takes what was recorded before, in whole tiles", async () => {
    await recordOrders(world.trail, 300);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const between = new Date();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await recordOrders(world.trail, 300);
    expect(await world.erasure.prune({ ...order, before: "2001-01-01T00:00:00Z" })).toMatchObject({ entries: 0 });
    expect(await world.erasure.prune({ ...order, before: between })).toMatchObject({ entries: 256 });
  });

  test("a legal hold vetoes, and what it covers goes once it is released", async () => {
    await recordOrders(world.trail, 520);
    const { hold, seq } = await world.erasure.hold({ ...order, subject: "user/4", hold: "case-7" });
    expect([hold, seq]).toEqual(["case-7", 520]);
    expect(await world.erasure.hold({ ...order, subject: "user/4", hold: "case-7" })).toEqual({
      hold,
      seq,
      subject: "user/4",
    });
    const held = { code: "ERASURE_HELD", details: { hold: "case-7" } };
    await expect(world.erasure.shred({ ...order, subject: "user/4" })).rejects.toMatchObject(held);
    await expect(world.erasure.redact({ ...order, entries: [{ seq: 4 }] })).rejects.toMatchObject(held);
    await expect(world.erasure.prune({ ...order, to: 256 })).rejects.toMatchObject(held);
    expect((await world.trail.trails())[0]!.size).toBe(521);
    await world.erasure.shred({ ...order, subject: "user/5" });
    await expect(world.erasure.hold({ ...order, hold: "case-7" })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(world.erasure.releaseHold({ ...order, hold: "case-8" })).rejects.toMatchObject({
      code: "HOLD_NOT_FOUND",
    });
    await world.erasure.releaseHold({ ...order, hold: "case-7" });
    expect(await world.erasure.listHolds()).toEqual([]);
    expect(await world.erasure.shred({ ...order, subject: "user/4" })).toMatchObject({ parts: 52 });
    expect(await world.erasure.prune({ ...order, to: 256 })).toMatchObject({ entries: 256 });
  });

  test("a hold on the whole trail keeps everything, its own entry included", async () => {
    await recordOrders(world.trail, 10);
    await world.erasure.hold({ ...order, hold: "all" });
    await recordOrders(world.trail, 600);
    for (const doing of [
      () => world.erasure.shred({ ...order, subject: "user/1" }),
      () => world.erasure.prune({ ...order, to: 512 }),
    ]) {
      await expect(doing()).rejects.toMatchObject({ code: "ERASURE_HELD" });
    }
    await world.erasure.releaseHold({ ...order, hold: "all" });
    await world.erasure.hold({ ...order, hold: "other", subject: "user/none" });
    expect(await world.erasure.prune({ ...order, to: 512 })).toMatchObject({ entries: 512 });
  });

  test("nothing is removed before a checkpoint covers its entry, and resume() does it then", async () => {
    await recordOrders(world.trail, 300);
    await publishCheckpoints(world.store);
    const { trail, store } = world;
    const hasty = await openErasure({ trail, store, checkpoint: async () => undefined });
    await expect(hasty.shred({ ...order, subject: "user/1" })).rejects.toMatchObject({
      code: "ERASURE_UNSEALED",
      retry: true,
    });
    expect(await countOf(world, `"${person(1).name}"`)).toBe(30);
    await world.check();
    expect(await hasty.resume()).toEqual([{ tenant: "default", seq: 300, outcome: "unsealed" }]);
    await publishCheckpoints(store);
    expect(await hasty.resume()).toEqual([{ tenant: "default", seq: 300, outcome: "done" }]);
    expect(await hasty.resume()).toEqual([]);
    expect(await countOf(world, `"${person(1).name}"`)).toBe(0);
  });

  test("a hold that is placed after the announcement counts too", async () => {
    await recordOrders(world.trail, 30);
    const { trail, store } = world;
    const racing = await openErasure({
      ...{ trail, store },
      checkpoint: async () => {
        await world.erasure.hold({ ...order, subject: "user/1", hold: "late" });
        await publishCheckpoints(store);
      },
    });
    await expect(racing.shred({ ...order, subject: "user/1" })).rejects.toMatchObject({ code: "ERASURE_HELD" });
    expect(await racing.resume()).toEqual([{ tenant: "default", seq: 30, outcome: "held" }]);
    await world.erasure.releaseHold({ ...order, hold: "late" });
    expect(await racing.resume()).toEqual([{ tenant: "default", seq: 30, outcome: "done" }]);
  });

  test("what was announced under a legal hold is not carried out when the hold is over", async () => {
    await recordOrders(world.trail, 300);
    await world.erasure.hold({ ...order, subject: "user/1", hold: "case-7" });
    const record = world.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
    await record("auditrail.shredded", { ...order, data: { subject: "user/1", to: 300 } });
    await record("auditrail.pruned", { ...order, data: { from: 0, to: 256 } });
    await publishCheckpoints(world.store);
    for (const by of [301, 302])
      await expect(world.store.erase("default", by)).rejects.toMatchObject({ code: "ERASURE_HELD" });
    await world.erasure.releaseHold({ ...order, hold: "case-7" });
    for (const by of [301, 302])
      await expect(world.store.erase("default", by)).rejects.toMatchObject({ code: "ERASURE_INVALID" });
    expect(await countOf(world, `"${person(1).name}"`)).toBe(30);
    expect(await world.erasure.shred({ ...order, subject: "user/1" })).toMatchObject({ parts: 30 });
  });

  test("what was recorded by hand and makes no sense is never carried out", async () => {
    await recordOrders(world.trail, 300);
    const record = world.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
    await record("auditrail.shredded", { ...order, data: { subject: "user/1", to: 4_000 } });
    await record("auditrail.pruned", { ...order, data: { from: 256, to: 256 } });
    await record("auditrail.redacted", { ...order, data: { entries: [{ seq: 900, parts: [0] }] } });
    await publishCheckpoints(world.store);
    for (const by of [5, 300, 301, 302, 999])
      await expect(world.store.erase("default", by)).rejects.toMatchObject({ code: "ERASURE_INVALID" });
    await expect(world.store.erase("nobody", 0)).rejects.toMatchObject({ code: "ERASURE_INVALID" });
    expect(await countOf(world, "erased:*")).toBe(0);
  });

  test("a subject whose name is masked as a secret is not erased by half", async () => {
    await recordOrders(world.trail, 3);
    await expect(world.erasure.shred({ ...order, subject: "card/4111111111111111" })).rejects.toMatchObject({
      code: "ERASURE_INVALID",
    });
  });

  test("tenants are apart", async () => {
    await world.trail.with({ tenant: "a" }, () => recordOrders(world.trail, 20));
    await world.trail.with({ tenant: "b" }, () => recordOrders(world.trail, 20));
    await world.erasure.shred({ ...order, tenant: "a", subject: "user/1" });
    await world.erasure.hold({ ...order, tenant: "a", hold: "h" });
    expect(await world.trail.query(`"${person(1).name}"`, { tenant: "a" })).toEqual({ entries: [] });
    expect((await world.trail.query(`"${person(1).name}"`, { tenant: "b" })).entries).toHaveLength(2);
    await world.erasure.shred({ ...order, tenant: "b", subject: "user/1" });
    await expect(world.erasure.shred({ ...order, tenant: "a", subject: "user/2" })).rejects.toMatchObject({
      code: "ERASURE_HELD",
    });
  });

  // The store in memory has no files.
  if (kind === "memory") return;

  test("of what was erased no byte is left in the database and its log", async () => {
    await recordOrders(world.trail, 1_500, 150);
    for (let round = 0; round < 4; round += 1) await recordOrders(world.trail, 40, 150);
    const gone = [7, 8, 90];
    expect(findInFiles(world.file, gone.flatMap(traces)).length).toBeGreaterThan(10);
    await world.erasure.shred({ ...order, subject: "user/7" });
    await world.erasure.redact({ ...order, query: `"${person(8).name}"`, compact: false });
    await world.erasure.redact({ ...order, query: `actor:user/90` });
    expect(findInFiles(world.file, gone.flatMap(traces))).toEqual([]);
    expect(findInFiles(world.file, [...traces(60), ...traces(100)]).length).toBeGreaterThan(4);
    await world.erasure.prune({ ...order, to: 1_536 });
    expect(findInFiles(world.file, [...traces(60), ...traces(100)])).toEqual([]);
  });
});

test.each(["node:sqlite", "better-sqlite3"] as const)(
  "beside an application's own tables (%s) those stay as they are, and of what was erased no byte is left",
  async (driver) => {
    const file = join(temporaryDirectory(), "shop.db");
    const application = new DatabaseSync(file);
    application.exec("CREATE TABLE product (name TEXT); CREATE TABLE sealed (a, b)");
    for (let number = 0; number < 500; number += 1)
      application.prepare("INSERT INTO product VALUES (?)").run(`product ${number}`);
    application.exec("DELETE FROM product WHERE rowid % 3 = 0");
    const products = application.prepare("SELECT rowid, name FROM product").all();
    const schema = () =>
      application.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all();
    const world = await openWorld("sqlite", {
      file,
      ...(driver === "node:sqlite" ? {} : { openConnection: openBetterSqlite }),
    });
    await recordOrders(world.trail, 1_500, 150);
    for (let round = 0; round < 4; round += 1) await recordOrders(world.trail, 40, 150);
    const before = schema();
    const gone = [7, 8, 90];
    expect(findInFiles(file, gone.flatMap(traces)).length).toBeGreaterThan(10);
    await world.erasure.shred({ ...order, subject: "user/7" });
    await world.erasure.redact({ ...order, query: `"${person(8).name}" OR actor:user/90` });
    application.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    expect(findInFiles(file, gone.flatMap(traces))).toEqual([]);
    expect(await countOf(world, `"${person(60).name}"`)).toBe(10);
    expect(() => application.exec("DELETE FROM auditrail_sealed")).toThrow("sealed data is deleted by erasure only");
    await world.erasure.prune({ ...order, to: 1_536 });
    expect(findInFiles(file, [...traces(60), ...traces(100)])).toEqual([]);
    expect(application.prepare("SELECT rowid, name FROM product").all()).toEqual(products);
    expect(schema()).toEqual(before);
    application.close();
    await recordOrders(world.trail, 5);
    await world.check();
    await world.close();
  },
);
