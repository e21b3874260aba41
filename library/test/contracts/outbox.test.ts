/** The outbox under the contract, over SQLite in another file; and delivering to a store in Postgres. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import {
  openSqliteOutbox,
  openSqliteStore,
  type SqliteConnection,
  type SqliteOutbox,
} from "../../src/stores/sqlite/index.ts";
import { sampleEntries } from "../../src/testing/contract/sample-entries.ts";
import { failBeforeAppend, storeContract, type StoreHarness } from "../../src/testing/index.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { openNodeApplication } from "./sqlite-harness.ts";

const { url, pool } = await createTestDatabase();

interface Place {
  readonly directory: string;
  readonly outbox: SqliteOutbox;
}

const fileIn = (directory: string): string => join(directory, "shop.db");

async function openIn(directory: string): Promise<Place> {
  const store = await openSqliteStore({ file: join(directory, "audit.db"), createIfMissing: true, threads: false });
  return { directory, outbox: openSqliteOutbox({ file: fileIn(directory), store, createIfMissing: true }) };
}

async function inTransaction<Result>(file: string, fn: (connection: SqliteConnection) => Result | Promise<Result>) {
  const connection = openNodeApplication(file);
  try {
    connection.exec("BEGIN IMMEDIATE");
    const result = await fn(connection);
    connection.exec("COMMIT");
    return result;
  } finally {
    connection.close();
  }
}

function outboxHarness(): StoreHarness<SqliteConnection> {
  const directories = new WeakMap<Store<SqliteConnection>, string>();
  const open = async (directory: string): Promise<Store<SqliteConnection>> => {
    const { outbox } = await openIn(directory);
    directories.set(outbox, directory);
    return outbox;
  };
  const fileOf = (store: Store<SqliteConnection>): string => fileIn(directories.get(store)!);
  return {
    features: { clock: false, reopen: true, transactions: "synchronous", positions: "after the commit" },
    open: () => open(temporaryDirectory()),
    reopen: (closed) => open(directories.get(closed)!),
    async transaction(store, fn) {
      const result = await inTransaction(fileOf(store), fn);
      await (store as SqliteOutbox).deliver();
      return result;
    },
    async wrongTransactions(store) {
      const other = await openIn(temporaryDirectory());
      await other.outbox.close();
      const begun = [fileIn(other.directory), join(temporaryDirectory(), "other.db")].map((file) => {
        const connection = openNodeApplication(file);
        connection.exec("BEGIN IMMEDIATE");
        return connection;
      });
      return [
        { what: "a connection without a transaction", transaction: openNodeApplication(fileOf(store)) },
        { what: "a transaction on another outbox's database", transaction: begun[0]! },
        { what: "a transaction on another database", transaction: begun[1]! },
        { what: "nothing", transaction: undefined as unknown as SqliteConnection },
      ];
    },
  };
}

describe("a SQLite outbox", () => {
  for (const { name, run } of storeContract(outboxHarness())) {
    // All else is the store's own, which has run the cases itself.
    if (!/transaction|closed/.test(name)) continue;
    // It cannot ask the store from within a transaction that is a synchronous function. What comes of it is below.
    if (name === "answers with the entry that has the id already in a transaction too") continue;
    test(name, run);
  }

  test("delivers an id that the store has already without a second entry, and keeps and counts another event with that id", async () => {
    const { directory, outbox } = await openIn(temporaryDirectory());
    const [known, other] = sampleEntries(outbox, 2);
    await outbox.append([known!]);
    await inTransaction(fileIn(directory), (transaction) => outbox.appendIn(transaction, [known!]));
    await outbox.deliver();
    expect((await outbox.listTrails())[0]!.size).toBe(1);
    expect(await outbox.backlog()).toEqual({ waiting: 0, lagMs: 0, refused: 0 });
    await inTransaction(fileIn(directory), (transaction) =>
      outbox.appendIn(transaction, [{ ...other!, id: known!.id }]),
    );
    await outbox.deliver();
    expect(await outbox.backlog()).toEqual({ waiting: 0, lagMs: 0, refused: 1 });
    expect((await outbox.readById("default", known!.id))!.text).toBe(known!.text);
    await outbox.close();
  });

  test("waits while the store fails, tells so, and delivers in order when it is back", async () => {
    const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
    const file = fileIn(temporaryDirectory());
    const outbox = openSqliteOutbox({ file, store: store as never, createIfMissing: true, deliverEveryMs: 10 });
    const entries = sampleEntries(outbox, 3);
    store.fail();
    for (const entry of entries) await inTransaction(file, (transaction) => outbox.appendIn(transaction, [entry]));
    await expect.poll(() => outbox.placing().isFailing, { timeout: 20_000 }).toBe(true);
    expect(outbox.placing()).toMatchObject({ waiting: 3, lastError: { code: "STORE_FULL" } });
    store.mend();
    await expect.poll(() => outbox.placing(), { timeout: 20_000 }).toMatchObject({ waiting: 0, isFailing: false });
    expect((await outbox.read("default", 0, 9)).map(({ text }) => text)).toEqual(entries.map(({ text }) => text));
    await outbox.close();
  });

  test("lets nobody change what waits, nor delete it before it is delivered; and it is one store's", async () => {
    const { directory, outbox } = await openIn(temporaryDirectory());
    await outbox.close();
    const database = new DatabaseSync(fileIn(directory));
    database.exec("INSERT INTO auditrail_outbox (tenant, id, record, put_at) VALUES ('default', 'x', 'damaged', 1)");
    for (const statement of ["DELETE FROM auditrail_outbox", "UPDATE auditrail_outbox SET record = ''"])
      expect(() => database.exec(statement)).toThrow(/auditrail: events/);
    expect(() => openSqliteOutbox({ file: fileIn(directory), store: openMemoryStore() as never })).toThrow(
      expect.objectContaining({ code: "STORE_FOREIGN" }),
    );
    const again = await openIn(directory);
    await expect
      .poll(() => again.outbox.placing().refused, { timeout: 20_000, message: "what is damaged is kept and counted" })
      .toBe(1);
    await again.outbox.close();
    database.close();
  });
});

const program = fileURLToPath(new URL("./outbox-program.ts", import.meta.url));

test("a process that is killed again and again between its commits and their delivery to Postgres loses nothing and doubles nothing", async () => {
  await (await openPostgresStore({ connection: pool, createIfMissing: true })).close();
  const file = fileIn(temporaryDirectory());
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE sale (id TEXT PRIMARY KEY)");
  const sales = (): number => Number(Object.values(database.prepare("SELECT count(*) FROM sale").get()!)[0]);
  for (let round = 1; round <= 3; round += 1) {
    const child = spawn(process.execPath, [program, file, url], { stdio: ["ignore", "ignore", "inherit"] });
    const ended = once(child, "exit");
    // At once after a commit, or after some more; delivering goes on all the while.
    await expect.poll(sales, { timeout: 20_000, interval: 1 }).toBeGreaterThan(round * 20);
    child.kill("SIGKILL");
    await ended;
  }
  const committed = database
    .prepare("SELECT id FROM sale ORDER BY id")
    .all()
    .map(({ id }) => String(id));
  const store = await openPostgresStore({ connection: pool });
  const outbox = openSqliteOutbox({ file, store: store as never });
  await outbox.deliver();
  await store.sequence();
  const entries = await store.read("default", 0, 100_000);
  expect(entries.map(({ text }) => (JSON.parse(text) as { id: string }).id).sort()).toEqual(committed);
  expect(await outbox.backlog()).toEqual({ waiting: 0, lagMs: 0, refused: 0 });
  await outbox.close();
  database.close();
}, 60_000);
