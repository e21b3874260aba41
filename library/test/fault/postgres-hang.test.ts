/** A sequencer that hangs with the lock on a trail, as a stopped process does: the server cuts it off. */

import pg from "pg";
import { expect, test } from "vitest";

import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { placeInbox } from "../../src/stores/postgres/place-entries.ts";
import { sampleEntries } from "../../src/testing/contract/sample-entries.ts";
import { createTestDatabase } from "../postgres/test-database.ts";

const { url, pool } = await createTestDatabase();

test("another process gives positions when the one that has the lock does not go on", async () => {
  const store = await openPostgresStore({ connection: pool, createIfMissing: true, positionWaitMs: 25_000 });
  await store.append(sampleEntries(store, 1));
  const hanging = new pg.Client({ connectionString: url });
  hanging.on("error", () => undefined);
  await hanging.connect();
  await hanging.query("BEGIN");
  const client = {
    run: async (text: string, values?: readonly unknown[]) => (await hanging.query(text, values as never)).rows,
  };
  const placing = { schema: "auditrail", origin: store.origin, nowMicros: null, onSent: () => undefined };
  await placeInbox(client as never, "default", placing);
  const [appended] = await store.append(sampleEntries(store, 1));
  expect(appended!.seq).toBe(1);
  await expect(hanging.query("COMMIT")).rejects.toThrow();
  await store.close();
});
