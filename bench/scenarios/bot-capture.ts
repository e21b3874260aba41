import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { startHabitBot } from "auditrail-example-habit-bot";
import { defaultToken, startLocalTelegram } from "auditrail-local-telegram";

import { round } from "../machine.ts";
import type { Scenario } from "./scenario.ts";

const rounds = 5;
const people = ["Ana", "Иван", "Айгерім", "李伟"];

/** What recording every update costs a bot: the same talk with the capture and without, in turns. */
export const botCapture: Scenario = {
  name: "bot-capture",
  says: "updates a second of the habit bot on the local Telegram, with the capture by without (target 0.95)",
  async run({ directory, factor, say }) {
    const updates = Math.max(100, Math.round(1_000 * factor));
    const rates: Record<"on" | "off", number[]> = { on: [], off: [] };
    for (let round = 0; round <= rounds; round += 1) {
      for (const capture of round % 2 === 0 ? (["off", "on"] as const) : (["on", "off"] as const)) {
        const place = join(directory, `${round}-${capture}`);
        mkdirSync(place);
        const rate = await measure(place, capture === "on", updates);
        // The first round warms the code up.
        if (round > 0) rates[capture].push(rate);
      }
    }
    const [on, off] = [median(rates.on), median(rates.off)];
    say(
      `${round(on, 0)} updates a second with the capture, ${round(off, 0)} without: ${round(1e6 / on - 1e6 / off, 0)} µs an update`,
    );
    return { ratios: { throughput: on / off }, targets: { throughput: 0.95 } };
  },
};

async function measure(directory: string, capture: boolean, updates: number): Promise<number> {
  const telegram = await startLocalTelegram({ timeoutMs: 600_000 });
  const bot = await startHabitBot({
    ...{ file: join(directory, "habits.db"), token: defaultToken, apiRoot: telegram.url, capture },
  });
  const everybody = people.map((name) => telegram.person(name));
  for (const person of everybody) await person.says("/start");
  const started = performance.now();
  const said = Array.from({ length: updates }, (_, index) => everybody[index % everybody.length]!.says("/streaks"));
  await Promise.all(said);
  const seconds = (performance.now() - started) / 1000;
  await bot.close();
  await telegram.close();
  return updates / seconds;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
