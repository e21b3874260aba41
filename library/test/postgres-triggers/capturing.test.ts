import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import type { PoolClient } from "pg";
import { beforeEach, expect, test } from "vitest";

import {
  countChanges,
  drainChanges,
  installCapture,
  removeCapture,
  writeInOperation,
} from "../../src/capture/postgres-triggers/index.ts";
import { runWithContext } from "../../src/context/context.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { postgresDrivers } from "../integrations/postgres-drivers.ts";
import { findPostgres } from "../postgres/binaries.ts";
import { inTransaction as inTransactionOf } from "../postgres/in-transaction.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { catalogue, drainAll, makeShop, tables, tell } from "./shop-database.ts";

const { pool, url } = await createTestDatabase();

beforeEach(async () => {
  await makeShop(pool);
  await drainAll(pool);
});

const mira = { type: "user", id: "7", name: "Mira Okafor" };

const inTransaction = <Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> =>
  inTransactionOf(pool, work);

test("rows that are written, changed and removed are told with before, after, actor and operation", async () => {
  await runWithContext({ actor: mira, operationId: "op-1" }, () =>
    inTransaction((client) =>
      writeInOperation(client, async () => {
        await client.query("INSERT INTO orders VALUES (1, NULL, 12.50, '{\"a\": [1, 9007199254740993]}')");
        await client.query("UPDATE orders SET total = 13 WHERE id = 1");
        await client.query("DELETE FROM orders");
      }),
    ),
  );
  const events = await drainAll(pool);
  const row = { id: 1, customer: null, total: "12.50", tags: { a: [1, "9007199254740993"] } };
  expect(events.map(tell)).toEqual(["inserted orders/1", "updated orders/1", "deleted orders/1"]);
  expect(events.map(({ before, after }) => ({ before, after }))).toEqual([
    { before: undefined, after: row },
    { before: row, after: { ...row, total: "13.00" } },
    { before: { ...row, total: "13.00" }, after: undefined },
  ]);
  expect(events[1]!.data).toMatchObject({ table: "orders", columns: ["total"], context: "given", role: "postgres" });
  for (const event of events)
    expect(event).toMatchObject({ actor: mira, operationId: "op-1", context: { source: "trigger" } });
});

test("a write that nobody spoke for is recorded as such and counted, with the role and one operation for its transaction", async () => {
  const before = (await countChanges(pool)).withoutContext;
  await inTransaction(async (client) => {
    await client.query("INSERT INTO notes VALUES ('a'), ('b')");
    await client.query("DELETE FROM notes WHERE text = 'a'");
  });
  expect(await countChanges(pool)).toEqual({ waiting: 3, withoutContext: before + 3 });
  const events = await drainAll(pool);
  expect(events.map(({ data, actor }) => [data!["context"], data!["role"], actor.type])).toEqual(
    Array.from({ length: 3 }, () => ["missing", "postgres", "unknown"]),
  );
  expect(new Set(events.map(({ operationId }) => operationId)).size).toBe(1);
  expect(await countChanges(pool)).toEqual({ waiting: 0, withoutContext: before + 3 });
});

test("what is rolled back is not captured, and its context leaves nothing for the next transaction", async () => {
  const failing = runWithContext({ actor: mira }, () =>
    inTransaction((client) =>
      writeInOperation(client, async () => {
        await client.query("INSERT INTO notes VALUES ('never')");
        throw new Error("out of stock");
      }),
    ),
  );
  await expect(failing).rejects.toThrow("out of stock");
  await pool.query("INSERT INTO notes VALUES ('alone')");
  const events = await drainAll(pool);
  expect(events.map(({ after, actor }) => [after, actor.type])).toEqual([[{ text: "alone" }, "unknown"]]);
  expect((await pool.query("SELECT * FROM auditrail_capture.context")).rows).toEqual([]);
});

test("a savepoint that is rolled back takes its changes with it, and those after it still have their context", async () => {
  await runWithContext({ actor: mira }, () =>
    inTransaction((client) =>
      writeInOperation(client, async () => {
        await client.query(
          "SAVEPOINT s; INSERT INTO notes VALUES ('gone'); ROLLBACK TO s; INSERT INTO notes VALUES ('kept')",
        );
      }),
    ),
  );
  const events = await drainAll(pool);
  expect(events.map(({ after, actor }) => [after, actor.id])).toEqual([[{ text: "kept" }, "7"]]);
});

test("updates that change nothing are skipped", async () => {
  await pool.query("INSERT INTO orders SELECT n, NULL, n, '{}' FROM generate_series(1, 10) n");
  await drainAll(pool);
  await pool.query("UPDATE orders SET total = CASE WHEN id < 9 THEN total ELSE total + 1 END");
  await pool.query("UPDATE orders SET total = total WHERE id = 1; UPDATE orders SET total = 0 WHERE false");
  expect((await drainAll(pool)).map(tell)).toEqual(["updated orders/9", "updated orders/10"]);
});

test("rows without any value are told each by itself", async () => {
  await pool.query("INSERT INTO notes VALUES (NULL), (NULL); INSERT INTO notes VALUES (NULL)");
  await pool.query("DELETE FROM notes");
  expect((await drainAll(pool)).map(({ before, after }) => before ?? after)).toEqual(
    Array.from({ length: 6 }, () => ({ text: null })),
  );
});

test("a value that is too large is left out with its size, of one row and of several", async () => {
  await pool.query("INSERT INTO notes VALUES (repeat('x', 70000))");
  await pool.query("UPDATE notes SET text = 'short'");
  await pool.query("INSERT INTO notes VALUES ('a'), (repeat('y', 80000))");
  await pool.query("DELETE FROM notes WHERE text LIKE 'y%'");
  const left = (characters: number): object => ({ text: `[${characters} characters left out]` });
  expect((await drainAll(pool)).map(({ before, after }) => [before, after])).toEqual([
    [undefined, left(70_002)],
    [left(70_002), { text: "short" }],
    [undefined, { text: "a" }],
    [undefined, left(80_002)],
    [left(80_002), undefined],
  ]);
});

test("a session in which PL/pgSQL checks all that it can writes like any other", async () => {
  const client = await pool.connect();
  await client.query("SET plpgsql.extra_errors = 'all'");
  for (const rows of [1, 3]) await client.query(`INSERT INTO notes SELECT 'a' FROM generate_series(1, ${rows})`);
  await client.query("UPDATE notes SET text = 'b'; DELETE FROM notes");
  await client.query("RESET plpgsql.extra_errors");
  client.release();
  expect((await drainAll(pool)).length).toBe(12);
});

test("columns may have the names that our own functions use", async () => {
  const names = [
    ...["masked", "strange", "r", "s", "c", "most", "known", "row", "before", "after", "hidden"],
    ...["o", "n", "x", "second", "shape", "differs", "j", "one_after", "place", "name"],
  ];
  const kept = Object.fromEntries(names.map((name) => [name, `of ${name}`]));
  const values = `('0', ${names.map((name) => `'of ${name}'`).join(", ")})`;
  for (const mask of [[], ["told"]]) {
    await pool.query(`DROP TABLE IF EXISTS refunds; CREATE TABLE refunds (told text, ${names.join(" text, ")} text)`);
    await installCapture(pool, { tables: { refunds: { mask } } });
    await pool.query(`INSERT INTO refunds VALUES ${values}, ${values}`);
    await pool.query("UPDATE refunds SET told = '1'");
    await pool.query("ALTER TABLE refunds ADD COLUMN later text DEFAULT 'not decided about'");
    await pool.query("DELETE FROM refunds");
    const events = await drainAll(pool);
    await pool.query(`ALTER TABLE refunds DROP COLUMN later; INSERT INTO refunds VALUES ${values}`);
    await pool.query("UPDATE refunds SET told = '1'; DELETE FROM refunds");
    const one = await drainAll(pool);
    const told = (value: string): object => ({ told: mask.length === 0 ? value : "[masked]", ...kept });
    expect(one.map(({ before, after }) => [before, after])).toEqual([
      [undefined, told("0")],
      [told("0"), told("1")],
      [told("1"), undefined],
    ]);
    expect(events.map(({ before, after }) => [before, after])).toEqual([
      ...[
        [undefined, told("0")],
        [undefined, told("0")],
      ],
      ...[
        [told("0"), told("1")],
        [told("0"), told("1")],
      ],
      ...[
        [told("1"), undefined],
        [told("1"), undefined],
      ],
    ]);
  }
});

test("masked columns are never stored, and a change of one is told all the same", async () => {
  await pool.query(
    "INSERT INTO customers VALUES (1, 'Ana Pop', 'canary-phrase', 987654711, '1990-01-02'), (2, 'Wei', NULL, NULL, NULL)",
  );
  await pool.query("UPDATE customers SET phrase = 'canary-next' WHERE id = 1");
  await pool.query("UPDATE customers SET phrase = phrase || 'canary-all', pin = 987654712 WHERE id = 1");
  await pool.query("UPDATE customers SET pin = 987654712 WHERE id = 2");
  const { rows } = await pool.query<{ text: string }>("SELECT c::text AS text FROM auditrail_capture.change c");
  expect(rows.filter(({ text }) => /canary|98765471\d/.test(text))).toEqual([]);
  const events = await drainAll(pool);
  expect(events.map(({ after }) => after)).toMatchObject([
    { name: "Ana Pop", phrase: "[masked]", pin: "[masked]", born: "1990-01-02" },
    { name: "Wei", phrase: null, pin: null },
    { phrase: "[masked]" },
    { phrase: "[masked]", pin: "[masked]" },
    { phrase: null, pin: "[masked]" },
  ]);
  expect(events.map(({ data }) => data!["columns"])).toEqual([
    undefined,
    undefined,
    ["phrase"],
    ["phrase", "pin"],
    ["pin"],
  ]);
});

test("JSON that jsonb refuses makes no write fail: of a masked table, of a column that came later, of a row that is too large", async () => {
  const odd = String.raw`{"nul":"a\u0000b","half":"\ud83d","twice":"\\\\u0000\\\u0000","fine":"\u00e9"}`;
  await pool.query("DROP TABLE IF EXISTS odd; CREATE TABLE odd (id integer PRIMARY KEY, secret text, said json)");
  for (const mask of [["secret"], []]) {
    await installCapture(pool, { catalogue, tables: { ...tables, odd: { mask } } });
    await pool.query("INSERT INTO odd VALUES (1, 'canary', $1), (2, 'canary', '{}')", [odd]);
    await pool.query("UPDATE odd SET said = '{}' WHERE id = 1");
    await pool.query("ALTER TABLE odd ADD COLUMN late text DEFAULT 'canary'");
    await pool.query("UPDATE odd SET said = $1 WHERE id = 2", [odd]);
    await pool.query("ALTER TABLE odd DROP COLUMN late");
    await pool.query("UPDATE odd SET secret = repeat('x', 70000)");
    await pool.query("DELETE FROM odd");
    const events = await drainAll(pool);
    expect(events.map(tell)).toEqual([
      ...["inserted odd/1", "inserted odd/2", "updated odd/1", "updated odd/2", "updated odd/1", "updated odd/2"],
      ...["deleted odd/1", "deleted odd/2"],
    ]);
    expect(events[3]!.after).toMatchObject({ said: { twice: "\\\\u0000\\\uFFFD", nul: "a\uFFFDb", half: "\uFFFD" } });
    expect(JSON.stringify(events)).not.toMatch(mask.length > 0 ? /canary|xxx/ : /late/);
  }
  await removeCapture(pool);
  await pool.query("DROP TABLE odd");
});

test("every row of a statement over 100,000 is accounted for: by itself, or above the limit by number", async () => {
  await removeCapture(pool);
  await pool.query("INSERT INTO orders SELECT n, NULL, n, NULL FROM generate_series(1, 100000) n");
  await installCapture(pool, { catalogue, tables, mostRows: 100_000 });
  await pool.query("UPDATE orders SET id = id + 1000000, total = total + 1");
  const { rows: updated } = await pool.query(
    `SELECT count(*)::int AS told, count(DISTINCT before ->> 'id')::int AS different,
       count(*) FILTER (WHERE (after ->> 'id')::int = (before ->> 'id')::int + 1000000 AND (after ->> 'total')::numeric = (before ->> 'total')::numeric + 1)::int AS paired
     FROM auditrail_capture.change`,
  );
  expect(updated).toEqual([{ told: 100_000, different: 100_000, paired: 100_000 }]);
  await forgetAll();
  await installCapture(pool, { catalogue, tables });
  await pool.query("DELETE FROM orders");
  const { rows: deleted } = await pool.query(
    "SELECT change, count(*)::int AS told, max((after ->> 'rows')::int) AS rows FROM auditrail_capture.change GROUP BY change ORDER BY min(number)",
  );
  expect(deleted).toEqual([
    { change: "delete", told: 10_000, rows: null },
    { change: "bulk", told: 1, rows: 100_000 },
  ]);
  await forgetAll();
});

async function forgetAll(): Promise<void> {
  await pool.query(
    "SELECT auditrail_capture.forget_changes((SELECT json_agg(number)::text FROM auditrail_capture.change))",
  );
}

test("a bulk becomes one event that counts it, beside those of its rows", async () => {
  await makeShop(pool, { mostRows: 2 });
  await pool.query("INSERT INTO notes VALUES ('a'), ('b'), ('c'), ('d'), ('e')");
  await pool.query("UPDATE notes SET text = text WHERE text = 'a' OR text = 'b'");
  await pool.query("UPDATE notes SET text = upper(text) WHERE text > 'b'");
  const events = await drainAll(pool);
  expect(events.map(tell).filter((text) => text.includes(" of "))).toEqual([
    "bulk-written table/notes 2 of 5",
    "bulk-written table/notes 2 of 3",
  ]);
  expect(events.length).toBe(6);
});

test("COPY, upserts, cascades and TRUNCATE are captured, whoever sends them", async () => {
  await pool.query("COPY cache FROM PROGRAM 'seq 1 5'; COPY notes FROM PROGRAM 'seq 1 3'");
  await pool.query("INSERT INTO customers (id) VALUES (1); INSERT INTO orders (id, customer) VALUES (10, 1), (11, 1)");
  await pool.query("INSERT INTO lines VALUES (1, 'tea', 10), (2, 'cup', 10)");
  await drainAll(pool).then((events) =>
    expect(events.filter(({ data }) => data!["table"] === "notes").map(({ after }) => after)).toEqual([
      { text: "1" },
      { text: "2" },
      { text: "3" },
    ]),
  );
  await pool.query(
    "INSERT INTO orders (id, total) VALUES (11, 5), (12, 6) ON CONFLICT (id) DO UPDATE SET total = excluded.total",
  );
  await pool.query("DELETE FROM customers");
  await pool.query("TRUNCATE notes");
  const told = (await drainAll(pool)).map(tell);
  expect(told.toSorted()).toEqual(
    [
      ...["inserted orders/12", "updated orders/11", "deleted customers/1", "deleted orders/10", "deleted orders/11"],
      ...["deleted lines/[10,1]", "deleted lines/[10,2]", "truncated table/notes 3 of 3"],
      ...told.filter((text) => text.startsWith("deleted notes/change-")),
    ].toSorted(),
  );
  expect(told.filter((text) => text.startsWith("deleted notes/")).length).toBe(3);
});

test("MERGE is captured as the inserts, updates and deletes that it turned out to be", async (context) => {
  const { rows } = await pool.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  if (rows[0]!.version < 150_000) return context.skip("Postgres has MERGE from 15 on");
  await pool.query("INSERT INTO orders (id, total) VALUES (1, 1), (2, 2), (3, 3)");
  await drainAll(pool);
  await pool.query(`MERGE INTO orders USING (VALUES (1, 10), (2, 0), (4, 40)) AS n (id, total) ON orders.id = n.id
    WHEN MATCHED AND n.total = 0 THEN DELETE
    WHEN MATCHED THEN UPDATE SET total = n.total
    WHEN NOT MATCHED THEN INSERT (id, total) VALUES (n.id, n.total)`);
  const events = await drainAll(pool);
  expect(events.map(tell).toSorted()).toEqual(["deleted orders/2", "inserted orders/4", "updated orders/1"]);
  expect(new Set(events.map(({ operationId }) => operationId)).size).toBe(1);
});

test("rows of partitions are captured under the name of the whole, by whichever name they were written", async () => {
  await pool.query("INSERT INTO sales.visits VALUES ('2025-05-05', 'a'), ('2026-05-05', 'b')");
  await pool.query("INSERT INTO sales.visits_new VALUES ('2026-06-06', 'c')");
  await pool.query("UPDATE sales.visits SET day = '2026-07-07' WHERE visitor = 'a'");
  await pool.query("TRUNCATE sales.visits");
  const events = await drainAll(pool);
  expect(events.map(tell).filter((text) => !text.startsWith("deleted") && !text.startsWith("truncated"))).toEqual([
    ...['inserted sales.visits/["2025-05-05","a"]', 'inserted sales.visits/["2026-05-05","b"]'],
    ...['inserted sales.visits/["2026-06-06","c"]', 'updated sales.visits/["2025-05-05","a"]'],
  ]);
  expect(events.filter(({ action }) => action === "row.deleted").length).toBe(3);
});

const attack = `'); DROP TABLE orders; -- */ $1 $$ \\' " \n\u0001 \u2028 {} ]]> %s`;

test("an attack in every field of the context is stored as data", async () => {
  const actor = { type: "user", id: attack, name: attack, email: attack };
  const context = { requestId: attack, sessionId: attack, userAgent: attack, route: attack, service: attack };
  await runWithContext({ actor, operationId: attack, correlationId: attack, reason: attack, context } as never, () =>
    inTransaction((client) => writeInOperation(client, () => client.query("INSERT INTO notes VALUES ('x')"))),
  );
  const [event] = await drainAll(pool);
  expect(event!.actor).toMatchObject({ id: expect.stringContaining("DROP TABLE orders") });
  expect(event!.operationId).toContain("'); DROP TABLE orders; --");
  expect((await pool.query("SELECT count(*)::int AS n FROM orders")).rows).toEqual([{ n: 0 }]);
});

test.for(["postgres.js", "Kysely, with plug-ins that change results", "Drizzle over postgres.js", "TypeORM", "Knex"])(
  "in a transaction of %s the rows are its caller's, also of a bulk call",
  async (name) => {
    await pool.query("DROP TABLE orders CASCADE; CREATE TABLE orders (number integer PRIMARY KEY)");
    await installCapture(pool, { tables: { orders: {} } });
    const driver = await postgresDrivers[name]!(url);
    await runWithContext({ actor: mira }, () =>
      driver.transaction((tx, place) =>
        writeInOperation(tx, async () => void (await Promise.all([place(1), place(2)]))),
      ),
    );
    await driver.close();
    const events = await drainAll(pool);
    expect(events.map(tell).toSorted()).toEqual(["inserted orders/1", "inserted orders/2"]);
    expect(new Set(events.map(({ actor, operationId }) => `${actor.id}/${operationId}`)).size).toBe(1);
  },
);

test("a session of psql is captured like any other", async (context) => {
  const places = [dirname(findPostgres().initdb), ...(process.env["PATH"] ?? "").split(delimiter)];
  const psql = places.map((place) => join(place, "psql")).find((program) => existsSync(program));
  if (psql === undefined) return context.skip("there is no psql on this machine");
  const script = "BEGIN; INSERT INTO notes VALUES ('by hand'); COMMIT; UPDATE notes SET text = 'again';";
  execFileSync(psql, [url, "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--command", script], { stdio: "pipe" });
  const events = await drainAll(pool);
  expect(events.map(({ action, after, data }) => [action, after, data!["context"]])).toEqual([
    ["row.inserted", { text: "by hand" }, "missing"],
    ["row.updated", { text: "again" }, "missing"],
  ]);
});

test("writing in an operation needs a transaction", async () => {
  await expect(writeInOperation(pool as never, () => 1)).rejects.toMatchObject({ code: "TRANSACTION_INVALID" });
});

test("captured changes cannot be changed or taken away, only drained", async () => {
  await pool.query("INSERT INTO notes VALUES ('x')");
  for (const slip of [
    "UPDATE auditrail_capture.change SET role = 'x'",
    "DELETE FROM auditrail_capture.change",
    "TRUNCATE auditrail_capture.change",
  ])
    await expect(pool.query(slip)).rejects.toMatchObject({ code: "AUD01" });
  expect((await drainAll(pool)).length).toBe(1);
});

test("several may drain at once, a late commit is drained later, and nothing twice", async () => {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  const late = await pool.connect();
  await late.query("BEGIN; INSERT INTO notes VALUES ('late')");
  await pool.query("INSERT INTO notes SELECT n::text FROM generate_series(1, 1000) n");
  const drained = await Promise.all([drainChanges(pool, trail), drainChanges(pool, trail)]);
  expect(drained.reduce((sum, { changes }) => sum + changes, 0)).toBe(1_000);
  await late.query("COMMIT");
  late.release();
  expect((await drainChanges(pool, trail)).changes).toBe(1);
  expect((await trail.count(""))[0]!.count).toBe(1_001);
  await trail.close();
});
