/**
 * The matcher says what a query means; Postgres has to say the same: which entries, in which order, in which pages while
 * more arrive, and how many by group.
 */

import fc from "fast-check";
import { expect, test } from "vitest";

import { countEntries } from "../../src/query/count-entries.ts";
import { matches } from "../../src/query/matches.ts";
import { compareEntries } from "../../src/query/order.ts";
import { parseQuery } from "../../src/query/parse-query.ts";
import { bucketUnits, type Order } from "../../src/query/request.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { generatedEvent, instants } from "./generated-events.ts";
import { countQuery, generatedQuery } from "./generated-queries.ts";
import { openPostgresTrails, type PostgresTrail } from "./postgres-trails.ts";

const { pool } = await createTestDatabase();
const openTrail = await openPostgresTrails(pool);

const options = { now: instants[3]!, zone: "Europe/Bucharest" };
const orders: readonly Order[] = [
  { by: "time", direction: "newest" },
  { by: "time", direction: "oldest" },
  { by: "seq", direction: "newest" },
  { by: "seq", direction: "oldest" },
];
const batch = fc.array(generatedEvent, { minLength: 1, maxLength: 12 });

async function checkPages(
  trail: PostgresTrail,
  text: string,
  order: Order,
  limit: number,
  arrive: () => Promise<void>,
) {
  const query = parseQuery(text, options);
  const before = trail.entries.filter((entry) => matches(query, entry)).sort(compareEntries(order));
  const shown: number[] = [];
  let cursor: string | undefined;
  do {
    const asked = { tenant: trail.tenant, query, order, limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await trail.store.page(asked);
    shown.push(...page.entries.map(({ seq }) => seq));
    cursor = page.next;
    await arrive();
  } while (cursor !== undefined && shown.length < 200);
  const known = new Set(before.map(({ seq }) => seq));
  expect([text, shown.filter((seq) => known.has(seq))]).toEqual([text, before.map(({ seq }) => seq)]);
  expect([text, new Set(shown).size]).toEqual([text, shown.length]);
  const entries = shown.map((seq) => trail.entries[seq]!);
  expect([text, entries]).toEqual([text, entries.toSorted(compareEntries(order))]);
  expect([text, entries.filter((entry) => !matches(query, entry))]).toEqual([text, []]);
}

test("pages of Postgres are what the matcher accepts, in order, whole and once, while events arrive", async () => {
  const queries = fc.array(generatedQuery, { minLength: 12, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      batch,
      batch,
      batch,
      queries,
      fc.integer({ min: 1, max: 6 }),
      async (first, erased, later, asked, limit) => {
        const trail = openTrail();
        await trail.append(first, false);
        await trail.append(erased, true);
        const rest = [...later];
        const arrive = async (): Promise<void> => {
          if (rest.length > 0) await trail.append([rest.pop()!], false);
        };
        for (const [index, text] of asked.entries()) await checkPages(trail, text, orders[index % 4]!, limit, arrive);
      },
    ),
    { numRuns: runs(12), endOnFailure: true },
  );
});

const zones = ["UTC", "Europe/Bucharest", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"];
const groups = [
  ...[[], ["outcome"], ["log"], ["action", "outcome"], ["actor"], ["actor.type", "actor.id"], ["operation"]],
  ...[
    ["target"],
    ["data.a"],
    ["actor.name"],
    ["subject", "severity"],
    ["data.amounts", "log"],
    ["erased"],
    ["changed"],
    ["op"],
    ["severity", "op"],
  ],
];

test("counts of Postgres are those of the reference, by any group, bucket and zone", async () => {
  const request = fc.record({
    by: fc.constantFrom(...groups),
    unit: fc.constantFrom(undefined, ...bucketUnits),
    zone: fc.constantFrom(...zones),
    newest: fc.constantFrom(undefined, undefined, 1, 3, 12),
    query: countQuery,
  });
  await fc.assert(
    fc.asyncProperty(
      batch,
      batch,
      fc.array(request, { minLength: 20, maxLength: 20 }),
      async (first, erased, requests) => {
        const trail = openTrail();
        await trail.append(first, false);
        await trail.append(erased, true);
        for (const { by, unit, zone, newest, query: text } of requests) {
          const bucket = unit === undefined ? {} : { bucket: { unit, zone } };
          const count = {
            query: parseQuery(text, options),
            by,
            ...bucket,
            ...(newest === undefined ? {} : { newest }),
          };
          const found = await trail.store.count({ tenant: trail.tenant, ...count });
          expect([text, count, found]).toEqual([text, count, countEntries(trail.entries, count)]);
        }
      },
    ),
    { numRuns: runs(10), endOnFailure: true },
  );
});

test("what is derived is what the entries say, and totals are theirs", async () => {
  const trail = openTrail();
  await trail.append(fc.sample(generatedEvent, { numRuns: 60, seed: 7 }), true);
  expect(await trail.store.checkDerived!(trail.tenant, 0, 1_000)).toEqual([]);
  expect(await trail.store.checkTotals!(trail.tenant)).toEqual([]);
});

/** More with QUERY_RUNS=20, for a night. */
function runs(usual: number): number {
  return usual * Number(process.env["QUERY_RUNS"] ?? 1);
}
