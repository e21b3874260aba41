import { join } from "node:path";

import { openTrail, type Trail } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";

import { round } from "../machine.ts";
import { catalogue, createRandom, shopEvent, type ShopEvent } from "../shop-events.ts";
import { recordAll } from "./durable-ingest.ts";
import type { Scenario, ScenarioRun } from "./scenario.ts";

const repeats = 40;
const limitMs = 50;
const growthLimit = 2;
const days = 90;
const end = Date.UTC(2026, 10, 1);

type Ask = (trail: Trail) => Promise<unknown>;

const order42 = "ORD-20260042";

/** What a console asks, over and over. */
export const questions: Readonly<Record<string, Ask>> = {
  newestPage: (trail) => trail.query(""),
  pageByActor: (trail) => trail.query("actor:user/u17"),
  pageByActionAndTime: (trail) => trail.query("action:parcel.shipped after:2026-10-01 before:2026-10-08"),
  pageByTarget: (trail) => trail.query(`target:order/${order42}`, { order: { direction: "oldest" } }),
  pageOfLog: (trail) => trail.query("log:coupon"),
  failures: (trail) => trail.query("-outcome:success after:2026-10-25"),
  rareWord: (trail) => trail.query(`"${order42}"`),
  commonWords: (trail) => trail.query("blue gift"),
  countsByDay: (trail) => trail.count("", { by: ["outcome"], bucket: "day" }),
  countsByAction: (trail) => trail.count("after:2026-10-25", { by: ["action"] }),
};

export const queries: Scenario = {
  name: "queries",
  says: "ten console queries at 100,000 and at 1,000,000 events: p95 under 50 ms, medians growing less than twofold",
  async run(run) {
    const large = Math.round(1_000_000 * run.factor);
    const small = await measure(run, Math.round(large / 10));
    const big = await measure(run, large);
    const ratios: Record<string, number> = {};
    const targets: Record<string, number> = {};
    for (const name of Object.keys(questions)) {
      const before = small.get(name)!;
      const after = big.get(name)!;
      run.say(`${name.padEnd(20)} median ${before.median} → ${after.median} ms, p95 ${before.p95} → ${after.p95} ms`);
      ratios[`${name}.p95`] = limitMs / after.p95;
      ratios[`${name}.growth`] = growthLimit / (after.median / before.median);
      targets[`${name}.p95`] = 1;
      targets[`${name}.growth`] = 1;
    }
    return { ratios, targets };
  },
};

export interface Timing {
  readonly median: number;
  readonly p95: number;
}

async function measure({ directory, say }: ScenarioRun, size: number): Promise<ReadonlyMap<string, Timing>> {
  const file = join(directory, `${size}.db`);
  const started = performance.now();
  await fillTrail(file, size);
  say(`recorded ${size} events in ${round((performance.now() - started) / 1000, 1)} s`);
  const trail = (await openTrail({ catalogue, store: await openSqliteStore({ file }) })) as unknown as Trail;
  const timings = await timeQuestions(trail);
  await trail.close();
  return timings;
}

/** Asks every question again and again; in milliseconds. */
export async function timeQuestions(trail: Trail): Promise<ReadonlyMap<string, Timing>> {
  const timings = new Map<string, Timing>();
  for (const [name, ask] of Object.entries(questions)) {
    await ask(trail); // The first call reads the file and prepares the statement; a console that is open has done both.
    const times: number[] = [];
    for (let index = 0; index < repeats; index += 1) {
      const begun = performance.now();
      await ask(trail);
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    timings.set(name, { median: round(times[repeats / 2]!, 2), p95: round(times[Math.ceil(repeats * 0.95) - 1]!, 2) });
  }
  return timings;
}

export async function fillTrail(file: string, size: number): Promise<void> {
  const store = await openSqliteStore({ file, createIfMissing: true });
  const trail = (await openTrail({ catalogue, store })) as unknown as Trail;
  await recordShop(trail, size);
  await trail.close();
}

/** Between the batches of these many events, what waits for the disk is done. */
const chunk = 20_000;

/** The same 90 days whatever the size: a busier shop, not an older one. `idAt` makes ids of the events' own times. */
export async function recordShop(
  trail: Trail,
  size: number,
  { from = 0, idAt }: { readonly from?: number; readonly idAt?: (milliseconds: number, index: number) => string } = {},
): Promise<void> {
  const random = createRandom(3);
  for (let start = 0; start < size; start += chunk) {
    const events = Array.from({ length: Math.min(chunk, size - start) }, (_, offset): ShopEvent => {
      const index = start + offset;
      const [name, fields] = shopEvent(index, random);
      const occurredAt = new Date(end - days * 86_400_000 * (1 - index / size));
      return [name, { ...fields, occurredAt, ...(idAt && { id: idAt(occurredAt.getTime(), index) }) }];
    });
    if (start + chunk > from) await recordAll(trail, events, 1_000);
  }
}
