/** The Postgres store against the same work in plain SQL, on a server of its own: `BENCH_DATABASE_URL`, with fsync on. */

import { openTrail, type Trail } from "auditrail";
import { openPostgresStore, type PostgresStore } from "auditrail/postgres";
import pg from "pg";

import { round } from "../machine.ts";
import { catalogue, createRandom, shopEvent, type ShopEvent } from "../shop-events.ts";
import { recordAll } from "./durable-ingest.ts";
import { questions } from "./queries.ts";
import type { Scenario, ScenarioRun } from "./scenario.ts";

const connections = 8;
const rounds = 3;
const limitMs = 80;

interface Bench {
  readonly pool: pg.Pool;
  readonly store: PostgresStore;
  readonly trail: Trail;
  readonly events: readonly ShopEvent[];
}

export const postgres: Scenario = {
  name: "postgres",
  says: "Postgres: atomic events, batches, the sequencer and ten console queries, against plain inserts of the same rows",
  async run(run) {
    const connectionString = process.env["BENCH_DATABASE_URL"];
    if (connectionString === undefined)
      throw new Error("Set BENCH_DATABASE_URL to an empty database of a server with fsync on.");
    const pool = new pg.Pool({ connectionString, max: 20 });
    const store = await openPostgresStore({ connection: pool, createIfMissing: true, sequenceEveryMs: 50 });
    const trail = (await openTrail({ catalogue, store })) as unknown as Trail;
    const random = createRandom(1);
    const events = Array.from({ length: Math.round(100_000 * run.factor) }, (_, index) => shopEvent(index, random));
    const bench = { pool, store, trail, events };
    const ratios = {
      batched: await batches(bench, run),
      atomic: await transactions(bench, run),
      ...(await sequencing(bench, run)),
      ...(await console(bench, run)),
    };
    await trail.close();
    await pool.end();
    const targets = Object.fromEntries(Object.keys(ratios).map((name) => [name, 1]));
    return { ratios, targets: { ...targets, batched: 0.6, atomic: 0.9 } };
  },
};

/** `record()` with 1,000 in flight, against inserts of 400 of the same rows into the same tables with the same indexes. */
async function batches({ pool, trail, events }: Bench, { say }: ScenarioRun): Promise<number> {
  const recorded = await rate(events.length, () => recordAll(trail, events, 1_000));
  for (const table of ["entry", "target", "search"]) {
    await pool.query(`CREATE TABLE floor_${table} (LIKE auditrail.${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
    const { rows } = await pool.query<{ definition: string }>(
      `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = (SELECT max(key_table.oid) FROM pg_class key_table
        WHERE key_table.relname = (SELECT CASE '${table}' WHEN 'entry' THEN to_char(now(), '"entry_"YYYY_MM') ELSE '${table}' END))`,
    );
    for (const { definition } of rows)
      await pool.query(definition.replace(/INDEX \S+ ON \S+/, (found) => `${found.split(" ")[0]} ON floor_${table}`));
  }
  const { rows } = await pool.query<{ key: string }>("SELECT key FROM auditrail.entry ORDER BY key");
  const batch = 400;
  const plain = await rate(rows.length, async () => {
    for (let start = 0; start < rows.length; start += batch) {
      const [first, last] = [rows[start]!.key, rows[Math.min(start + batch, rows.length) - 1]!.key];
      await pool.query(`WITH e AS (INSERT INTO floor_entry SELECT * FROM auditrail.entry WHERE key BETWEEN ${first} AND ${last}),
        t AS (INSERT INTO floor_target SELECT * FROM auditrail.target WHERE key BETWEEN ${first} AND ${last})
        INSERT INTO floor_search SELECT * FROM auditrail.search WHERE key BETWEEN ${first} AND ${last}`);
    }
  });
  say(`batched: record ${round(recorded, 0)}/s, plain ${round(plain, 0)}/s`);
  return recorded / plain;
}

/** A transaction that changes a row and records one event, against one that inserts the same inbox row by itself. */
async function transactions({ pool, trail, events }: Bench, { factor, say }: ScenarioRun): Promise<number> {
  await pool.query("CREATE TABLE orders (id bigserial PRIMARY KEY, state text NOT NULL)");
  await pool.query("CREATE TABLE floor_inbox (LIKE auditrail.inbox INCLUDING ALL)");
  const total = Math.round(4_000 * factor);
  const text = "x".repeat(600);
  const plainRow = `INSERT INTO floor_inbox (tenant, event_id, hash, time, log, action, outcome, actor_type, actor_id, targets, words, sealed, entry)
    VALUES ('default', $1, sha256('\\x00'::bytea || convert_to($2, 'UTF8')), 1, 'order', 'order.paid', 'success', 'user', 'u1', '[{"type":"order","id":"1"}]', $3, '[]', $2)`;
  const results = { recorded: [] as number[], plain: [] as number[] };
  const inTransactions = (work: (client: pg.PoolClient, index: number) => Promise<unknown>): Promise<number> =>
    rate(total, async () => {
      let next = 0;
      const one = async (): Promise<void> => {
        const client = await pool.connect();
        for (let index = next++; index < total; index = next++) {
          await client.query("BEGIN");
          await client.query("INSERT INTO orders (state) VALUES ($1)", ["paid"]);
          await work(client, index);
          await client.query("COMMIT");
        }
        client.release();
      };
      await Promise.all(Array.from({ length: connections }, one));
    });
  for (let each = 0; each < rounds; each += 1) {
    results.plain.push(
      await inTransactions((client) => client.query(plainRow, [crypto.randomUUID(), text, "order paid blue green"])),
    );
    results.recorded.push(
      await inTransactions((client, index) => {
        const [action, fields] = events[index % events.length]!;
        return trail.in(client as never).record(action as never, fields as never);
      }),
    );
    say(`atomic: recorded ${round(results.recorded.at(-1)!, 0)}/s, plain ${round(results.plain.at(-1)!, 0)}/s`);
  }
  return median(results.recorded) / median(results.plain);
}

/** How fast a full inbox is emptied. */
async function sequencing(
  { pool, store, events }: Bench,
  { factor, say }: ScenarioRun,
): Promise<Record<string, number>> {
  while ((await store.backlog()).waiting > 0) await store.sequence();
  const writer = await openPostgresStore({ connection: pool, sequence: false });
  const trail = (await openTrail({ catalogue, store: writer })) as unknown as Trail;
  const total = Math.min(events.length, Math.round(30_000 * factor));
  await recordAll(trail, events.slice(0, total), 1_000);
  const { waiting } = await store.backlog();
  const placed = await rate(waiting, async () => {
    while ((await store.backlog()).waiting > 0) await store.sequence();
  });
  say(`sequencer: ${waiting} events at ${round(placed, 0)}/s`);
  return { sequencer: placed / 5_000 };
}

async function console({ pool, trail }: Bench, { say }: ScenarioRun): Promise<Record<string, number>> {
  await pool.query("ANALYZE");
  const ratios: Record<string, number> = {};
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    for (let each = 0; each < 40; each += 1) {
      const started = performance.now();
      await ask(trail);
      times.push(performance.now() - started);
    }
    const p95 = times.sort((a, b) => a - b)[37]!;
    say(`${name.padEnd(20)} median ${round(median(times), 1)} ms, p95 ${round(p95, 1)} ms`);
    ratios[`${name}.p95`] = limitMs / p95;
  }
  return ratios;
}

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
