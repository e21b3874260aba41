import { join } from "node:path";

import { liveADay, settleIn, updatesOfADay } from "../bot/conversation.ts";
import { startBotProcess, type RunningBot } from "../bot/bot-process.ts";
import { round } from "../machine.ts";
import type { Scenario } from "./scenario.ts";

const pairs = 10;
/** So many people keep the bot busy: it works on one update after the other and there is always a next one. */
const howMany = 24;
const sides = ["off", "on"] as const;
type Side = (typeof sides)[number];

/**
 * What recording every update costs a bot. Two bots run at once, each a process of its own with a Telegram of its own,
 * one with the capture and one without; they are talked to in turns, long enough to be warm. Both commit what people
 * change, durably and with its own events: that belongs to the bot and not to the capture.
 */
export const botCapture: Scenario = {
  name: "bot-capture",
  says: "updates of the habit bot on the local Telegram, by the second and by the CPU second of its process, with the capture by without",
  async run({ directory, factor, say }) {
    const bots = {
      off: await startBotProcess(join(directory, "off.db"), "off", howMany),
      on: await startBotProcess(join(directory, "on.db"), "on", howMany),
    };
    try {
      for (const side of sides) await Promise.all(bots[side].people.map(settleIn));
      const days = Math.max(1, Math.round(2 * factor));
      const day = async (bot: RunningBot): Promise<number> => {
        for (let count = 0; count < days; count += 1) await Promise.all(bot.people.map(liveADay));
        return days * bot.people.length * updatesOfADay;
      };
      const asking = days * 10;
      const ask = async (bot: RunningBot): Promise<number> => {
        for (let count = 0; count < asking; count += 1)
          await Promise.all(bot.people.map((person) => person.says("/streaks")));
        return asking * bot.people.length;
      };
      const whole = await compare("a day of all interactions", bots, day, say);
      const least = await compare("only /streaks, the least work", bots, ask, say);
      return {
        ratios: {
          ...{ throughput: whole.throughput, cpu: whole.cpu },
          ...{ streaksThroughput: least.throughput, streaksCpu: least.cpu },
        },
        targets: { throughput: 0.95, cpu: 0.95, streaksThroughput: 0.95, streaksCpu: 0.95 },
      };
    } finally {
      for (const side of sides) await bots[side].close();
    }
  },
};

interface Rate {
  readonly perSecond: number;
  /** CPU time of all threads of the bot's process for one update. */
  readonly cpuMicros: number;
}

const tell = ({ perSecond, cpuMicros }: Rate): string =>
  `${round(perSecond, 0)} updates a second, ${round(cpuMicros, 0)} µs`;

/** Medians of pairs, each by itself: what else the machine does changes from pair to pair, and not within one. */
async function compare(
  what: string,
  bots: Readonly<Record<Side, RunningBot>>,
  talk: (bot: RunningBot) => Promise<number>,
  say: (line: string) => void,
): Promise<{ readonly throughput: number; readonly cpu: number }> {
  const ratios: { readonly throughput: number; readonly cpu: number }[] = [];
  // The first pair warms the code up.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const rates: Partial<Record<Side, Rate>> = {};
    for (const side of pair % 2 === 0 ? sides : sides.toReversed()) rates[side] = await measure(bots[side], talk);
    const [on, off] = [rates.on!, rates.off!];
    say(`${what}: ${tell(on)} with the capture, ${tell(off)} without`);
    if (pair > 0) ratios.push({ throughput: on.perSecond / off.perSecond, cpu: off.cpuMicros / on.cpuMicros });
  }
  return {
    throughput: median(ratios.map((each) => each.throughput)),
    cpu: median(ratios.map((each) => each.cpu)),
  };
}

async function measure(bot: RunningBot, talk: (bot: RunningBot) => Promise<number>): Promise<Rate> {
  const before = await bot.usage();
  const started = performance.now();
  const updates = await talk(bot);
  const seconds = (performance.now() - started) / 1000;
  // What lingers is flushed by now or in a moment, and is counted in the next turn otherwise: the same number each time.
  const after = await bot.usage();
  return { perSecond: updates / seconds, cpuMicros: (after.cpuMicros - before.cpuMicros) / updates };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
