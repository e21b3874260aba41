/** Entries that go straight to their positions, worked out from what the process thinks the trail to be. */

import { expect, test } from "vitest";

import { emptyRange, encodeCompactRange, extendRange } from "../../src/integrity/compact-range.ts";
import type { PgPool } from "../../src/stores/postgres/client.ts";
import { openPostgresStore, type PostgresStore } from "../../src/stores/postgres/index.ts";
import { entryMaker, sampleEntries } from "../../src/testing/contract/sample-entries.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { createTestDatabase } from "./test-database.ts";

const { pool } = await createTestDatabase();

const open = (connection: PgPool, schema: string): Promise<PostgresStore> =>
  openPostgresStore({ connection, schema, createIfMissing: true, sequenceEveryMs: 60_000 });

/** A pool whose transactions are rolled back where they should commit, while `fails.left` says so. */
function failing(fails: { left: number }): PgPool {
  return {
    query: (text, values) => pool.query(text, values),
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      return {
        async query(text, values) {
          if (text !== "COMMIT" || fails.left === 0) return client.query(text, values);
          fails.left -= 1;
          await client.query("ROLLBACK");
          throw new Error("the commit failed");
        },
        release: (error) => client.release(error),
      };
    },
  };
}

/** Tree, tiles, columns and counts are those of the entries. */
async function assertSound(store: Store<unknown>, size: number): Promise<void> {
  const entries = await store.read("default", 0, size + 1);
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: size }, (_, seq) => seq));
  const leaves = entries.map(({ hash }) => new Uint8Array(hash));
  expect(encodeCompactRange(await store.readTree("default"))).toEqual(
    encodeCompactRange(extendRange(emptyRange, leaves)),
  );
  for (let tile = 0; tile * 256 < size; tile += 1)
    expect(new Uint8Array((await store.readTile("default", 0, tile))!)).toEqual(
      new Uint8Array(Buffer.concat(leaves.slice(tile * 256, (tile + 1) * 256))),
    );
  expect(await store.checkDerived!("default", 0, size)).toEqual([]);
  expect(await store.checkTotals!("default")).toEqual([]);
}

test("what was worked out for a transaction that failed is not taken for the trail, though another of the same length came", async () => {
  const ours = await open(pool, "failed");
  const fails = { left: 0 };
  const unlucky = await open(failing(fails), "failed");
  await ours.append(sampleEntries(ours, 3));
  await unlucky.append(sampleEntries(unlucky, 1));
  fails.left = 1;
  await expect(unlucky.append(sampleEntries(unlucky, 4))).rejects.toMatchObject({ code: "STORE_FAILED" });
  await ours.append(sampleEntries(ours, 4));
  await unlucky.append(sampleEntries(unlucky, 300));
  await ours.append(sampleEntries(ours, 1));
  await assertSound(ours, 309);
});

test("two stores that take turns, transactions and retries share one trail", async () => {
  const one = await open(pool, "shared");
  const other = await open(pool, "shared");
  const retried = sampleEntries(one, 2);
  let size = 0;
  for (let turn = 0; turn < 6; turn += 1) {
    const store = turn % 2 === 0 ? one : other;
    const client = await pool.connect();
    await client.query("BEGIN");
    await store.appendIn(client, sampleEntries(store, 2));
    await client.query("COMMIT");
    client.release();
    const again = await store.append([...retried, ...sampleEntries(store, 100)]);
    expect(again.slice(0, 2).map(({ seq }) => seq)).toEqual([2, 3]);
    size += 102;
  }
  await assertSound(one, size + 2);
});

const oddTexts = [
  'a"b\\c',
  "{x,y}",
  "NULL",
  "null",
  "line\nbreak",
  "tab\t",
  " ",
  "'",
  "é\u0000ü",
  "\\x41",
  "🎈",
  "a,b",
  "{}",
];

test("texts that mean something in an array, or in a line, arrive as they are, by either way", async () => {
  const store = await open(pool, "odd");
  const make = entryMaker(store);
  const events = () =>
    oddTexts.map((text) =>
      make({
        actor: { type: "user", id: text, name: text },
        targets: [
          { type: "order", id: text },
          { type: "order", id: `${text}2`, name: text },
        ],
        operationId: text,
        message: text,
        data: { text },
        subjects: [text],
      }),
    );
  await store.append(events());
  const client = await pool.connect();
  await client.query("BEGIN");
  await store.appendIn(client, events());
  await client.query("COMMIT");
  client.release();
  expect(await store.sequence()).toBe(oddTexts.length);
  await assertSound(store, 2 * oddTexts.length);
});
