/** Is everything recorded? The list of all the bot can do and all it keeps, held against the trail. */

import { assessCoverage, hasGap, observe } from "auditrail/coverage";
import { afterEach, beforeEach, expect, test } from "vitest";

import { addHabit, addReward, completeHabit, startPlace, win, type Place } from "./habit-bot-place.ts";

let place: Place;
beforeEach(async () => (place = await startPlace()));
afterEach(() => place.close());

async function assess() {
  await place.bot.trail.flush();
  await place.bot.drain();
  return assessCoverage([await observe({ trail: place.bot.trail, inventory: place.bot.inventory() })]);
}

type Report = Awaited<ReturnType<typeof assess>>;
const gaps = ({ lines }: Report) =>
  lines.filter(({ state }) => state === "gap").map(({ name, says }) => `${name}: ${says}`);

async function talk(): Promise<void> {
  for (const command of ["/start", "/help", "/streaks", "/settings", "/my_rewards"]) await place.ana.says(command);
  await addHabit(place, "Run");
  await addReward(place, "Cinema", "1");
  place.luck.push(win);
  await completeHabit(place, "Run");
  await place.ana.says("/claim_reward");
  await place.ana.presses("Claim Cinema");
  await place.ana.says("nonsense");
  await place.ana.says("/nothing");
}

test("nothing that was done is missing, and the list has every command, button, step and table", async () => {
  await talk();
  const report = await assess();
  expect(gaps(report)).toEqual([]);
  expect(hasGap(report)).toBe(false);
  const state = (name: string) => report.lines.find((line) => line.name === name)?.state;
  expect(state("/claim_reward")).toBe("recorded");
  expect(state("button claim:<reward>")).toBe("recorded");
  expect(state("step add-habit/weight")).toBe("recorded");
  expect(state("/backdate")).toBe("unexercised");
  expect(state("progress")).toBe("recorded");
  expect(state("conversation")).toBe("excluded");
  expect(report.lines.filter(({ kind }) => kind === "command")).toHaveLength(15);
});

test("a counter that was changed with plain SQL behind the bot's back is a silent write", async () => {
  await talk();
  place.sql("UPDATE progress SET pieces = 7");
  const report = await assess();
  expect(report.silent).toMatchObject([{ table: "progress", change: "update", context: "missing", count: 1 }]);
  expect(hasGap(report)).toBe(true);
});

test("a table that was added without capture is a gap", async () => {
  await talk();
  place.sql("CREATE TABLE achievement (person INTEGER, name TEXT)");
  expect(gaps(await assess())).toEqual([expect.stringMatching(/^achievement: /)]);
});

test("a handler that was added without a word about auditing is on the list, and recorded", async () => {
  await place.restart({ extend: (bot) => bot.command("weather", (ctx) => ctx.reply("Rain")) });
  await place.ana.says("/weather");
  const report = await assess();
  expect(report.lines.find(({ name }) => name === "/weather")).toMatchObject({ state: "recorded", runs: 1 });
});

test("without the capture everything is a gap", async () => {
  await place.restart({ capture: false });
  await place.ana.says("/help");
  const report = await assess();
  expect(report.lines.find(({ name }) => name === "/help")?.state).toBe("gap");
});
