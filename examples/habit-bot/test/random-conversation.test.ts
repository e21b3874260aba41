/** Whatever people do, in whatever order: one parent event for each update, an event for every change, and sums that add up. */

import type { Entry } from "auditrail";
import fc from "fast-check";
import { expect, test } from "vitest";

import { changeReward, listRewards } from "../domain/rewards.ts";
import { findPerson } from "../domain/people.ts";
import { traceReward, type Pieces } from "../queries/trace-reward.ts";
import { addHabit, addReward, startPlace, win, type Place } from "./habit-bot-place.ts";

type Doing =
  | { readonly do: "say"; readonly text: string }
  | { readonly do: "press"; readonly which: number }
  | { readonly do: "follow"; readonly command: string }
  | { readonly do: "pass"; readonly days: number }
  | { readonly do: "restart" | "vanish" };

const commands = [
  ...["/start", "/help", "/habit_done", "/habit_done", "/streaks", "/list_rewards", "/my_rewards", "/claim_reward"],
  ...[
    "/add_reward",
    "/add_habit",
    "/edit_habit",
    "/remove_habit",
    "/revert_habit",
    "/backdate",
    "/settings",
    "/cancel",
  ],
];
const texts = ["Read", "Tea", "5", "1", "101", "-", "6 7", "0.5", "<b>x</b>", "/nothing", "’; DROP TABLE habit; --"];

const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...commands).map((text) => ({ do: "say" as const, text })) },
  { weight: 4, arbitrary: fc.constantFrom(...texts).map((text) => ({ do: "say" as const, text })) },
  {
    weight: 10,
    arbitrary: fc
      .constantFrom("/habit_done", "/habit_done", "/backdate", "/claim_reward", "/claim_reward", "/revert_habit")
      .map((command) => ({ do: "follow" as const, command })),
  },
  { weight: 10, arbitrary: fc.nat(1000).map((which) => ({ do: "press" as const, which })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }).map((days) => ({ do: "pass" as const, days })) },
  { weight: 1, arbitrary: fc.constantFrom({ do: "restart" as const }, { do: "vanish" as const }) },
);

/** Does it; answers how many updates Telegram sent for it. */
async function perform(place: Place, what: Doing): Promise<number> {
  place.luck.splice(0, Infinity, win);
  switch (what.do) {
    case "say":
      await place.ana.says(what.text);
      return 1;
    case "press": {
      const buttons = place.ana.buttons();
      // Mostly the newest, sometimes one of long ago.
      const button = buttons.at(
        what.which % 5 === 0 ? what.which % buttons.length : -1 - (what.which % Math.min(4, buttons.length)),
      );
      if (button === undefined) return 0;
      await place.ana.pressesButton(button);
      return 1;
    }
    case "follow": {
      await place.ana.says(what.command);
      return 1 + (await pressFirst(place, 3));
    }
    case "pass":
      place.clock.advance(what.days * 86_400_000);
      return 0;
    case "restart":
      await place.restart();
      return 0;
    case "vanish":
      vanish(place);
      return 0;
  }
}

/** Goes on with the first button of what is shown, a few times. */
async function pressFirst({ ana }: Pick<Place, "ana">, times: number): Promise<number> {
  const newest = ana.buttons().at(-1)?.messageId;
  const first = ana.buttons().find(({ messageId }) => messageId === newest);
  if (times === 0 || first === undefined || first.data === "menu") return 0;
  await ana.pressesButton(first);
  return 1 + (await pressFirst({ ana }, times - 1));
}

/** Somebody of the staff takes the first reward out of the draw while keyboards still show it. */
function vanish({ bot: { world }, ana }: Place): void {
  const person = findPerson(world, ana.user.id)!;
  const [reward] = listRewards(world, person);
  if (reward === undefined) return;
  world.trail.with({ actor: { type: "staff", id: "1" } }, () =>
    changeReward(world, person, reward.id, { active: false }),
  );
}

const updateActions = ["bot.command", "bot.button", "bot.message", "bot.update"];

function assertOneParentEach(entries: readonly Entry[], updates: number): void {
  const parents = entries.filter(({ event }) => updateActions.includes(event.action));
  expect(parents.map(({ event }) => event.data?.["update"])).toEqual(
    Array.from({ length: updates }, (_, index) => index + 1),
  );
}

function assertEveryChangeSpokenOf(entries: readonly Entry[]): void {
  const spoken = new Set(
    entries
      .filter(({ event }) => event.action.startsWith("bot.") && !updateActions.includes(event.action))
      .map(({ event }) => event.operationId),
  );
  for (const { event } of entries.filter((entry) => entry.event.action.startsWith("row."))) {
    expect(event.data).toMatchObject({ context: "given" });
    expect(spoken.has(event.operationId), `${event.action} ${JSON.stringify(event.targets)}`).toBe(true);
  }
}

/** From the trail alone. */
function rebuildProgress(entries: readonly Entry[]): Map<string, Pieces> {
  const sums = new Map<string, Pieces>();
  for (const { event } of entries) {
    const id = event.targets?.[0]?.id ?? "";
    const { pieces, claimed } = sums.get(id) ?? { pieces: 0, claimed: 0 };
    if (event.action === "bot.reward-selected") sums.set(id, { pieces: pieces + 1, claimed });
    if (event.action === "bot.reward-reverted") sums.set(id, { pieces: pieces - 1, claimed });
    if (event.action === "bot.reward-claimed") sums.set(id, { pieces: 0, claimed: claimed + 1 });
  }
  return sums;
}

async function assertSumsAddUp(place: Place, entries: readonly Entry[]): Promise<void> {
  const rows = place.rows("SELECT reward, pieces, claimed FROM progress");
  const stored = new Map(rows.map(({ reward, ...pieces }) => [String(reward), { ...pieces }]));
  expect(rebuildProgress(entries)).toEqual(stored);
  const count = (action: string) => entries.filter(({ event }) => event.action === action).length;
  const [{ logs }] = place.rows("SELECT count(*) AS logs FROM habit_log") as [{ logs: number }];
  expect(count("bot.habit-completed") - count("bot.habit-reverted")).toBe(logs);
  const { trail, world } = place.bot;
  for (const reward of stored.keys()) {
    const trace = await traceReward({
      trail,
      database: world.database,
      person: place.ana.user.id,
      reward: Number(reward),
    });
    expect(trace.problem).toBeUndefined();
  }
}

// A campaign: HABIT_BOT_RUNS=200 npx vitest run examples/habit-bot/test/random-conversation.test.ts
const numRuns = Number(process.env["HABIT_BOT_RUNS"] ?? 3);

test("any conversation is recorded whole", { timeout: 20_000 + numRuns * 20_000 }, async () => {
  let [claimed, reverted] = [0, 0];
  const property = fc.asyncProperty(fc.array(doing, { minLength: 25, maxLength: 35 }), async (doings) => {
    const place = await startPlace();
    try {
      let updates = 0;
      await addHabit(place, "Run");
      await addReward(place, "Cinema", "1");
      await addReward(place, "Cake", "2", "Once");
      updates += 5 + 7 + 7;
      for (const what of doings) updates += await perform(place, what);
      const entries = await place.entries();
      assertOneParentEach(entries, updates);
      assertEveryChangeSpokenOf(entries);
      await assertSumsAddUp(place, entries);
      claimed += entries.filter(({ event }) => event.action === "bot.reward-claimed").length;
      reverted += entries.filter(({ event }) => event.action === "bot.habit-reverted").length;
    } finally {
      await place.close();
    }
  });
  await fc.assert(property, { numRuns, seed: Number(process.env["HABIT_BOT_SEED"] ?? 3), endOnFailure: true });
  // Otherwise the property has said little.
  expect(claimed, "rewards that were claimed").toBeGreaterThan(0);
  expect(reverted, "habits that were reverted").toBeGreaterThan(0);
});
