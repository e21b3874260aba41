/**
 * Appending outside of callers' transactions, and the sequencer.
 *
 * A batch goes straight to its positions where the trail is free, in one transaction. Where another process is at it,
 * or an id is not new, the batch goes to the inbox, which is as durable, and its caller waits for the positions, for a while: whoever
 * has the trail moves what it finds there, and so does whoever comes next.
 */

import { setTimeout as sleep } from "node:timers/promises";

import type { Clock } from "../../base/time.ts";
import type { Appended, AppendOptions, PreparedEntry } from "../../trail/contracts.ts";
import type { SqlClient, SqlDatabase } from "./client.ts";
import { findKnown, nameEvent } from "./find-known.ts";
import { settle } from "./kept-beside.ts";
import { writeOwnEntries, type OwnEntries } from "./own-entries.ts";
import { placeInbox, placeOwn, rowsPerBatch, type KnownEdges } from "./place-entries.ts";
import { putEntries } from "./put-entries.ts";
import { runnerOf } from "./reader.ts";
import { sql } from "./sql-part.ts";
import { createTurns, type OnSent } from "./turns.ts";

export interface AppenderOptions {
  readonly database: SqlDatabase;
  readonly schema: string;
  readonly origin: string;
  /** That of the database where it is absent. */
  readonly clock: Clock | undefined;
  /** Whether this process gives positions; where not, it answers without them. */
  readonly sequences: boolean;
  /** How long an append waits for positions that another process has to give, in milliseconds. */
  readonly positionWaitMs: number;
}

export interface Appender {
  append(entries: readonly PreparedEntry[], options?: AppendOptions): Promise<readonly Appended[]>;
  /** Gives positions to all that is in the inbox and is nobody else's work just now; answers how many. */
  sequence(): Promise<number>;
  /** Resolves when what was begun is finished. */
  whenIdle(): Promise<unknown>;
}

export function createAppender(options: AppenderOptions): Appender {
  const { database, schema, origin, clock, sequences } = options;
  // One transaction at a time that gives positions: more of them in one process would only wait for each other.
  const turns = createTurns();
  const inTurn = <Result>(work: (client: SqlClient, onSent: OnSent) => Promise<Result>): Promise<Result> =>
    turns.take((onSent) => database.transaction((client) => work(client, onSent)));
  const edges: KnownEdges = new Map();
  const placing = (onSent: OnSent) => ({ schema, origin, nowMicros: clock?.nowMicros() ?? null, onSent });

  async function write(
    client: SqlClient,
    { entries, shares }: Batch,
    settles: AppendOptions["settles"],
    onSent: OnSent,
  ): Promise<readonly Appended[]> {
    const answers: Appended[] = [];
    const busy: number[] = sequences ? [] : entries.map((_, index) => index);
    for (const { tenant, indexes, own } of shares) {
      const placed = await placeOwn(client, tenant, own, edges, placing(onSent));
      if (placed === undefined) busy.push(...indexes);
      else placed.forEach((appended, place) => (answers[indexes[place]!] = appended));
    }
    if (busy.length > 0) {
      const put = await putEntries(
        client,
        busy.map((index) => entries[index]!),
        { schema, origin },
      );
      busy.forEach((index, place) => (answers[index] = put[place]!));
    }
    if (settles !== undefined) await settle(runnerOf(client, schema), settles);
    return answers;
  }

  /** Waits until all have a position, as long as is allowed; then answers what there is. */
  async function waitForPositions(
    entries: readonly PreparedEntry[],
    appended: readonly Appended[],
  ): Promise<readonly Appended[]> {
    const giveUpAt = performance.now() + options.positionWaitMs;
    let answers = appended;
    for (
      let waitMs = 1;
      answers.some(({ seq }) => seq === null) && performance.now() < giveUpAt;
      waitMs = Math.min(2 * waitMs, 20)
    ) {
      await sequence();
      const open = entries.filter((_, index) => answers[index]!.seq === null);
      const known = await findKnown(database, schema, open);
      answers = answers.map((answer, index) =>
        withPosition(answer, known.get(nameEvent(entries[index]!.tenant, entries[index]!.id))),
      );
      if (answers.some(({ seq }) => seq === null)) await sleep(waitMs);
    }
    return answers;
  }

  async function sequence(): Promise<number> {
    let moved = 0;
    for (const { tenant } of await runnerOf(database, schema)(waitingTenants)) {
      for (;;) {
        const placed = (await inTurn((client, onSent) => placeInbox(client, tenant as string, placing(onSent)))) ?? 0;
        moved += placed;
        if (placed < rowsPerBatch) break;
      }
    }
    return moved;
  }

  return {
    async append(entries, { settles } = {}) {
      if (entries.length === 0 && settles === undefined) return [];
      // Here, because the server may still be at the batch before.
      const batch = { entries, shares: sequences ? sharesOf(entries) : [] };
      const appended = await inTurn((client, onSent) => write(client, batch, settles, onSent));
      return sequences ? waitForPositions(entries, appended) : appended;
    },
    sequence,
    whenIdle: turns.whenIdle,
  };
}

/** Each tenant once, read from the index: a plain DISTINCT would read a whole backlog. */
const waitingTenants = sql`
WITH RECURSIVE waiting AS (
  (SELECT tenant FROM $schema.inbox ORDER BY tenant LIMIT 1)
  UNION ALL
  SELECT (SELECT i.tenant FROM $schema.inbox i WHERE i.tenant > w.tenant ORDER BY i.tenant LIMIT 1) FROM waiting w WHERE w.tenant IS NOT NULL)
SELECT tenant FROM waiting WHERE tenant IS NOT NULL`;

/** What a batch has for one trail: the indexes of its entries, and these as they go to the database. */
interface Share {
  readonly tenant: string;
  readonly indexes: readonly number[];
  readonly own: OwnEntries;
}

interface Batch {
  readonly entries: readonly PreparedEntry[];
  readonly shares: readonly Share[];
}

function sharesOf(entries: readonly PreparedEntry[]): readonly Share[] {
  const indexesOf = Map.groupBy(entries.keys(), (index) => entries[index]!.tenant);
  // In the order of their names, so that two batches with the same tenants never wait for each other.
  const inOrder = [...indexesOf].sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.map(([tenant, indexes]) => {
    return { tenant, indexes, own: writeOwnEntries(indexes.map((index) => entries[index]!)) };
  });
}

function withPosition(appended: Appended, known: Appended | undefined): Appended {
  if (appended.seq !== null || known === undefined) return appended;
  return { ...appended, seq: known.seq, recordedAtMicros: known.recordedAtMicros };
}
