/** Rewriting the tables of a Postgres store while other transactions are open. */

import { expect, test } from "vitest";

import { openPgDatabase } from "../../src/stores/postgres/client.ts";
import { compact } from "../../src/stores/postgres/compact.ts";
import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { entryMaker, sampleEntries } from "../../src/testing/contract/sample-entries.ts";
import { createTestDatabase } from "./test-database.ts";

const { pool } = await createTestDatabase();

/** A transaction that reads nothing just now, but was open when the rows were removed. */
const opened = {
  "has written": "CREATE TEMPORARY TABLE written AS SELECT 1",
  "reads from before": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1",
};

test.for(Object.entries(opened))("a transaction that %s is waited for, and not for ever", async ([name, statement]) => {
  const schema = name.replaceAll(" ", "_");
  await using store = await openShredded(schema);
  const open = await pool.connect();
  await open.query("BEGIN");
  await open.query(statement);
  expect(await store.erase("default", 3)).toEqual({ entries: 0, parts: 3 });
  const unwilling = compact(openPgDatabase(pool), schema, 0, 0);
  await expect(unwilling).rejects.toMatchObject({ code: "STORE_LOCKED" });
  const compacting = store.compact();
  expect(await store.listErasures("default")).toEqual([{ seq: 3, state: "removed" }]);
  await open.query("COMMIT");
  open.release();
  await compacting;
  expect(await store.listErasures("default")).toEqual([]);
});

/** Three entries of a person, and the order to shred them, which a checkpoint covers. */
async function openShredded(schema: string) {
  const store = await openPostgresStore({ connection: pool, schema, createIfMissing: true });
  const data = { subject: "user/7", to: 3 };
  await store.append([
    ...sampleEntries(store, 3, { actor: { type: "user", id: "7", name: "Ida" } }),
    entryMaker(store)({ action: "auditrail.shredded", reason: "ticket 7", data }),
  ]);
  await store.putCheckpoint("default", { size: 4, root: new Uint8Array(32), createdAtMicros: 1, note: "note\n" });
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}
