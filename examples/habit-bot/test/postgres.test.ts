/** The habit bot with its trail in Postgres: what people do and which rows change is there, and what staff ask is answered. */

import { expect, test } from "vitest";

import { openPostgresStore } from "auditrail/postgres";

import { createTestDatabase } from "../../../library/test/postgres/test-database.ts";
import { runCommand } from "../queries/command.ts";
import { addHabit, addReward, completeHabit, startPlace, win } from "./habit-bot-place.ts";

const { url } = await createTestDatabase();
const trailAt = `${url}?schema=habits`;

test("a conversation, its rows and its events are in Postgres, also after a restart, and a reward can be traced", async () => {
  const place = await startPlace({ trailAt });
  try {
    await place.ana.says("/start");
    await addHabit(place, "Run");
    await addReward(place, "Cinema", "2");
    place.luck.push(win);
    await completeHabit(place, "Run");
    await place.restart();
    await place.ana.says("/streaks");
    const entries = await place.entries();
    const count = (action: string): number => entries.filter(({ event }) => event.action === action).length;
    expect(["bot.habit-completed", "bot.reward-selected"].map(count)).toEqual([1, 1]);
    const rows = entries.filter(({ event }) => event.action.startsWith("row."));
    expect(rows.length).toBeGreaterThan(3);
    // A row and the event about it were one operation, whichever way they came.
    const completed = entries.find(({ event }) => event.action === "bot.habit-completed")!;
    const row = rows.find(({ event }) => event.targets?.[0]?.type === "habit_log")!;
    expect(row.event.operationId).toBe(completed.event.operationId);
    expect(place.rows("SELECT count(*) AS count FROM auditrail_outbox")).toEqual([{ count: 0 }]);
    expect(place.rows("SELECT 1 FROM sqlite_schema WHERE name = 'auditrail_entry'")).toEqual([]);

    const store = await openPostgresStore({ connection: trailAt, readOnly: true });
    expect((await store.listTrails())[0]!.size).toBe(entries.length);
    await store.close();

    const said: string[] = [];
    const person = String(completed.event.actor.id);
    process.env["AUDITRAIL_STORE"] = trailAt;
    const words = ["trace-reward", person, "1", "--file", place.file];
    const code = await runCommand(words, { print: (text) => said.push(text), complain: (text) => said.push(text) });
    expect([code, said.join("\n")]).toEqual([0, expect.stringContaining("bot.reward-selected")]);
  } finally {
    delete process.env["AUDITRAIL_STORE"];
    await place.close();
  }
}, 60_000);
