/** A habit bot that runs against a local Telegram, with people to talk to it, a clock that stands still and luck that is chosen. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Entry } from "auditrail";
import { fixedClock } from "auditrail/testing";
import { defaultToken, startLocalTelegram, type LocalTelegram, type Person } from "auditrail-local-telegram";

import { startHabitBot, type HabitBot, type HabitBotOptions } from "../bot/start-habit-bot.ts";

export interface Place {
  readonly file: string;
  readonly telegram: LocalTelegram;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly bot: HabitBot;
  readonly ana: Person;
  /** What the next draws give; 0 is nothing at all, just below 1 the last reward. Then always nothing. */
  readonly luck: number[];
  restart(options?: Partial<HabitBotOptions>): Promise<void>;
  /** All entries, oldest first, after row changes were brought in. */
  entries(query?: string): Promise<readonly Entry[]>;
  /** Plain SQL on a connection of its own: behind the bot's back. */
  sql(text: string): void;
  rows(text: string): readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

export const win = 0.999_999;

export async function startPlace(options: Partial<HabitBotOptions> = {}): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), "habit-bot-"));
  const file = join(directory, "habits.db");
  const telegram = await startLocalTelegram();
  const clock = fixedClock("2026-03-16T09:00:00Z");
  const luck: number[] = [];
  const start = (more: Partial<HabitBotOptions>): Promise<HabitBot> =>
    startHabitBot({
      ...{ file, token: defaultToken, apiRoot: telegram.url, clock, random: () => luck.shift() ?? 0, pollSeconds: 5 },
      ...options,
      ...more,
    });
  let bot = await start({});
  const onFile = <Result>(fn: (database: DatabaseSync) => Result): Result => {
    const database = new DatabaseSync(file, { timeout: 5_000 });
    try {
      return fn(database);
    } finally {
      database.close();
    }
  };
  return {
    ...{ file, telegram, clock, luck, ana: telegram.person("Ana") },
    get bot() {
      return bot;
    },
    async restart(more = {}) {
      await bot.close();
      bot = await start(more);
    },
    async entries(query = "") {
      await bot.trail.flush();
      await bot.drain();
      const entries: Entry[] = [];
      const order = { by: "seq", direction: "oldest" } as const;
      for await (const entry of bot.trail.entries(query, { order })) entries.push(entry);
      return entries;
    },
    sql: (text) => onFile((database) => database.exec(text)),
    rows: (text) => onFile((database) => database.prepare(text).all()),
    async close() {
      await bot.close();
      await telegram.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a habit by talking, as a person does. */
export async function addHabit({ ana }: Place, name: string, weight = "10"): Promise<void> {
  await ana.says("/add_habit");
  await ana.says(name);
  await ana.says(weight);
  await ana.says("health");
  await ana.presses("✅ Confirm");
}

export async function addReward(
  { ana }: Place,
  name: string,
  pieces: string,
  times = "Again and again",
): Promise<void> {
  await ana.says("/add_reward");
  for (const answer of [name, "1", pieces, "2.50", "-"]) await ana.says(answer);
  await ana.presses(times);
}

export async function completeHabit({ ana }: Place, name: string) {
  await ana.says("/habit_done");
  return ana.presses(name);
}
