/** What the database refuses, by triggers to everybody and by rights to each role, and what roles can do with theirs. */

import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { parseQuery } from "../../src/query/parse-query.ts";
import { grantStatements, openPostgresStore, type PostgresStore } from "../../src/stores/postgres/index.ts";
import { fixedClock } from "../../src/testing/fixed-clock.ts";
import { entryMaker, sampleEntries } from "../../src/testing/contract/sample-entries.ts";
import { createTestDatabase } from "./test-database.ts";

const { url, pool } = await createTestDatabase();
const suffix = crypto.randomUUID().slice(0, 8);
const roleOf = (kind: string): string => `${kind}_${suffix}`;
const pools: pg.Pool[] = [];
let owner: PostgresStore;

beforeAll(async () => {
  owner = await openPostgresStore({ connection: pool, createIfMissing: true });
  await owner.append([
    ...sampleEntries(owner, 3, { tenant: "ours", actor: { type: "user", id: "7", name: "Ida" } }),
    ...sampleEntries(owner, 2, { tenant: "theirs", message: "needle" }),
  ]);
  for (const kind of ["writer", "sequencer", "reader", "tenant_reader", "keeper"])
    await pool.query(`CREATE ROLE ${roleOf(kind)} LOGIN PASSWORD 'secret'`);
  const statements = grantStatements({
    ...{ writer: roleOf("writer"), sequencer: roleOf("sequencer"), reader: roleOf("reader"), keeper: roleOf("keeper") },
    tenantReader: { role: roleOf("tenant_reader"), tenant: "ours" },
  });
  for (const statement of statements) await pool.query(statement);
});

afterAll(async () => {
  for (const each of pools) await each.end();
  await owner.close();
  await pool.query("DROP SCHEMA auditrail CASCADE");
  for (const kind of ["writer", "sequencer", "reader", "tenant_reader", "keeper"])
    await pool.query(`DROP ROLE IF EXISTS ${roleOf(kind)}`);
});

function connectAs(kind: string): pg.Pool {
  const address = new URL(url);
  [address.username, address.password] = [roleOf(kind), "secret"];
  const connected = new pg.Pool({ connectionString: address.href, max: 3 });
  pools.push(connected);
  return connected;
}

/** By whoever is first: the owner's own rounds go on beside. */
async function placeAll(): Promise<void> {
  while ((await owner.backlog()).waiting > 0) await owner.sequence();
}

const tables = [
  "entry",
  "entry_other",
  "target",
  "sealed",
  "search",
  "tally",
  "tally_log",
  "inbox",
  "tile",
  "checkpoint",
  "trail",
  "meta",
];

describe("the owner of the tables", () => {
  test.each(["UPDATE auditrail.entry SET action = 'x'", "DELETE FROM auditrail.entry", "DELETE FROM auditrail.sealed"])(
    "is refused %s",
    async (statement) => {
      await expect(pool.query(statement)).rejects.toMatchObject({ code: "AUD01" });
    },
  );

  test.each(tables)("is refused to truncate %s", async (table) => {
    await expect(pool.query(`TRUNCATE auditrail.${table} CASCADE`)).rejects.toMatchObject({ code: "AUD01" });
  });

  test("cannot add an entry behind the end of its trail, or at a place that is taken", async () => {
    const copy = (key: string): string =>
      `INSERT INTO auditrail.entry SELECT ${key}, trail, gen_random_uuid(), recorded_at, hash, time, log, action, outcome, actor_type, actor_id, operation, entry FROM auditrail.entry WHERE key = (1::bigint << 32)`;
    for (const key of ["key", "key + 1", "key + 4"])
      await expect(pool.query(copy(key))).rejects.toMatchObject({ code: expect.stringMatching(/AUD01|23505/) });
  });

  test("cannot move a trail back, or on without entries", async () => {
    for (const size of ["size - 1", "size + 1"])
      await expect(pool.query(`UPDATE auditrail.trail SET size = ${size}`)).rejects.toMatchObject({ code: "AUD01" });
  });

  test("cannot put an event whose hash is not that of its text", async () => {
    const forged = `INSERT INTO auditrail.inbox (tenant, event_id, hash, time, log, action, outcome, actor_type, targets, words, sealed, entry)
      VALUES ('ours', gen_random_uuid(), '\\x00', 0, 'shop', 'shop.sold', 'success', 'user', '[]', '', '[]', '{}')`;
    await expect(pool.query(forged)).rejects.toMatchObject({ code: "23514" });
  });
});

test("a writer puts events into the inbox, which others give positions, and can read and change nothing", async () => {
  const connection = connectAs("writer");
  const store = await openPostgresStore({ connection, sequence: false });
  const [entry] = sampleEntries(store, 1, { tenant: "ours" });
  expect(await store.append([entry!])).toEqual([{ seq: null, recordedAtMicros: null }]);
  for (const table of tables.filter((name) => name !== "meta"))
    await expect(connection.query(`SELECT 1 FROM auditrail.${table}`)).rejects.toMatchObject({ code: "42501" });
  await expect(connection.query("DELETE FROM auditrail.inbox")).rejects.toMatchObject({ code: "42501" });
  await placeAll();
  expect((await owner.readById("ours", entry!.id))?.text).toBe(entry!.text);
});

test("a sequencer records and gives positions, and cannot change or delete what is recorded", async () => {
  const connection = connectAs("sequencer");
  const store = await openPostgresStore({ connection });
  const entries = sampleEntries(store, 300, { tenant: "new" });
  expect((await store.append(entries)).map(({ seq }) => seq)).toEqual(entries.map((_, seq) => seq));
  for (const statement of [
    "UPDATE auditrail.entry SET action = 'x'",
    "DELETE FROM auditrail.entry",
    "TRUNCATE auditrail.entry",
  ])
    await expect(connection.query(statement)).rejects.toMatchObject({ code: "42501" });
  // Its rounds, which also look at what waits, fail nowhere.
  await sleep(400);
  expect(store.placing!()).toEqual({ waiting: 0, lagMs: 0, refused: 0, failures: 0, isFailing: false });
  await store.close();
});

test("a writer's second event through a connection is a plain insert, also where a tenant is said, and is refused where the right is gone", async () => {
  const connection = connectAs("writer");
  const store = await openPostgresStore({ connection, sequence: false });
  const client = await connection.connect();
  const sent: string[] = [];
  const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>;
  const seen = Object.assign(Object.create(client) as pg.PoolClient, {
    query: (text: string, values?: unknown[]) => (sent.push(text.split(" ")[0]!), query(text, values)),
  });
  const put = async (): Promise<void> => {
    await query("BEGIN; SET LOCAL auditrail.tenant = 'theirs'");
    const [entry] = sampleEntries(store, 1, { tenant: "ours", message: "through one connection" });
    await store.appendIn(seen, [entry!], { newIds: true });
    await query("COMMIT");
  };
  for (let times = 0; times < 3; times += 1) await put();
  expect(sent).toEqual(["SELECT", "INSERT", "INSERT"]);
  await expect(query("INSERT INTO auditrail.inbox (number) OVERRIDING SYSTEM VALUE VALUES (1)")).rejects.toMatchObject({
    code: "42501",
  });
  await pool.query(`REVOKE INSERT (entry) ON auditrail.inbox FROM ${roleOf("writer")}`);
  await expect(put()).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
  await query("ROLLBACK");
  await put();
  expect(sent.slice(3)).toEqual(["INSERT", "SELECT"]);
  client.release();
  await store.close();
  await placeAll();
  const said = parseQuery('"through one connection"', { now: 0, zone: "UTC" });
  expect(await owner.count({ tenant: "ours", query: said, by: [] })).toEqual([{ keys: [], count: 4 }]);
});

test("a process that runs for months makes the partitions that are due, as the owner", async () => {
  const clock = fixedClock();
  const schema = "long_running";
  const store = await openPostgresStore({
    connection: pool,
    schema,
    createIfMissing: true,
    sequenceEveryMs: 20,
    clock,
  });
  const monthsAhead = async (): Promise<number> => (await store.describeServer()).monthsAhead;
  expect(await monthsAhead()).toBe(3);
  const { rows } = await pool.query<{ last: string }>(
    "SELECT max(relname) AS last FROM pg_class WHERE relnamespace = $1::regnamespace AND relname ~ '^entry_[0-9]{4}_[0-9]{2}$'",
    [schema],
  );
  await pool.query(`DROP TABLE ${schema}.${rows[0]!.last}`);
  expect(await monthsAhead()).toBe(2);
  clock.advance(86_400_000);
  await expect.poll(monthsAhead, { timeout: 20_000 }).toBe(3);
  expect(store.placing!().failures).toBe(0);
  await store.close();
});

test("a reader reads everything and writes nothing", async () => {
  const connection = connectAs("reader");
  const store = await openPostgresStore({ connection, readOnly: true });
  expect((await store.listTrails()).map(({ tenant }) => tenant)).toEqual(expect.arrayContaining(["ours", "theirs"]));
  await expect(connection.query("SELECT auditrail.put('[]', '')")).rejects.toMatchObject({ code: "42501" });
  await expect(connection.query("INSERT INTO auditrail.meta VALUES ('a', 'b')")).rejects.toMatchObject({
    code: "42501",
  });
});

test("a tenant's reader sees that tenant's rows alone, whatever it asks", async () => {
  const connection = connectAs("tenant_reader");
  const store = await openPostgresStore({ connection, readOnly: true });
  expect((await store.listTrails()).map(({ tenant }) => tenant)).toEqual(["ours"]);
  expect((await store.read("ours", 0, 10)).length).toBeGreaterThan(2);
  expect(await store.read("theirs", 0, 10)).toEqual([]);
  const needle = parseQuery("needle", { now: 0, zone: "UTC" });
  expect(
    (await store.page({ tenant: "theirs", query: needle, order: { by: "seq", direction: "oldest" }, limit: 5 }))
      .entries,
  ).toEqual([]);
  await connection.query("SET auditrail.tenant = 'theirs'");
  for (const table of ["entry", "search", "trail", "tally", "tally_log", "inbox"]) {
    const trail = table === "trail" ? "number" : table === "search" ? "key >> 32" : table === "inbox" ? "1" : "trail";
    const { rows } = await connection.query(`SELECT DISTINCT ${trail} AS trail FROM auditrail.${table}`);
    expect([table, rows.length <= 1]).toEqual([table, true]);
  }
});

test("a keeper keeps checkpoints and carries out an erasure, and deletes nothing else", async () => {
  const connection = connectAs("keeper");
  const store = await openPostgresStore({ connection, sequence: false });
  await expect(connection.query("DELETE FROM auditrail.sealed")).rejects.toMatchObject({ code: "AUD01" });
  const [ordered] = await owner.append([
    entryMaker(owner)({
      tenant: "ours",
      action: "auditrail.shredded",
      reason: "ticket 7",
      data: { subject: "user/7", to: 3 },
    }),
  ]);
  await store.putCheckpoint("ours", {
    size: ordered!.seq! + 1,
    root: new Uint8Array(32),
    createdAtMicros: 1,
    note: "note\n",
  });
  expect(await store.listCheckpoints("ours", 0, 5)).toHaveLength(1);
  expect(await store.erase("ours", ordered!.seq!)).toEqual({ entries: 0, parts: 3 });
  expect((await owner.read("ours", 0, 3)).flatMap(({ sealed }) => sealed)).toEqual([]);
  // Only the owner may rewrite tables; Postgres itself would skip them with a warning, and nothing would be gone.
  await expect(store.compact()).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
  await owner.compact();
  expect(await owner.listErasures("ours")).toEqual([]);
});

test("another event that was put with the id of one that is there is kept aside, counted and not lost", async () => {
  const [kept] = sampleEntries(owner, 1, { tenant: "ours" });
  await owner.append([kept!]);
  const [other] = sampleEntries(owner, 1, { tenant: "ours", message: "another" });
  await pool.query(`INSERT INTO auditrail.inbox (tenant, event_id, hash, time, log, action, outcome, actor_type, targets, words, sealed, entry)
    VALUES ('ours', '${kept!.id}', '\\x${Buffer.from(other!.hash).toString("hex")}', 0, 'shop', 'shop.sold', 'success', 'user', '[]', '', '[]', '${other!.text.replaceAll("'", "''")}')`);
  await placeAll();
  expect(await owner.backlog()).toEqual({ waiting: 0, lagMs: 0, refused: 1 });
  expect((await owner.readById("ours", kept!.id))?.text).toBe(kept!.text);
  const { rows } = await pool.query<{ entry: string }>("SELECT entry FROM auditrail.refused");
  expect(rows.map(({ entry }) => entry)).toEqual([other!.text]);
});
