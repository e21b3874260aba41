/** What staff ask: timelines, the trace of a reward, the clean-up. As library calls, and as the command. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openErasure } from "auditrail/erasure";
import { createKeyFile, openSealing } from "auditrail/sealing";
import { checkTrails, fixedClock } from "auditrail/testing";
import { afterEach, expect, test } from "vitest";

import { completeHabit as complete } from "../domain/completing.ts";
import { createHabit } from "../domain/habits.ts";
import { personFor } from "../domain/people.ts";
import { createReward } from "../domain/rewards.ts";
import { openWorld, type OpenWorld } from "../open-world.ts";
import { cleanUp } from "../queries/clean-up.ts";
import { timelineOf } from "../queries/timeline.ts";
import { runCommand } from "../queries/command.ts";
import { traceReward } from "../queries/trace-reward.ts";
import { win } from "./habit-bot-place.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const dayMs = 86_400_000;

/** A world with Ana, who runs for the cinema; nobody talks to Telegram. */
async function openPlace() {
  const directory = mkdtempSync(join(tmpdir(), "habit-bot-"));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "habits.db");
  const clock = fixedClock("2026-03-16T09:00:00Z");
  let opened: OpenWorld | undefined = await openWorld({ file, clock, random: () => win });
  const close = async (): Promise<void> => {
    await opened?.close();
    opened = undefined;
  };
  closing.push(close);
  const { world, store } = opened;
  const asAna = <Result>(fn: () => Result): Result =>
    world.trail.with({ actor: { type: "user", id: "7", name: "Ana" }, operationId: `run ${clock.nowMicros()}` }, fn);
  const ana = asAna(() => personFor(world, { id: 7, first_name: "Ana" }));
  const run = asAna(() =>
    createHabit(world, ana, { name: "Run", weight: 10, category: "health", skipDays: 0, exemptWeekdays: [] }),
  );
  const fields = { name: "Cinema", weight: 1, piecesRequired: 5, pieceValue: null, maxDaily: null, recurring: true };
  const cinema = asAna(() => createReward(world, ana, fields));
  const completeDays = (days: number): void => {
    for (let day = 0; day < days; day += 1) {
      clock.advance(dayMs);
      asAna(() => complete(world, ana, run.id));
    }
  };
  const trace = () => traceReward({ ...world, person: 7, reward: cinema.id });
  return { directory, file, clock, world, store, asAna, ana, run, cinema, completeDays, trace, close };
}

async function command(file: string, ...words: string[]) {
  const said = { stdout: "", stderr: "" };
  const status = await runCommand([...words, "--file", file], {
    print: (text) => (said.stdout += `${text}\n`),
    complain: (text) => (said.stderr += `${text}\n`),
  });
  return { status, ...said };
}

test("a timeline has what one person did in the last hours, whatever the clocks on the wall did", async () => {
  const { world, clock, asAna, ana, run } = await openPlace();
  // Summer time begins in Berlin on 29 March at 01:00 UTC.
  clock.set("2026-03-28T23:30:00Z");
  asAna(() => complete(world, ana, run.id));
  clock.set("2026-03-29T23:29:00Z");
  const ask = (hours: number) => timelineOf(world.trail, { person: 7, hours, nowMicros: clock.nowMicros() });
  const actions = async (hours: number) => (await ask(hours)).map(({ event }) => event.action);
  expect(await actions(23)).toEqual([]);
  expect(await actions(24)).toEqual(["bot.habit-completed", "bot.reward-selected"]);
  expect(await timelineOf(world.trail, { person: 8, hours: 10_000, nowMicros: clock.nowMicros() })).toEqual([]);
});

test("a trace shows every step with the state before and after, and that it adds up", async () => {
  const { completeDays, trace } = await openPlace();
  completeDays(3);
  const { steps, stored, problem } = await trace();
  expect(steps.map(({ before, after }) => [before.pieces, after.pieces])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect([stored, problem]).toEqual([{ pieces: 3, claimed: 0 }, undefined]);
});

test("a counter that was changed behind the bot's back is found: at once, and at the first step after it", async () => {
  const { world, completeDays, trace, cinema } = await openPlace();
  completeDays(3);
  world.database.exec("UPDATE progress SET pieces = 1");
  expect(await trace()).toMatchObject({
    first: undefined,
    problem:
      "the table has 1 pieces and 0 claims, the steps add up to 3 pieces and 0 claims: it was changed behind the bot's back",
  });
  completeDays(1);
  const traced = await trace();
  expect(traced.first).toMatchObject({ before: { pieces: 1 }, after: { pieces: 2 } });
  expect(traced.problem).toBe("it found 1 pieces and 0 claims, the step before left 3 pieces and 0 claims");
  expect(traced.steps.filter(({ problem }) => problem !== undefined)).toHaveLength(1);
  expect(cinema.id).toBe(1);
});

test("a clean-up removes what is older than 90 days, on record, and what is left still proves", async () => {
  const { directory, world, store, clock, completeDays, trace } = await openPlace();
  completeDays(5);
  for (let index = 0; index < 260; index += 1)
    await world.trail.record("bot.error", { actor: { type: "user", id: "7" }, data: { rule: "name-empty" } });
  await world.trail.flush();
  // Ninety days and a bit later: a change to summer time lies between, so a day of 24 hours is not a day of the wall.
  clock.advance(88 * dayMs);
  completeDays(0);
  const { keys } = createKeyFile(join(directory, "keys"), { name: store.origin });
  const sealing = openSealing({
    store,
    record: world.trail.record,
    keys,
    guard: join(directory, "guard"),
    intervalMs: 0,
  });
  const erasure = await openErasure({ trail: world.trail, store, checkpoint: () => sealing.checkpointNow() });
  const actor = { type: "staff", id: "mira" };
  const clean = () => cleanUp({ world, erasure, days: 90, actor, reason: "kept for 90 days" });
  // The first three completions, of 17 to 19 March, are older than 90 days on 17 June; the entries of the 21st are not.
  expect(await clean()).toEqual({ habitLogs: 2, entries: 0 });
  clock.advance(10 * dayMs);
  expect(await clean()).toEqual({ habitLogs: 3, entries: 256 });
  const order = { by: "seq", direction: "oldest" } as const;
  const { entries } = await world.trail.query("action:bot.cleaned-up", { order });
  expect(entries.map(({ event }) => [event.actor.id, event.reason, event.data?.["habitLogs"]])).toEqual([
    ["mira", "kept for 90 days", 2],
    ["mira", "kept for 90 days", 3],
  ]);
  expect(world.database.prepare("SELECT count(*) AS count FROM habit_log").get()).toEqual({ count: 0 });
  // Progress is the sum of what was removed, and stays.
  expect((await trace()).stored).toEqual({ pieces: 5, claimed: 0 });
  await checkTrails(store as never);
  await sealing.close();
});

test("the command tells all of it, and says what is wrong with what it was asked", async () => {
  const { file, world, completeDays, close } = await openPlace();
  completeDays(2);
  world.database.exec("UPDATE progress SET pieces = 9");
  await world.trail.flush();
  await close();
  const traced = await command(file, "trace-reward", "7", "1");
  expect(traced).toMatchObject({ status: 1, stderr: "" });
  expect(traced.stdout).toMatch(
    /bot\.reward-selected +1\/0 → 2\/0 +#\d+\n✗ It does not add up: the table has 9 pieces/,
  );
  const { stdout } = await command(file, "timeline", "7", "--hours", "1000000");
  expect(stdout).toContain("2026-03-17 09:00:00  ✓  Ana completed Run for 2026-03-17, streak 1");
  const cleaned = await command(file, "clean-up", "--reason", "kept for 90 days", "--by", "mira");
  expect(cleaned.stdout).toMatch(/^Removed 2 habit logs/);
  expect(await command(file, "timeline", "x")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("PERSON has") as string,
  });
  expect((await command(`${file}-none`, "timeline", "7")).stderr).toContain("there is no");
  const program = join(import.meta.dirname, "../cli.ts");
  const { PATH = "" } = process.env;
  const run = spawnSync(process.execPath, [program], { encoding: "utf8", env: { PATH } });
  expect([run.status, run.stderr]).toEqual([2, expect.stringContaining("timeline PERSON")]);
});
