/**
 * The matcher says what a query means; SQLite has to say the same: which entries, in which order, in which pages while
 * more arrive, and how many by group.
 */

import type { DatabaseSync } from "node:sqlite";

import fc from "fast-check";
import { expect, test } from "vitest";

import { type Entry, openEntry, type SealedPart } from "../../src/event/entry.ts";
import { countEntries } from "../../src/query/count-entries.ts";
import { matches } from "../../src/query/matches.ts";
import { compareEntries } from "../../src/query/order.ts";
import { formatQuery } from "../../src/query/format-query.ts";
import { parseQuery } from "../../src/query/parse-query.ts";
import { bucketUnits, type Order } from "../../src/query/request.ts";
import { searchText } from "../../src/query/search-text.ts";
import { createReader } from "../../src/stores/sqlite/reader.ts";
import { createSqlRunner } from "../../src/stores/sqlite/statement-cache.ts";
import { type GeneratedEvent, generatedEvent, instants, prepare } from "./generated-events.ts";
import { countQuery, generatedQuery } from "./generated-queries.ts";
import { createTestDatabase } from "./test-database.ts";

const origin = "test.example/query";
const options = { now: instants[3]!, zone: "Europe/Bucharest" };
const orders: readonly Order[] = [
  { by: "time", direction: "newest" },
  { by: "time", direction: "oldest" },
  { by: "seq", direction: "newest" },
  { by: "seq", direction: "oldest" },
];

/** A trail in SQLite beside the same entries as plain values. */
function createTrails() {
  let now = instants[3]!;
  const { connection, writer } = createTestDatabase(origin, { nowMicros: () => (now += 1_700_000_001) });
  const entries: Entry[] = [];
  let made = 0;

  function append(events: readonly GeneratedEvent[], erase: boolean): void {
    for (const event of events) {
      const prepared = prepare(event, made++, origin);
      // Another tenant has the same, and nothing of it may ever show.
      writer.append([prepared, prepare(event, made++, `${origin}/other`, "other")]);
      const { seq, recordedAtMicros } = writer.append([prepared])[0]!;
      const sealed: readonly SealedPart[] = erase ? prepared.sealed.slice(1) : prepared.sealed;
      const entry = openEntry({ seq, recordedAtMicros, hash: prepared.hash, text: prepared.text, sealed });
      if (erase && prepared.sealed.length > 0) eraseFirst(connection, seq, entry);
      entries.push(entry);
    }
  }

  return {
    connection,
    entries,
    append,
    reader: createReader(createSqlRunner(connection)),
    close: () => connection.close(),
  };
}

/** What erasure does to a SQLite trail. */
function eraseFirst(connection: DatabaseSync, seq: number, entry: Entry): void {
  const key = 2 ** 32 + seq;
  connection.exec("DROP TRIGGER IF EXISTS auditrail_sealed_no_delete");
  connection.prepare("DELETE FROM auditrail_sealed WHERE key = ? AND part = 0").run(key);
  connection.prepare("DELETE FROM auditrail_text WHERE rowid = ?").run(key);
  connection
    .prepare("INSERT INTO auditrail_text (rowid, words) VALUES (?, ?)")
    .run(BigInt(key), searchText(entry.event));
}

/** With those of a console, which have an index of their own. */
const pageQuery = fc.oneof(
  { arbitrary: generatedQuery, weight: 4 },
  fc.constantFrom("-op:read", "-op:read after:2026-03-29", "-op:read before:2026-10-25T03:30", "-op:read -op:update"),
);

const batch = fc.array(generatedEvent, { minLength: 1, maxLength: 12 });

test("pages of SQLite are what the matcher accepts, in order, whole and once, while events arrive", () => {
  fc.assert(
    fc.property(
      batch,
      batch,
      batch,
      fc.array(pageQuery, { minLength: 8, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      (first, erased, later, queries, limit) => {
        const trails = createTrails();
        trails.append(first, false);
        trails.append(erased, true);
        for (const [index, text] of queries.entries()) {
          const query = parseQuery(text, options);
          const order = orders[index % orders.length]!;
          const before = trails.entries.filter((entry) => matches(query, entry)).sort(compareEntries(order));
          const shown: number[] = [];
          let cursor: string | undefined;
          do {
            const page = trails.reader.page({
              tenant: "main",
              query,
              order,
              limit,
              ...(cursor === undefined ? {} : { cursor }),
            });
            shown.push(...page.entries.map(({ seq }) => seq));
            cursor = page.next;
            if (later.length > 0) trails.append([later.pop()!], false);
          } while (cursor !== undefined && shown.length < 200);
          const known = new Set(before.map(({ seq }) => seq));
          expect([text, shown.filter((seq) => known.has(seq))]).toEqual([text, before.map(({ seq }) => seq)]);
          expect([text, new Set(shown).size]).toEqual([text, shown.length]);
          const entries = shown.map((seq) => trails.entries[seq]!);
          expect([text, entries]).toEqual([text, entries.toSorted(compareEntries(order))]);
          expect([text, entries.filter((entry) => !matches(query, entry))]).toEqual([text, []]);
        }
        trails.close();
      },
    ),
    { numRuns: runs(80) },
  );
});

const zones = ["UTC", "Europe/Bucharest", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"];
const groups = [
  [],
  ["outcome"],
  ["log"],
  ["action", "outcome"],
  ["actor"],
  ["actor.type", "actor.id"],
  ["operation"],
  ["target"],
  ["data.a"],
  ["actor.name"],
  ["subject", "severity"],
  ["data.amounts", "log"],
  ["erased"],
  ["changed"],
  ["op"],
  ["severity", "op"],
];

test("counts of SQLite are those of the reference, by any group, bucket and zone", () => {
  const request = fc.record({
    by: fc.constantFrom(...groups),
    unit: fc.constantFrom(undefined, ...bucketUnits),
    zone: fc.constantFrom(...zones),
    newest: fc.constantFrom(undefined, undefined, 1, 3, 12),
    query: countQuery,
  });
  fc.assert(
    fc.property(batch, batch, fc.array(request, { minLength: 8, maxLength: 8 }), (first, erased, requests) => {
      const trails = createTrails();
      trails.append(first, false);
      trails.append(erased, true);
      for (const { by, unit, zone, newest, query: text } of requests) {
        const count = {
          query: parseQuery(text, options),
          by,
          ...(unit === undefined ? {} : { bucket: { unit, zone } }),
          ...(newest === undefined ? {} : { newest }),
        };
        const found = trails.reader.count({ tenant: "main", ...count });
        expect([text, count, found]).toEqual([text, count, countEntries(trails.entries, count)]);
      }
      trails.close();
    }),
    { numRuns: runs(80) },
  );
});

test("a query's text, parsed and written, gives the same query", () => {
  fc.assert(
    fc.property(generatedQuery, (text) => {
      const query = parseQuery(text, options);
      expect(withoutPlaces(parseQuery(formatQuery(query), options))).toEqual(withoutPlaces(query));
    }),
    { numRuns: runs(1000) },
  );
});

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, member: unknown) => (name === "at" ? undefined : member)));
}

/** More with QUERY_RUNS=20, for a night. */
function runs(usual: number): number {
  return usual * Number(process.env["QUERY_RUNS"] ?? 1);
}
