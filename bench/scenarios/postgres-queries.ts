/** The console's questions to a large trail in Postgres, on a server of its own: `BENCH_DATABASE_URL`. */

import { openTrail, type Trail } from "auditrail";
import { openPostgresStore } from "auditrail/postgres";
import pg from "pg";

import { round } from "../machine.ts";
import { catalogue } from "../shop-events.ts";
import { benchDatabase } from "./postgres.ts";
import { recordShop, timeQuestions } from "./queries.ts";
import type { Scenario, ScenarioRun } from "./scenario.ts";

const limitMs = 80;

export const postgresQueries: Scenario = {
  name: "postgres-queries",
  says: "Postgres: ten console queries at 5,000,000 events, p95 under 80 ms; needs BENCH_DATABASE_URL, which it fills where it is empty",
  async run(run) {
    const pool = new pg.Pool({ connectionString: benchDatabase(), max: 10 });
    const store = await openPostgresStore({ connection: pool, createIfMissing: true });
    const trail = (await openTrail({ catalogue, store })) as unknown as Trail;
    await fill(pool, trail, run);
    const timings = await timeQuestions(trail);
    await trail.close();
    await pool.end();
    for (const [name, { median, p95 }] of timings) run.say(`${name.padEnd(20)} median ${median} ms, p95 ${p95} ms`);
    const each = <Value>(value: (p95: number) => Value) =>
      Object.fromEntries(Array.from(timings, ([name, { p95 }]) => [`${name}.p95`, value(p95)]));
    return { ratios: each((p95) => limitMs / p95), targets: each(() => 1) };
  },
};

/**
 * Through the trail, as anybody records: real entries, sealed in one tree. Their ids are of the times they tell, so that they lie
 * in the partitions of their months, as those of a shop that has recorded for three months. What was filled before is
 * kept and gone on with.
 */
async function fill(pool: pg.Pool, trail: Trail, { factor, say }: ScenarioRun): Promise<void> {
  const size = Math.round(5_000_000 * factor);
  const [head] = await trail.trails();
  if (head === undefined) await makePastPartitions(pool);
  const from = head?.size ?? 0;
  if (from >= size) return;
  const started = performance.now();
  await recordShop(trail, size, { from, idAt });
  say(`recorded ${size - from} events in ${round((performance.now() - started) / 1000, 1)} s`);
  await pool.query("VACUUM ANALYZE");
}

/** A UUID of version 7, the same at every run. */
function idAt(milliseconds: number, index: number): string {
  const time = milliseconds.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${index.toString(16).padStart(12, "0")}`;
}

/** A trail that was there then would have made them ahead of time. */
async function makePastPartitions(pool: pg.Pool): Promise<void> {
  for (const [name, from, to] of [
    ["entry_2026_08", "2026-08-01", "2026-09-01"],
    ["entry_2026_09", "2026-09-01", "2026-10-01"],
    ["entry_2026_10", "2026-10-01", "2026-11-01"],
  ])
    await pool.query(
      `CREATE TABLE auditrail.${name} PARTITION OF auditrail.entry FOR VALUES FROM (auditrail.month_bound('${from}')) TO (auditrail.month_bound('${to}'));
       SELECT auditrail.guard_partition('${name}')`,
    );
}
