/** Erasing as the store offers it: steps in their order, and what is kept about erasures and subjects. */

import { erasureActions } from "../../event/erasure-order.ts";
import type { LegalHold, PendingErasure, Store } from "../../trail/contracts.ts";
import type { Calls } from "./calls.ts";
import type { SqlClient, SqlDatabase } from "./client.ts";
import { compact } from "./compact.ts";
import { eraseStep } from "./erase.ts";
import { seqOfKey } from "./entry-key.ts";
import { listHolds } from "./holds.ts";
import { readWrittenText, writtenText } from "./names.ts";
import { readTrailNumber, runnerOf } from "./reader.ts";
import type { SqlRunner } from "./read-page.ts";
import { list, sql } from "./sql-part.ts";

interface ErasingOptions {
  readonly calls: Calls;
  readonly database: SqlDatabase;
  readonly schema: string;
  readonly now: () => number;
}

type Erasing = Pick<Store<unknown>, "erase" | "compact" | "listErasures" | "listHolds" | "readSubjectKeys">;

export function createErasing({ calls, database, schema, now }: ErasingOptions): Erasing {
  const { use, write, assertWritable } = calls;
  const run = runnerOf(database, schema);
  return {
    async erase(tenant, by) {
      const erased = { entries: 0, parts: 0 };
      for (;;) {
        const step = await write("erase", (_, client) => eraseStep(client, schema, tenant, by, now()));
        erased.entries += step.entries;
        erased.parts += step.parts;
        if (step.done) return erased;
      }
    },
    compact: () =>
      use("rewrite the tables", async () => {
        assertWritable();
        await compact(database, schema, now());
      }),
    listErasures: (tenant) => use("list erasures", () => listErasures(run, tenant)),
    listHolds: (tenant) => use("list legal holds", () => listHoldsOf(database, schema, tenant)),
    async readSubjectKeys(tenant, subjects, create) {
      const found = await use("read subjects' keys", () => readSubjectKeys(run, tenant, subjects));
      if (!create || subjects.every((subject) => found.has(subject))) return found;
      return write("make subjects' keys", (running) => makeSubjectKeys(running, tenant, subjects, now()));
    },
  };
}

/** Erasures whose entries were pruned themselves are finished by the next compaction, and not listed. */
async function listErasures(run: SqlRunner, tenant: string): Promise<readonly PendingErasure[]> {
  const actions = list(erasureActions.map((action) => sql`${action}`));
  const rows = await run(sql`
    SELECT e.key, n.removed_at FROM $schema.trail t JOIN $schema.entry e ON e.trail = t.number AND e.action IN (${actions})
    LEFT JOIN $schema.erasure_end n ON n.order_key = e.key WHERE t.tenant = ${tenant} AND n.compacted_at IS NULL ORDER BY e.key`);
  return rows.map((row) => ({
    seq: seqOfKey(Number(row["key"])),
    state: row["removed_at"] === null ? "announced" : "removed",
  }));
}

async function listHoldsOf(client: SqlClient, schema: string, tenant: string): Promise<readonly LegalHold[]> {
  const trail = await readTrailNumber(runnerOf(client, schema), tenant);
  return trail === undefined ? [] : listHolds(client, schema, trail);
}

/** The keys of those of the subjects that have one. */
async function readSubjectKeys(
  run: SqlRunner,
  tenant: string,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (subjects.length === 0) return new Map();
  const written = JSON.stringify([...new Set(subjects)].map(writtenText));
  const rows = await run(sql`
    SELECT k.subject, k.key FROM $schema.trail t JOIN $schema.subject_key k ON k.trail = t.number
    WHERE t.tenant = ${tenant} AND k.subject IN (SELECT json_array_elements_text(${written}::json))`);
  const keys = new Map(rows.map(({ subject, key }) => [readWrittenText(subject as string), key as Uint8Array]));
  return new Map(subjects.filter((subject) => keys.has(subject)).map((subject) => [subject, keys.get(subject)!]));
}

/** Makes the keys that are missing, in the transaction. Two processes may do so at once: the first makes them, both use them. */
async function makeSubjectKeys(
  run: SqlRunner,
  tenant: string,
  subjects: readonly string[],
  nowMicros: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const [trail] = await run(sql`SELECT number FROM $schema.trail WHERE tenant = ${tenant} FOR SHARE`);
  const there = await readSubjectKeys(run, tenant, subjects);
  // In one order, so that two that make the same keys do not wait for each other.
  for (const subject of [...new Set(subjects)].sort()) {
    if (there.has(subject)) continue;
    const key = crypto.getRandomValues(new Uint8Array(32));
    await run(sql`
      INSERT INTO $schema.subject_key (trail, subject, key, made_at)
      VALUES (${Number(trail?.["number"])}, ${writtenText(subject)}, ${key}, ${nowMicros}) ON CONFLICT DO NOTHING`);
  }
  return readSubjectKeys(run, tenant, subjects);
}
