/** What the first attempt at auditing this bot got wrong, each as a person meets it: through the Bot API, and then the trail is read. */

import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

import { openTrail } from "auditrail";
import { createServer, handOverLink, serveNode } from "auditrail/server";
import { openSqliteStore } from "auditrail/sqlite";
import { failBeforeAppend } from "auditrail/testing";
import { afterEach, beforeEach, expect, test } from "vitest";

import { launchBrowser, soon, visit, type Visitor } from "../../browser.ts";
import { catalogue } from "../catalogue.ts";
import { addHabit, addReward, completeHabit, startPlace, win, type Place } from "./habit-bot-place.ts";

let place: Place;
beforeEach(async () => (place = await startPlace()));
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await place.close();
});

const actionsOf = (entries: Awaited<ReturnType<Place["entries"]>>) => entries.map(({ event }) => event.action);
const only = async (query: string) => {
  const entries = await place.entries(query);
  expect(entries).toHaveLength(1);
  return entries[0]!.event;
};

test("1: a completion names the habit log that was really stored", async () => {
  await addHabit(place, "Run");
  await addReward(place, "Cinema", "3");
  place.luck.push(win);
  const answer = await completeHabit(place, "Run");
  expect(answer.text).toBe("Run done for 2026-03-16. Streak: 1 🔥\nYou earned a piece of Cinema: 1 of 3!");
  const [stored] = place.rows("SELECT * FROM habit_log");
  const completed = await only("action:bot.habit-completed");
  expect(completed.data).toEqual({
    ...{ log: stored!["id"], day: "2026-03-16", streak: 1, weight: 10, totalWeight: 10, gotReward: true },
  });
  const selected = await only("action:bot.reward-selected");
  expect(selected).toMatchObject({ data: { log: stored!["id"] }, before: { pieces: 0 }, after: { pieces: 1 } });
  expect([completed.operationId, completed.causationId]).toEqual([selected.operationId, selected.causationId]);
});

const commands = [
  ...[
    "start",
    "help",
    "habit_done",
    "streaks",
    "list_rewards",
    "my_rewards",
    "claim_reward",
    "add_reward",
    "add_habit",
  ],
  ...["edit_habit", "remove_habit", "revert_habit", "backdate", "settings", "cancel"],
];

test("the menu beside the text field has every command but the one that is pressed to begin, in three languages", () => {
  const menus = place.telegram.calls.filter(({ method }) => method === "setMyCommands");
  const named = menus.map(({ parameters }) => parameters["commands"] as { command: string; description: string }[]);
  expect(menus.map(({ parameters }) => parameters["language_code"] ?? "")).toEqual(["", "ru", "kk"]);
  for (const menu of named)
    expect(new Set(menu.map(({ command }) => command))).toEqual(new Set(commands.filter((each) => each !== "start")));
  expect(named.map((menu) => menu.find(({ command }) => command === "claim_reward")?.description)).toEqual([
    ...["🏆 Claim a reward", "🏆 Забрать награду", "🏆 Сыйлықты алу"],
  ]);
});

test("2: every command is recorded, also one that was added by somebody who never heard of auditing", async () => {
  await place.restart({ extend: (bot) => bot.command("weather", (ctx) => ctx.reply("Rain")) });
  for (const command of commands) expect((await place.ana.says(`/${command}`)).text).not.toBe("");
  expect((await place.ana.says("/weather")).text).toBe("Rain");
  const recorded = (await place.entries("action:bot.command")).map(({ event }) => event.data?.["command"]);
  expect(recorded).toEqual([...commands, "weather"].map((command) => `/${command}`));
});

test("3: every button that changes the database is recorded, with what it changed", async () => {
  await addHabit(place, "Run");
  await addReward(place, "Cinema", "1");
  place.luck.push(win);
  await completeHabit(place, "Run");
  await place.ana.says("/claim_reward");
  await place.ana.presses("Claim Cinema");
  await place.ana.says("/edit_habit");
  await place.ana.presses("Run");
  await place.ana.presses("Weight");
  await place.ana.says("20");
  await completeForYesterday();
  await place.ana.says("/revert_habit");
  await place.ana.presses("Run · 2026-03-17");
  await place.ana.presses("✅ Confirm");
  await place.ana.says("/remove_habit");
  await place.ana.presses("Run");
  await place.ana.presses("✅ Confirm");
  const changes = (await place.entries("log:bot")).filter(({ event }) => event.causationId !== undefined);
  expect(actionsOf(changes).slice(1)).toEqual([
    ...["bot.habit-created", "bot.reward-created", "bot.habit-completed", "bot.reward-selected", "bot.reward-claimed"],
    ...["bot.habit-edited", "bot.habit-completed", "bot.habit-reverted", "bot.habit-removed"],
  ]);
  const byId = new Map((await place.entries("log:bot")).map(({ event }) => [event.id, event]));
  const parents = changes.map(({ event }) => byId.get(event.causationId!)?.context?.route);
  expect(parents.slice(1)).toEqual([
    ...["button confirm-habit", "button confirm-reward:<times>", "button done:<habit>", "button done:<habit>"],
    ...["button claim:<reward>", "step edit-habit/weight", "button backdate:<habit>:<day>"],
    ...["button revert-now:<log>", "button remove-now:<habit>"],
  ]);
});

async function completeForYesterday(): Promise<void> {
  place.clock.advance(2 * 86_400_000);
  await place.ana.says("/backdate");
  await place.ana.presses("Run");
  await place.ana.presses("2026-03-17");
  await place.ana.presses("✅ Confirm");
}

test.each([
  ["weight", ["/add_habit", "Run", "101"], "weight-invalid", "The weight is a whole number from 1 to 100."],
  ["weight", ["/add_habit", "Run", "ten"], "weight-invalid", "The weight is a whole number from 1 to 100."],
  ["pieces", ["/add_reward", "Tea", "1", "0"], "pieces-invalid", "The pieces are a whole number from 1."],
  [
    "value",
    ["/add_reward", "Tea", "1", "3", "a lot"],
    "value-invalid",
    "The value is a number such as 2.50, or - for none.",
  ],
])("4: a bad %s is answered kindly and recorded with its context (%s)", async (_, said, rule, answer) => {
  for (const each of said.slice(0, -1)) await place.ana.says(each);
  expect((await place.ana.says(said.at(-1)!)).text).toBe(answer);
  const error = await only("action:bot.error");
  const step = (await only("action:bot.message outcome:failure")).context?.route;
  expect(error).toMatchObject({
    ...{ outcome: "failure", actor: { id: "1001", name: "Ana Pop" }, error: { name: "Refusal", code: rule } },
    data: { rule, given: said.at(-1), step: step?.replace("step ", "") },
  });
  // Still in the same step: the next answer is taken.
  expect((await place.ana.says(rule === "value-invalid" ? "2" : "5")).text).not.toBe(answer);
});

test("4: what no rule foresaw is answered kindly and recorded with its cleaned stack", async () => {
  await place.restart({
    extend: (bot) =>
      bot.command("crash", () => {
        throw new Error("no connection, password=hunter2hunter2");
      }),
  });
  expect((await place.ana.says("/crash")).text).toBe(
    "Sorry, something went wrong. Nothing was changed; please try again.",
  );
  const command = await only("action:bot.command outcome:failure");
  expect(command.error?.stack).toContain("findings.test.ts");
  expect(await only("action:bot.error")).toMatchObject({ data: { rule: "unexpected" }, causationId: command.id });
  expect(JSON.stringify(await place.entries())).not.toContain("hunter2");
});

test("5: a claim holds the true state from before it and after it", async () => {
  await addHabit(place, "Run");
  await addReward(place, "Cinema", "5");
  for (let day = 0; day < 5; day += 1) {
    place.luck.push(win);
    await completeHabit(place, "Run");
    place.clock.advance(86_400_000);
  }
  // It takes fewer pieces now than were earned: what was required is not what was there.
  await place.ana.says("/list_rewards");
  await place.ana.presses("✏️ Cinema: pieces");
  await place.ana.says("3");
  await place.ana.says("/claim_reward");
  expect((await place.ana.presses("Claim Cinema")).text).toBe("Cinema is yours. Enjoy it! 🎉");
  const claimed = await only("action:bot.reward-claimed");
  expect(claimed).toMatchObject({
    before: { pieces: 5, claimed: 0 },
    after: { pieces: 0, claimed: 1 },
    data: { piecesRequired: 3 },
    targets: [{ type: "reward", name: "Cinema" }],
  });
  expect(place.rows("SELECT pieces, claimed FROM progress")).toEqual([{ pieces: 0, claimed: 1 }]);
});

test("6: a reward that vanished before its button was pressed breaks neither the answer nor the event", async () => {
  await addHabit(place, "Run");
  await addReward(place, "Cinema", "1");
  place.luck.push(win);
  await completeHabit(place, "Run");
  await place.ana.says("/claim_reward");
  place.sql("PRAGMA foreign_keys = ON; DELETE FROM reward");
  const answer = await place.ana.presses("Claim Cinema");
  expect(answer.popups).toEqual(["That reward is not there any more."]);
  expect(await only("action:bot.error")).toMatchObject({
    data: { rule: "reward-gone" },
    targets: [{ type: "reward", id: "1" }],
  });
  expect(await only("action:bot.button data.button:claim:1")).toMatchObject({ outcome: "failure" });
});

test("7: times are UTC, and days are the zone's, over a change of summer time", async () => {
  await place.restart({ zone: "Europe/Berlin" });
  await addHabit(place, "Run");
  // 2026-03-29 is 23 hours long in Berlin. 22:30 UTC the evening before is 23:30 there, 22:30 UTC on the day is half past midnight.
  place.clock.advance(Date.parse("2026-03-28T22:30:00Z") - Date.parse("2026-03-16T09:00:00Z"));
  expect((await completeHabit(place, "Run")).text).toContain("for 2026-03-28");
  place.clock.advance(86_400_000);
  expect((await completeHabit(place, "Run")).text).toContain("for 2026-03-30");
  const times = (await place.entries("action:bot.habit-completed")).map(({ event }) => event.occurredAt);
  expect(times).toEqual(["2026-03-28T22:30:00.000000Z", "2026-03-29T22:30:00.000000Z"]);
  const inZone = await place.bot.trail.query("action:bot.habit-completed after:2026-03-30", { zone: "Europe/Berlin" });
  expect(inZone.entries).toHaveLength(1);
});

test("8: staff open an event's page in the console and see its snapshots, and can change nothing there", async () => {
  await addReward(place, "Cinema", "5");
  await place.ana.says("/list_rewards");
  await place.ana.presses("✏️ Cinema: pieces");
  await place.ana.says("3");
  const changed = await only("action:bot.reward-changed");
  expect(() => place.sql("UPDATE auditrail_entry SET entry = ''")).toThrow();
  expect(() => place.sql("DELETE FROM auditrail_entry")).toThrow();

  const staff = await openConsole();
  await staff.go(`#/entry/${changed.id}`);
  await soon(() => staff.text()).toContain("Ana Pop changed the reward Cinema");
  const cells = await staff.page.locator("table tr", { hasText: "piecesRequired" }).allInnerTexts();
  expect(cells.join(" ")).toMatch(/5\s+3/);
  // Nothing to press changes anything, and asked directly the server has no such route.
  const buttons = await staff.page.getByRole("button").allInnerTexts();
  expect(buttons.join(" ")).not.toMatch(/delete|edit|remove|save/i);
  expect(await staff.page.locator("main").locator("input, textarea").count()).toBe(0);
  const ask = (method: string) =>
    staff.page.evaluate(
      async ([how, id]) => (await fetch(`api/v1/entries/${id}`, { method: how! })).status,
      [method, changed.id],
    );
  expect([await ask("GET"), await ask("DELETE"), await ask("PUT"), await ask("PATCH")]).toEqual([200, 405, 405, 405]);
  staff.expectNoMishap();
});

/** The console on the bot's file as a program of its own would serve it, and somebody of the staff who was handed over to it. */
async function openConsole(): Promise<Visitor> {
  const store = await openSqliteStore({ file: place.file });
  const trail = await openTrail({ catalogue, store, exitHooks: false });
  const key = randomBytes(32);
  const accounts = `${place.file}.accounts.db`;
  const handOver = { key, roles: ["staff"] } as const;
  const served = await serveNode(
    createServer({ trail, store, catalogue, accounts, handOver, console: true, secureCookies: false }),
  );
  const browser = await launchBrowser();
  closing.push(
    () => browser.close(),
    () => served.close(),
    () => trail.close(),
  );
  const staff = await visit(browser, `${served.url}/`);
  const person = { id: "mira", name: "Mira Okafor" };
  await staff.page.goto(handOverLink({ server: served.url, key, person, roles: ["staff"] }));
  await staff.page.waitForSelector(".shell");
  return staff;
}

test("while the whole file refuses writes, what only reads answers as ever, what changes says sorry and changes nothing", async () => {
  await addHabit(place, "Run");
  const { database } = place.bot.world;
  database.exec("PRAGMA busy_timeout = 1");
  // As somebody's shell that forgot to commit: neither the domain nor the trail, which is in the same file, gets to write.
  const shell = new DatabaseSync(place.file);
  shell.exec("BEGIN IMMEDIATE");
  const sorry = "Sorry, something went wrong. Nothing was changed; please try again.";
  for (const command of ["/start", "/help", "/list_rewards"])
    expect((await place.ana.says(command)).text, command).not.toContain("Sorry");
  expect((await place.ana.says("/streaks")).text).toContain("Run: 0");
  expect((await completeHabit(place, "Run")).popups).toEqual([sorry]);
  expect((await place.ana.says("/add_habit")).text).toBe(sorry);
  expect(place.bot.trail.health().waiting).toBeGreaterThan(0);
  shell.close();
  expect(place.rows("SELECT * FROM habit_log")).toEqual([]);
  database.exec("PRAGMA busy_timeout = 5000");
  expect((await completeHabit(place, "Run")).text).toContain("Run done");
  const failed = (await place.entries("log:bot outcome:failure -action:bot.error")).map(({ event }) => event);
  expect(failed.map(({ context }) => context?.route)).toEqual(["button done:<habit>", "/add_habit"]);
  expect(await place.entries("action:bot.error data.rule:unexpected")).toHaveLength(2);
  expect(await place.entries("action:bot.command after:2026-03-16")).toHaveLength(8);
  expect(place.bot.trail.health()).toMatchObject({ state: "ok", lost: 0, refused: 0 });
});

test("the bot answers while the trail's store refuses every write, and nothing is lost", async () => {
  let failing: { fail(): void; mend(): void } | undefined;
  await place.restart({
    wrapStore: (store) => {
      const wrapped = failBeforeAppend(store, "STORE_FULL");
      failing = wrapped;
      return wrapped as never;
    },
  });
  failing!.fail();
  expect((await place.ana.says("/start")).text).toContain("Hello Ana");
  await addHabit(place, "Run");
  expect((await completeHabit(place, "Run")).text).toContain("Run done");
  await place.bot.trail.flush();
  expect(place.bot.trail.health()).toMatchObject({ state: "degraded", lost: 0, refused: 0 });
  failing!.mend();
  await place.restart();
  const commandsKept = await place.entries("action:bot.command");
  expect(commandsKept.map(({ event }) => event.data?.["command"])).toEqual(["/start", "/add_habit", "/habit_done"]);
});
