import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createAsk, percentile, type Ask, type Answered } from "../http/ask.ts";
import { serveTrail, type Usage } from "../http/served-trail.ts";
import { round } from "../machine.ts";
import { createRandom, shopEvent } from "../shop-events.ts";
import { fillTrail } from "./queries.ts";
import type { Scenario } from "./scenario.ts";

const readsPerSecond = 1_000;
const eventsPerSecond = 2_000;
const eventsPerBatch = 100;
const tickMs = 10;
/** How much the heap may have grown when it is over, beside what it was once everything had been used. */
const growthLimit = 1.25;
const filled = 20_000;

/** A minute of people who look and programs that record; the server on one core where the system can pin it. */
export const httpLoad: Scenario = {
  name: "http-load",
  says: "1,000 mixed reads and 2,000 events in batches a second over HTTP for a minute: no error, no growing heap",
  async run({ directory, factor, say }) {
    const seconds = Math.max(4, Math.round(60 * factor));
    const file = join(directory, "trail.db");
    await fillTrail(file, filled);
    const served = await serveTrail(file, true);
    const reads = createAsk(served.url, served.headers);
    const writes = createAsk(served.url, served.headers, 8);
    await load(reads, writes, Math.max(2, seconds / 6)); // Warm-up.
    const before = await served.usage();
    const { answers, batches, tookSeconds } = await load(reads, writes, seconds);
    const after = await served.usage();
    reads.close();
    writes.close();
    await served.close();
    const errors = [...answers, ...batches].filter(({ status }) => status !== 200).length;
    const rate = answers.length / tookSeconds;
    const eventRate = (batches.length * eventsPerBatch) / tookSeconds;
    tell(say, { answers, batches, rate, eventRate, errors, before, after });
    return {
      ratios: {
        reads: rate / readsPerSecond,
        events: eventRate / eventsPerSecond,
        // What the machine's other work cannot hide: seconds of one core that a second of this load takes.
        oneCore: seconds / (after.cpuSeconds - before.cpuSeconds),
        withoutError: errors === 0 ? 1 : 0,
        heap: (before.heapUsed * growthLimit) / after.heapUsed,
      },
      // Half a percent is the last tick, whose answers take a moment.
      targets: { reads: 0.98, events: 0.98, oneCore: 1, withoutError: 1, heap: 1 },
    };
  },
};

/** What people look at: mostly lists and entries, at different places. */
function readPath(random: () => number): string {
  const at = random();
  if (at < 0.35) return "/api/v1/entries?limit=20&query=-op:read";
  if (at < 0.5) return `/api/v1/entries?limit=20&query=actor:user/u${Math.floor(random() * 40)}`;
  if (at < 0.8) return `/api/v1/entries/${Math.floor(random() * filled)}`;
  if (at < 0.9) return `/api/v1/timelines?limit=20&target=order/ORD-${20_260_000 + Math.floor(random() * 200)}`;
  if (at < 0.95) return "/api/v1/trust";
  return "/api/v1/counts?by=outcome&query=log:coupon";
}

interface Loaded {
  readonly answers: readonly Answered[];
  readonly batches: readonly Answered[];
  readonly tookSeconds: number;
}

/** Sends on time, whether answers have come or not: a slow server gets no rest. */
async function load(reads: Ask, writes: Ask, seconds: number): Promise<Loaded> {
  const random = createRandom(11);
  const asked: Promise<Answered>[] = [];
  const sent: Promise<Answered>[] = [];
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  while (elapsed() < seconds) {
    while (asked.length < elapsed() * readsPerSecond) asked.push(reads(readPath(random)));
    while (sent.length < (elapsed() * eventsPerSecond) / eventsPerBatch)
      sent.push(writes("/api/v1/events", batch(random)));
    await sleep(tickMs);
  }
  const [answers, batches] = await Promise.all([Promise.all(asked), Promise.all(sent)]);
  return { answers, batches, tookSeconds: elapsed() };
}

export function batch(random: () => number) {
  const events = Array.from({ length: eventsPerBatch }, () => {
    const [action, fields] = shopEvent(Math.floor(random() * 100_000), random);
    return { action, ...fields };
  });
  return { events };
}

interface Told extends Omit<Loaded, "tookSeconds"> {
  readonly rate: number;
  readonly eventRate: number;
  readonly errors: number;
  readonly before: Usage;
  readonly after: Usage;
}

function tell(say: (line: string) => void, told: Told): void {
  const { answers, batches, rate, eventRate, errors, before, after } = told;
  const times = (of: readonly Answered[]): string => {
    const ms = of.map((each) => each.ms);
    return `p50 ${round(percentile(ms, 0.5), 1)} ms, p99 ${round(percentile(ms, 0.99), 1)} ms`;
  };
  const mib = (bytes: number): number => round(bytes / 2 ** 20, 1);
  say(
    `${round(rate, 0)} reads a second (${times(answers)}), ${round(eventRate, 0)} events a second (${times(batches)})`,
  );
  say(
    `${round(after.cpuSeconds - before.cpuSeconds, 1)} s of CPU for ${answers.length} reads and ${batches.length} batches`,
  );
  say(
    `${errors} errors; heap ${mib(before.heapUsed)} → ${mib(after.heapUsed)} MiB, resident ${mib(before.rss)} → ${mib(after.rss)} MiB`,
  );
}
