/**
 * Many writers, sequencers that are killed, connections that are ended and a server that is cut off: every event that was
 * committed is in the trail once, none that was rolled back is, positions have no gaps and the trail verifies.
 *
 * Beside it a reader follows numbered rows of the same transactions by `id > last`, as outboxes often are followed: it
 * misses what commits late, which shows that this harness would catch a sequencer that does.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import pg from "pg";

import { openPostgresStore, type PostgresStore } from "../../../src/stores/postgres/index.ts";
import { checkTrails } from "../../../src/testing/check-trails.ts";
import { parseEventText } from "../../../src/event/entry.ts";
import { startPostgres, type PostgresServer } from "../../postgres/start-server.ts";
import { write, type Outcomes } from "./writers.ts";

export interface StormOptions {
  readonly seconds: number;
  /** It goes on until so many are committed. */
  readonly events: number;
  readonly writers: number;
  /** How often the server is cut off. */
  readonly crashes: number;
}

export interface StormFigures {
  readonly committed: number;
  readonly rolledBack: number;
  /** Whose COMMIT was not answered. */
  readonly unknown: number;
  readonly sealed: number;
  readonly killedSequencers: number;
  readonly endedConnections: number;
  readonly crashes: number;
  /** Committed rows that a reader by `id > last` did not see. */
  readonly missedByNumber: number;
  readonly problems: readonly string[];
}

export async function storm(options: StormOptions): Promise<StormFigures> {
  const server = await startPostgres({ durable: true, settings: { max_prepared_transactions: 100 } });
  const pool = new pg.Pool({ connectionString: server.url, max: 10, application_name: "storm" });
  pool.on("error", () => undefined);
  try {
    await pool.query("CREATE TABLE numbered (id bigserial PRIMARY KEY, event_id uuid NOT NULL)");
    const store = await openPostgresStore({ connection: pool, createIfMissing: true, sequence: false });
    const figures = await rage(server, store, pool, options);
    await store.close();
    return figures;
  } finally {
    await pool.end();
    await server.stop();
  }
}

async function rage(
  server: PostgresServer,
  store: PostgresStore,
  pool: pg.Pool,
  { seconds, events, writers, crashes }: StormOptions,
): Promise<StormFigures> {
  const outcomes: Outcomes = { committed: new Set(), rolledBack: new Set(), unknown: new Set() };
  const endAt = performance.now() + seconds * 1_000;
  const isOver = (): boolean => performance.now() >= endAt && outcomes.committed.size >= events;
  const seen = new Set<string>();
  const steady = [startSequencer(server.url), startSequencer(server.url)];
  const writing = Array.from({ length: writers }, () =>
    write({ url: server.url, store, outcomes, isOver, random: Math.random }),
  );
  const [killedSequencers, endedConnections] = await Promise.all([
    killSequencers(server.url, isOver),
    endConnections(pool, isOver),
    crash(server, crashes, seconds),
    followNumbers(pool, seen, isOver),
    ...writing,
  ]);
  for (const sequencer of steady) sequencer.kill("SIGKILL");
  const problems = await check(server, outcomes);
  const numbered = await pool.query<{ event_id: string }>("SELECT event_id FROM numbered");
  return {
    ...{ committed: outcomes.committed.size, rolledBack: outcomes.rolledBack.size, unknown: outcomes.unknown.size },
    ...{ sealed: problems.sealed, killedSequencers, endedConnections, crashes },
    missedByNumber: numbered.rows.filter(({ event_id: id }) => !seen.has(id)).length,
    problems: problems.problems,
  };
}

function startSequencer(url: string): ChildProcess {
  const program = fileURLToPath(new URL("./sequencing-program.ts", import.meta.url));
  return spawn(process.execPath, [program, url], { stdio: "ignore" });
}

/** Again and again at a moment that nobody has chosen. */
async function killSequencers(url: string, isOver: () => boolean): Promise<number> {
  let killed = 0;
  while (!isOver()) {
    const sequencer = startSequencer(url);
    await sleep(800 + Math.random() * 800);
    sequencer.kill("SIGKILL");
    killed += 1;
  }
  return killed;
}

/** Ends connections that are in the midst of something: a sequencer's more often than a writer's. */
async function endConnections(pool: pg.Pool, isOver: () => boolean): Promise<number> {
  let ended = 0;
  while (!isOver()) {
    await sleep(50 + Math.random() * 100);
    const busy = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')
      AND datname = current_database() AND application_name <> 'storm' ORDER BY application_name = 'auditrail' DESC, random() LIMIT 1`;
    ended += await pool.query(busy).then(
      ({ rows }) => rows.length,
      () => 0,
    );
  }
  return ended;
}

async function crash(server: PostgresServer, times: number, seconds: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await sleep((seconds * 800) / times);
    await server.crash();
    await server.start();
  }
}

async function followNumbers(pool: pg.Pool, seen: Set<string>, isOver: () => boolean): Promise<void> {
  let last = "0";
  const follow = async (): Promise<void> => {
    const { rows } = await pool.query<{ id: string; event_id: string }>(
      "SELECT id, event_id FROM numbered WHERE id > $1 ORDER BY id",
      [last],
    );
    for (const row of rows) seen.add(row.event_id);
    last = rows.at(-1)?.id ?? last;
  };
  while (!isOver()) {
    await follow().catch(() => undefined);
    await sleep(5);
  }
  await follow();
}

/** What is prepared and undecided is rolled back; then all that is in the inbox is placed, and everything is read. */
async function check(server: PostgresServer, outcomes: Outcomes) {
  const store = await openPostgresStore({ connection: server.url });
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  try {
    const { rows } = await pool.query<{ gid: string }>("SELECT gid FROM pg_prepared_xacts");
    for (const { gid } of rows) await pool.query(`ROLLBACK PREPARED '${gid}'`);
    while ((await store.backlog()).waiting > 0) await store.sequence();
    const problems: string[] = [];
    const sealed = await checkTrails(store).catch((error: unknown) => {
      problems.push(String(error));
      return 0;
    });
    problems.push(...(await checkOutcomes(store, outcomes)));
    return { sealed, problems };
  } finally {
    await store.close();
    await pool.end();
  }
}

async function checkOutcomes(
  store: PostgresStore,
  { committed, rolledBack, unknown }: Outcomes,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const sealed: string[] = [];
  for (let from = 0; ; from += 1_000) {
    const entries = await store.read("default", from, from + 1_000);
    sealed.push(...entries.map(({ text }) => parseEventText(text).id));
    if (entries.length < 1_000) break;
  }
  const once = new Set(sealed);
  if (once.size !== sealed.length) problems.push(`${sealed.length - once.size} events are sealed twice`);
  const say = (what: string, ids: readonly string[]): void => {
    if (ids.length > 0) problems.push(`${ids.length} events ${what}, such as ${ids[0]!}`);
  };
  say(
    "were committed and are not sealed",
    [...committed].filter((id) => !once.has(id)),
  );
  say(
    "were rolled back and are sealed",
    [...rolledBack].filter((id) => once.has(id)),
  );
  say(
    "are sealed that nobody wrote",
    sealed.filter((id) => !committed.has(id) && !unknown.has(id)),
  );
  const { refused } = await store.backlog();
  if (refused > 0) problems.push(`${refused} events were refused`);
  for (const { column, says } of [
    ...(await store.checkDerived!("default", 0, sealed.length)),
    ...(await store.checkTotals!("default")),
  ])
    problems.push(`${column}: ${says}`);
  return problems;
}
