/** What an operator with a SQLite shell cannot do by a slip: the database itself refuses. */

import { DatabaseSync } from "node:sqlite";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openWorld, operator, recordOrders, type World } from "./erasing-world.ts";
import { publishCheckpoints } from "./publish-checkpoints.ts";

let world: World;
let shell: DatabaseSync;
const order = { reason: "ticket 331", actor: operator };
const start = 2 ** 32;

beforeEach(async () => {
  world = await openWorld("sqlite");
  await recordOrders(world.trail, 600);
  shell = new DatabaseSync(world.file);
});
afterEach(async () => {
  shell.close();
  await world.check();
  await world.close();
});

type Row = readonly [by: number, first: number, until: number, part: number | null, subject: string | null];

const erasure = (by: number, first: number, until: number, part: number | null, subject: string | null): void =>
  void shell
    .prepare("INSERT INTO auditrail_erasure (by, trail, first, until, part, subject) VALUES (?, 1, ?, ?, ?, ?)")
    .run(start + by, start + first, start + until, part, subject);

describe("without an entry that announces it", () => {
  test.each([
    "DELETE FROM auditrail_entry WHERE key = 4294967296",
    "DELETE FROM auditrail_entry",
    "DELETE FROM auditrail_target",
    "DELETE FROM auditrail_sealed WHERE key = 4294967299",
    "DELETE FROM auditrail_tile",
    "DELETE FROM auditrail_trail",
    "UPDATE auditrail_sealed SET bytes = x'00'",
    "INSERT INTO auditrail_erasure (by, trail, first, until) VALUES (4294967800, 1, 4294967296, 4294967552)",
    "INSERT INTO auditrail_hold (key, trail, name) VALUES (4294967296, 1, 'made up')",
  ])("%s is refused", (statement) => {
    expect(() => shell.exec(statement)).toThrow(/^auditrail: /);
  });
});

describe("what is announced", () => {
  test("may be deleted once a checkpoint covers it, and nothing beside it", async () => {
    const record = world.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
    await record("auditrail.pruned", { ...order, data: { from: 0, to: 256 } });
    await record("auditrail.shredded", { ...order, data: { subject: "user/3", to: 600 } });
    await record("auditrail.redacted", { ...order, data: { entries: [{ seq: 4, parts: [0] }] } });
    const announced: [Row, Row, Row] = [
      [600, 0, 256, null, null],
      [601, 0, 600, null, "user/3"],
      [602, 4, 5, 0, null],
    ];
    for (const row of announced) expect(() => erasure(...row)).toThrow("no entry in a checkpoint announces this");
    await publishCheckpoints(world.store);
    const wrong: Row[] = [
      [600, 0, 512, null, null],
      [600, 0, 256, null, "user/3"],
      [601, 0, 600, null, "user/4"],
      [601, 0, 601, null, "user/3"],
      [602, 5, 6, 0, null],
      [602, 4, 5, 1, null],
      [5, 0, 256, null, null],
    ];
    for (const row of wrong) expect(() => erasure(...row)).toThrow("no entry in a checkpoint announces this");
    erasure(...announced[2]);
    expect(() => shell.exec(`DELETE FROM auditrail_sealed WHERE key = ${start + 5}`)).toThrow(
      "sealed data is deleted by erasure only",
    );
    expect(() => shell.exec(`DELETE FROM auditrail_entry WHERE key = ${start + 4}`)).toThrow(
      "entries are deleted by erasure only",
    );
    erasure(...announced[1]);
    expect(() => shell.exec("DELETE FROM auditrail_sealed WHERE subject = 'user/4'")).toThrow(
      "sealed data is deleted by erasure only",
    );
    erasure(...announced[0]);
    expect(() => shell.exec(`DELETE FROM auditrail_entry WHERE key = ${start + 256}`)).toThrow(
      "entries are deleted by erasure only",
    );
    expect(() => shell.exec("DELETE FROM auditrail_erasure")).toThrow("never deleted");
    expect(() => shell.exec("UPDATE auditrail_erasure SET until = until + 256")).toThrow("never changed");
    // Left to the library, which takes the derived rows out as well.
    await world.erasure.resume();
    expect((await world.trail.trails())[0]).toMatchObject({ first: 256, size: 603 });
  });

  test("stays under a legal hold, which nobody lifts by hand", async () => {
    const record = world.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
    await record("auditrail.shredded", { ...order, data: { subject: "user/3", to: 600 } });
    await world.erasure.hold({ ...order, hold: "case-7", subject: "user/3" });
    await publishCheckpoints(world.store);
    erasure(600, 0, 600, null, "user/3");
    expect(() => shell.exec("DELETE FROM auditrail_sealed WHERE subject = 'user/3'")).toThrow("not under a legal hold");
    for (const statement of [
      "DELETE FROM auditrail_hold",
      "UPDATE auditrail_hold SET subject = 'user/none'",
      "UPDATE auditrail_hold SET released = 4294967296",
      `INSERT OR REPLACE INTO auditrail_hold (key, trail, name, subject) VALUES (${start + 601}, 1, 'case-7', 'user/none')`,
    ]) {
      expect(() => shell.exec(statement)).toThrow(/^auditrail: /);
    }
    await world.erasure.releaseHold({ ...order, hold: "case-7" });
    expect(await world.erasure.resume()).toEqual([{ tenant: "default", seq: 600, outcome: "done" }]);
  });

  test("a subject's key goes only with the subject", async () => {
    const key = (await world.store.readSubjectKeys("default", ["user/3"], true)).get("user/3");
    for (const statement of [
      "DELETE FROM auditrail_subject_key",
      "UPDATE auditrail_subject_key SET key = zeroblob(32)",
      "INSERT OR REPLACE INTO auditrail_subject_key (trail, subject, key, made_at) VALUES (1, 'user/3', zeroblob(32), 0)",
    ]) {
      expect(() => shell.exec(statement)).toThrow(/^auditrail: subject keys/);
    }
    expect((await world.store.readSubjectKeys("default", ["user/3"], false)).get("user/3")).toEqual(key);
  });
});
