import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import { openTrail } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";

import { catalogue, createRandom, shopEvent } from "../shop-events.ts";
import { round } from "../machine.ts";
import { recordAll } from "./durable-ingest.ts";
import type { Scenario } from "./scenario.ts";

const ratePerSecond = 5_000;
const tickMs = 10;

/** What recording costs the thread that calls it: its CPU time, and how long it ever holds up the event loop. */
export const callerThread: Scenario = {
  name: "caller-thread",
  says: "CPU of the caller's thread an event (limit 60 µs), and its longest stall at 5,000 events a second (limit 20 ms)",
  async run({ directory, factor, say }) {
    const seconds = Math.max(2, Math.round(10 * factor));
    const random = createRandom(2);
    const events = Array.from({ length: ratePerSecond * seconds }, (_, index) => shopEvent(index, random));
    const store = await openSqliteStore({ file: join(directory, "trail.db"), createIfMissing: true });
    const trail = await openTrail({ catalogue, store });
    await recordAll(trail as never, events.slice(0, 20_000), 500); // Warm-up: measure compiled code.
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const busiest = watchTurns();
    const cpuBefore = process.threadCpuUsage();
    delay.enable();
    const started = performance.now();
    const pending: Promise<unknown>[] = [];
    for (let next = 0; next < events.length;) {
      const due = Math.min(events.length, Math.floor(((performance.now() - started) / 1000) * ratePerSecond));
      for (; next < due; next += 1)
        pending.push(trail.record(...(events[next]! as unknown as Parameters<typeof trail.record>)));
      await sleep(tickMs);
    }
    await Promise.all(pending);
    delay.disable();
    const { user, system } = process.threadCpuUsage(cpuBefore);
    const idleMicros = await idleCpuMicros(seconds);
    const microsPerEvent = (user + system - idleMicros) / events.length;
    const stallMs = delay.max / 1e6;
    const busiestMs = busiest();
    say(
      `${round(microsPerEvent, 1)} µs of CPU an event, longest stall ${round(stallMs, 1)} ms, 99.9 % of stalls under ${round(delay.percentile(99.9) / 1e6, 1)} ms; the busiest turn took ${round(busiestMs, 1)} ms of CPU`,
    );
    await trail.close();
    return { ratios: { cpu: 60 / microsPerEvent, stall: 20 / stallMs }, targets: { cpu: 1, stall: 1 } };
  },
};

/** The most CPU that this thread took between two turns of its loop: a stall without what others took from the machine. */
function watchTurns(): () => number {
  let most = 0;
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    most = Math.max(most, (user + system) / 1000);
  }, 1);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** What the loop and the delay monitor cost without recording. */
async function idleCpuMicros(seconds: number): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = process.threadCpuUsage();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) await sleep(tickMs);
  const { user, system } = process.threadCpuUsage(before);
  delay.disable();
  return user + system;
}
