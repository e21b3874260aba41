import { copyFileSync } from "node:fs";
import { join } from "node:path";

import { openTrail, type Trail } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";

import { openFloor, readFloorEvents, type FloorEvent } from "../floor.ts";
import { round } from "../machine.ts";
import { catalogue, createRandom, shopEvent, type ShopEvent } from "../shop-events.ts";
import type { Scenario } from "./scenario.ts";

const inFlight = 1_000;
const rounds = 3;
/** One at a time, both sides first record so many that do not count: until then code is not compiled, and the log still grows. */
const warmUp = 600;

/** Rounds alternate between the floor and the library, and medians are compared, because the machine's speed drifts. */
export const durableIngest: Scenario = {
  name: "durable-ingest",
  says: "durable record(): 200,000 events with 1,000 in flight, and one at a time, against the bare insert",
  async run({ directory, factor, say }) {
    const total = Math.round(200_000 * factor);
    const single = warmUp + Math.round(3_000 * factor);
    const random = createRandom(1);
    const events = Array.from({ length: total }, (_, index) => shopEvent(index, random));
    const empty = join(directory, "empty.db");
    await (await openSqliteStore({ file: empty, createIfMissing: true })).close();
    const filled = join(directory, "filled.db");
    const results = {
      record: [] as number[],
      floor: [] as number[],
      recordOne: [] as number[],
      floorOne: [] as number[],
    };
    await record(filled, empty, events, inFlight);
    const floorEvents = readFloorEvents(filled, total);
    say(
      `an entry has ${Math.round(floorEvents.reduce((sum, { entry }) => sum + String(entry.at(-1)).length, 0) / total)} bytes`,
    );
    const batch = bestBatch(directory, empty, floorEvents, say);
    for (let round = 0; round < rounds; round += 1) {
      results.floor.push(floor(join(directory, "floor.db"), empty, floorEvents, batch));
      results.record.push(await record(join(directory, `record-${round}.db`), empty, events, inFlight));
      results.floorOne.push(floor(join(directory, "floor.db"), empty, floorEvents.slice(0, single), 1, warmUp));
      results.recordOne.push(
        await record(join(directory, `one-${round}.db`), empty, events.slice(0, single), 1, warmUp),
      );
      say(
        Object.entries(results)
          .map(([name, rates]) => `${name} ${round1(rates.at(-1)!)}/s`)
          .join("  "),
      );
    }
    return {
      ratios: {
        thousandInFlight: median(results.record) / median(results.floor),
        oneAtATime: median(results.recordOne) / median(results.floorOne),
      },
      targets: { thousandInFlight: 0.6, oneAtATime: 0.8 },
    };
  },
};

const round1 = (value: number): number => round(value, 0);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function bestBatch(
  directory: string,
  empty: string,
  events: readonly FloorEvent[],
  say: (line: string) => void,
): number {
  const rates = [100, 300, 1_000, 3_000].map((batch) => {
    const rate = floor(join(directory, "floor.db"), empty, events.slice(0, 60_000), batch);
    return { batch, rate };
  });
  for (const { batch, rate } of rates) say(`floor, ${batch} rows a commit: ${round1(rate)}/s`);
  return rates.reduce((best, each) => (each.rate > best.rate ? each : best)).batch;
}

/** Events a second of the bare insert. */
function floor(file: string, empty: string, events: readonly FloorEvent[], batch: number, uncounted = 0): number {
  const { insert, close } = openFloor(empty, file);
  for (const event of events.slice(0, uncounted)) insert([event]);
  const started = performance.now();
  for (let start = uncounted; start < events.length; start += batch) insert(events.slice(start, start + batch));
  const seconds = (performance.now() - started) / 1000;
  close();
  return (events.length - uncounted) / seconds;
}

/** Events a second of `record()` with so many promises outstanding. */
async function record(
  file: string,
  empty: string,
  events: readonly ShopEvent[],
  outstanding: number,
  uncounted = 0,
): Promise<number> {
  copyFileSync(empty, file);
  const trail = await openTrail({ catalogue, store: await openSqliteStore({ file }) });
  await recordAll(trail as never, events.slice(0, uncounted), outstanding);
  const started = performance.now();
  await recordAll(trail as never, events.slice(uncounted), outstanding);
  const seconds = (performance.now() - started) / 1000;
  await trail.close();
  return (events.length - uncounted) / seconds;
}

/** Each of so many loops records the next event when its last one is on disk. */
export async function recordAll(trail: Trail, events: readonly ShopEvent[], outstanding: number): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < events.length) {
      const [name, fields] = events[next]!;
      next += 1;
      await trail.record(name, fields);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, loop));
}
