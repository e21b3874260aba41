/** Writers as applications have them: fast and slow ones, some that roll back, with savepoints and in two phases. */

import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";

import type { PostgresStore } from "../../../src/stores/postgres/index.ts";
import { entryMaker } from "../../../src/testing/contract/sample-entries.ts";
import type { PreparedEntry } from "../../../src/trail/contracts.ts";

/** What became of events: told to have been committed, surely not committed, or nobody knows. */
export interface Outcomes {
  readonly committed: Set<string>;
  readonly rolledBack: Set<string>;
  readonly unknown: Set<string>;
}

export interface WriterOptions {
  readonly url: string;
  readonly store: PostgresStore;
  readonly outcomes: Outcomes;
  readonly isOver: () => boolean;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Writes until it is over; a connection that ends is replaced. */
export async function write(options: WriterOptions): Promise<void> {
  const { isOver, url } = options;
  while (!isOver()) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      while (!isOver()) await writeOnce(client, options);
    } catch {
      await sleep(20); // It was ended, or the server is away.
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function writeOnce(client: pg.Client, options: WriterOptions): Promise<void> {
  const { random } = options;
  if (random() < 0.15) return writeOutside(options);
  const entries = makeEntries(options, 1 + Math.floor(random() * 3));
  const ids = new Set(entries.map(({ id }) => id));
  const dropped = new Set<string>();
  const kind = random();
  try {
    await client.query("BEGIN");
    for (const entry of entries) await put(client, entry, options);
    if (kind < 0.2) await dropInSavepoint(client, options, dropped);
    await sleep(kind > 0.95 ? 200 + random() * 500 : random() * 10);
    await end(client, options, ids, kind > 0.2 && kind < 0.35);
  } catch (error) {
    // Before COMMIT was sent nothing can have been kept; `end` has told otherwise where it was.
    for (const id of ids) if (!isTold(options, id)) options.outcomes.rolledBack.add(id);
    throw error;
  } finally {
    for (const id of dropped) options.outcomes.rolledBack.add(id);
  }
}

function isTold({ outcomes: { committed, rolledBack, unknown } }: WriterOptions, id: string): boolean {
  return committed.has(id) || rolledBack.has(id) || unknown.has(id);
}

/** One in ten is rolled back. */
async function end(
  client: pg.Client,
  options: WriterOptions,
  ids: ReadonlySet<string>,
  inTwoPhases: boolean,
): Promise<void> {
  const { random, outcomes } = options;
  const isKept = random() >= 0.1;
  const name = crypto.randomUUID();
  if (inTwoPhases) {
    move(ids, outcomes.unknown);
    await client.query(`PREPARE TRANSACTION '${name}'`);
    await sleep(random() * 50);
  }
  const suffix = inTwoPhases ? ` PREPARED '${name}'` : "";
  if (isKept) move(ids, outcomes.unknown);
  await client.query(`${isKept ? "COMMIT" : "ROLLBACK"}${suffix}`);
  for (const id of ids) outcomes.unknown.delete(id);
  move(ids, isKept ? outcomes.committed : outcomes.rolledBack);
}

function move(ids: ReadonlySet<string>, to: Set<string>): void {
  for (const id of ids) to.add(id);
}

async function dropInSavepoint(client: pg.Client, options: WriterOptions, dropped: Set<string>): Promise<void> {
  const [entry] = makeEntries(options, 1);
  dropped.add(entry!.id);
  await client.query("SAVEPOINT inner_part");
  await put(client, entry!, options);
  await client.query("ROLLBACK TO SAVEPOINT inner_part");
}

/** The event, and a row with a number of its own: what would be followed by numbers, if it were. */
async function put(client: pg.Client, entry: PreparedEntry, { store }: WriterOptions): Promise<void> {
  await client.query("INSERT INTO numbered (event_id) VALUES ($1)", [entry.id]);
  await store.appendIn(client, [entry]);
}

/** Without a transaction: tried again with the same event until it is acknowledged, as the engine does. */
async function writeOutside(options: WriterOptions): Promise<void> {
  const { store, outcomes } = options;
  const entries = makeEntries(options, 5);
  const ids = new Set(entries.map(({ id }) => id));
  move(ids, outcomes.unknown);
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await store.append(entries);
      for (const id of ids) outcomes.unknown.delete(id);
      return move(ids, outcomes.committed);
    } catch {
      await sleep(20);
    }
  }
}

function makeEntries({ store }: WriterOptions, count: number): readonly PreparedEntry[] {
  const make = entryMaker(store);
  return Array.from({ length: count }, (_, number) =>
    make({ data: { number }, actor: { type: "user", id: "7", name: "Ida" } }),
  );
}
