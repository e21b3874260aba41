/** Sells until it is killed: `outbox-program.ts FILE ADDRESS`. A sale's row and its event are one transaction; the trail is in Postgres. */

import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

import { openPostgresStore } from "../../src/stores/postgres/postgres-store.ts";
import { openSqliteOutbox } from "../../src/stores/sqlite/outbox/sqlite-outbox.ts";
import { sampleEntries } from "../../src/testing/contract/sample-entries.ts";

const [file, connection] = [process.argv[2]!, process.argv[3]!];
const store = await openPostgresStore({ connection });
const outbox = openSqliteOutbox({ file, store: store as never, createIfMissing: true, deliverEveryMs: 1 });
const database = new DatabaseSync(file, { timeout: 5_000 });
database.exec("PRAGMA synchronous = FULL");
const insert = database.prepare("INSERT INTO sale VALUES (?)");
for (;;) {
  const [entry] = sampleEntries(outbox, 1);
  database.exec("BEGIN IMMEDIATE");
  insert.run(entry!.id);
  void outbox.appendIn(database, [entry!]);
  database.exec("COMMIT");
  await sleep(5);
}
