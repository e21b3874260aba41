/** The Postgres store against the same work in plain SQL, on a server of its own: `BENCH_DATABASE_URL`, with fsync on. */

import { openTrail, type Trail } from "auditrail";
import { openPostgresStore, type PostgresStore } from "auditrail/postgres";
import pg from "pg";

import { round } from "../machine.ts";
import { openBatchFloor, openRowFloor } from "../postgres-floor.ts";
import { catalogue, createRandom, shopEvent, type ShopEvent } from "../shop-events.ts";
import { recordAll } from "./durable-ingest.ts";
import type { Scenario, ScenarioRun } from "./scenario.ts";

const connections = 8;
const rounds = 5;

interface Side {
  readonly store: PostgresStore;
  readonly trail: Trail;
}

interface Bench {
  readonly pool: pg.Pool;
  readonly events: readonly ShopEvent[];
}

export const postgres: Scenario = {
  name: "postgres",
  says: "Postgres: atomic events, batches and the sequencer, against plain inserts of the same rows; needs BENCH_DATABASE_URL",
  async run(run) {
    const pool = new pg.Pool({ connectionString: benchDatabase(), max: 20 });
    const random = createRandom(1);
    const events = Array.from({ length: Math.round(100_000 * run.factor) }, (_, index) => shopEvent(index, random));
    const bench = { pool, events };
    const ratios = {
      batched: await batches(bench, run),
      ...(await transactions(bench, run)),
      sequencer: await sequencing(bench, run),
    };
    await pool.end();
    return { ratios, targets: { batched: 0.6, atomic: 0.9, atomicWhileSequencing: 0.9, sequencer: 1 } };
  },
};

export function benchDatabase(): string {
  const url = process.env["BENCH_DATABASE_URL"];
  if (url === undefined) throw new Error("Set BENCH_DATABASE_URL to an empty database of a server with fsync on.");
  return url;
}

/** Without `sequence` it only writes, and another process gives the positions. */
async function withTrail<Result>(
  pool: pg.Pool,
  sequence: boolean,
  work: (side: Side) => Promise<Result>,
): Promise<Result> {
  const store = await openPostgresStore({ connection: pool, createIfMissing: true, sequence });
  const trail = (await openTrail({ catalogue, store })) as unknown as Trail;
  const result = await work({ store, trail });
  await trail.close();
  return result;
}

/** `record()` with 1,000 in flight, against multi-row inserts of the same rows in the size that suits them best. */
function batches({ pool, events }: Bench, { say }: ScenarioRun): Promise<number> {
  return withTrail(pool, true, async ({ trail }) => {
    await recordAll(trail, events, 1_000);
    await pool.query("VACUUM ANALYZE");
    const floor = await openBatchFloor(pool, events.length);
    const sizes = [100, 400, 1_000, 2_000];
    const tried: number[] = [];
    for (const size of sizes) tried.push(await floor.insert(size));
    const best = sizes[tried.indexOf(Math.max(...tried))]!;
    say(`plain, rows a statement: ${sizes.map((size, index) => `${size} ${round(tried[index]!, 0)}/s`).join(", ")}`);
    return compare("batched", say, {
      plain: () => floor.insert(best),
      recorded: () => rate(events.length, () => recordAll(trail, events, 1_000)),
    });
  });
}

/** A transaction that changes a row and records one event, against one that inserts the same inbox row by itself. */
async function transactions({ pool, events }: Bench, { factor, say }: ScenarioRun): Promise<Record<string, number>> {
  const total = Math.min(events.length, Math.round(20_000 * factor));
  await pool.query("CREATE TABLE orders (id bigserial PRIMARY KEY, state text NOT NULL)");
  const recorded = (sequence: boolean) => async (): Promise<number> => {
    await placeAll(pool);
    return withTrail(pool, sequence, ({ trail }) => inTransactions(pool, total, recorder(trail, events)));
  };
  await recorded(false)();
  const floor = await openRowFloor(pool);
  const plain = async (): Promise<number> => {
    await floor.empty();
    return inTransactions(pool, total, floor.insert);
  };
  return {
    atomic: await compare("atomic", say, { plain, recorded: recorded(false) }),
    atomicWhileSequencing: await compare("atomic while sequencing", say, { plain, recorded: recorded(true) }),
  };
}

type InTransaction = (client: pg.PoolClient, index: number) => Promise<unknown>;

function recorder(trail: Trail, events: readonly ShopEvent[]): InTransaction {
  return (client, index) => {
    const [action, fields] = events[index]!;
    return trail.in(client as never).record(action as never, fields as never);
  };
}

function inTransactions(pool: pg.Pool, total: number, work: InTransaction): Promise<number> {
  return rate(total, async () => {
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
}

/** How fast a full inbox is emptied. */
async function sequencing({ pool, events }: Bench, { say }: ScenarioRun): Promise<number> {
  const placed: number[] = [];
  for (let each = 0; each < 3; each += 1) {
    await placeAll(pool);
    await withTrail(pool, false, ({ trail }) => recordAll(trail, events, 1_000));
    placed.push(await rate(events.length, () => placeAll(pool)));
    say(`sequencer: ${events.length} events at ${round(placed.at(-1)!, 0)}/s`);
  }
  return median(placed) / 5_000;
}

/** By whoever comes first: the store's own rounds go on beside. */
function placeAll(pool: pg.Pool): Promise<void> {
  return withTrail(pool, true, async ({ store }) => {
    while ((await store.backlog()).waiting > 0) await store.sequence();
  });
}

/** The sides alternate, and medians are compared, because the machine's speed drifts. */
async function compare(
  name: string,
  say: ScenarioRun["say"],
  sides: Readonly<Record<"plain" | "recorded", () => Promise<number>>>,
): Promise<number> {
  const rates = { plain: [] as number[], recorded: [] as number[] };
  for (let each = 0; each < rounds; each += 1) {
    rates.plain.push(await sides.plain());
    rates.recorded.push(await sides.recorded());
  }
  const written = (all: readonly number[]): string => all.map((one) => round(one, 0)).join(", ");
  say(`${name}: recorded ${written(rates.recorded)} a second; plain ${written(rates.plain)}`);
  return median(rates.recorded) / median(rates.plain);
}

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
