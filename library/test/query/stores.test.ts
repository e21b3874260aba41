/** The memory store and the SQLite store, through the interface that everybody uses, give the same pages and counts. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { expect, test } from "vitest";

import { parseQuery } from "../../src/query/parse-query.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { generatedEvent, instants, prepare } from "./generated-events.ts";
import { generatedQuery } from "./generated-queries.ts";

const origin = "test.example/stores";
const options = { now: instants[3]!, zone: "Europe/Bucharest" };

test("all pages and counts are the same", async () => {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-query-"));
  try {
    const events = fc.sample(generatedEvent, { numRuns: 60, seed: 7 });
    const queries = fc.sample(generatedQuery, { numRuns: 150, seed: 7 });
    const clock = { nowMicros: () => instants[3]! };
    const memory = openMemoryStore({ origin, clock });
    const sqlite = await openSqliteStore({ file: join(directory, "audit.db"), createIfMissing: true, origin, clock });
    for (const store of [memory, sqlite] as Store[]) {
      await store.append(events.map((event, index) => prepare(event, index, `${origin}/main`)));
    }
    for (const text of queries) {
      const query = parseQuery(text, options);
      expect([text, await allPages(sqlite as Store, query)]).toEqual([text, await allPages(memory as Store, query)]);
      const count = {
        tenant: "main",
        query,
        by: ["log", "actor.name"],
        bucket: { unit: "week", zone: options.zone },
      } as const;
      expect([text, await sqlite.count(count)]).toEqual([text, await memory.count(count)]);
    }
    await Promise.all([memory.close(), sqlite.close()]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

async function allPages(store: Store, query: ReturnType<typeof parseQuery>): Promise<readonly number[]> {
  const seqs: number[] = [];
  let cursor: string | undefined;
  do {
    const request = { tenant: "main", query, order: { by: "time", direction: "newest" }, limit: 25 } as const;
    const page = await store.page(cursor === undefined ? request : { ...request, cursor });
    seqs.push(...page.entries.map(({ seq }) => seq));
    cursor = page.next;
  } while (cursor !== undefined);
  return seqs;
}
