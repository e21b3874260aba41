import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { startHabitBot } from "auditrail-example-habit-bot";
import { defaultToken, startLocalTelegram } from "auditrail-local-telegram";

import { round } from "../machine.ts";
import type { Scenario } from "./scenario.ts";

const pairs = 8;
const people = ["Ana", "Иван", "Айгерім", "李伟"];

/** What recording every update costs a bot: the same talk with the capture and without, in turns. */
export const botCapture: Scenario = {
  name: "bot-capture",
  says: "updates of the habit bot on the local Telegram, by the second and by the CPU second of its thread, with the capture by without",
  async run({ directory, factor, say }) {
    const updates = Math.max(100, Math.round(600 * factor));
    const ratios: { readonly throughput: number; readonly cpu: number }[] = [];
    for (let pair = 0; pair <= pairs; pair += 1) {
      const rates: Partial<Record<"on" | "off", Rate>> = {};
      // Now the one first and now the other; the first pair warms the code up.
      for (const capture of pair % 2 === 0 ? (["off", "on"] as const) : (["on", "off"] as const))
        rates[capture] = await measure(join(directory, `${pair}-${capture}`), capture === "on", updates);
      const [on, off] = [rates.on!, rates.off!];
      say(`${tell(on)} with the capture, ${tell(off)} without`);
      if (pair > 0) ratios.push({ throughput: on.perSecond / off.perSecond, cpu: off.cpuMicros / on.cpuMicros });
    }
    // Each pair by itself: what else the machine does changes from pair to pair, and not within one.
    const [throughput, cpu] = [median(ratios.map((each) => each.throughput)), median(ratios.map((each) => each.cpu))];
    return { ratios: { throughput, cpu }, targets: { throughput: 0.95, cpu: 0.95 } };
  },
};

interface Rate {
  readonly perSecond: number;
  /** CPU time of the bot's thread for one update; the local Telegram is in it too. */
  readonly cpuMicros: number;
}

const tell = ({ perSecond, cpuMicros }: Rate): string =>
  `${round(perSecond, 0)} updates a second, ${round(cpuMicros, 0)} µs`;

async function measure(directory: string, capture: boolean, updates: number): Promise<Rate> {
  mkdirSync(directory);
  const telegram = await startLocalTelegram({ timeoutMs: 600_000 });
  const bot = await startHabitBot({
    ...{ file: join(directory, "habits.db"), token: defaultToken, apiRoot: telegram.url, capture },
  });
  const everybody = people.map((name) => telegram.person(name));
  for (const person of everybody) await person.says("/start");
  const [started, cpuBefore] = [performance.now(), process.threadCpuUsage()];
  const said = Array.from({ length: updates }, (_, index) => everybody[index % everybody.length]!.says("/streaks"));
  await Promise.all(said);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.threadCpuUsage(cpuBefore);
  await bot.close();
  await telegram.close();
  return { perSecond: updates / seconds, cpuMicros: (user + system) / updates };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
