import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, expect, test } from "vitest";

import {
  captureSql,
  checkCapture,
  drainChanges,
  installCapture,
  removeCapture,
} from "../../src/capture/postgres-triggers/index.ts";
import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { makeDirectory, runCli } from "../cli/run-cli.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { catalogue, drainAll, makeShop, tables } from "./shop-database.ts";

const { pool, url } = await createTestDatabase();

beforeEach(() => makeShop(pool));

/** What is wrong, by table; empty where all is captured or excluded. */
async function problems(options?: Parameters<typeof checkCapture>[1]): Promise<Record<string, string | undefined>> {
  const items = await checkCapture(pool, options);
  const wrong = items.filter(({ captured, excluded }) => !captured && excluded === undefined);
  return Object.fromEntries(wrong.map(({ name, problem }) => [name, problem]));
}

test("a database as it was installed is found so, with and without the options", async () => {
  expect(await problems()).toEqual({});
  expect(await problems({ catalogue, tables })).toEqual({});
  const items = await checkCapture(pool);
  expect(items.filter(({ captured }) => captured).map(({ name }) => name)).toEqual([
    ...["customers", "lines", "notes", "orders", "sales.visits"],
  ]);
  expect(items.find(({ name }) => name === "cache")).toMatchObject({
    excluded: "computed anew at each start",
    listedBy: "postgres-triggers",
  });
});

test("installing again changes nothing, and locks nothing", async () => {
  const reader = await pool.connect();
  await reader.query("BEGIN; SELECT * FROM orders");
  expect(await installCapture(pool, { catalogue, tables })).toMatchObject({ changed: false, excluded: ["cache"] });
  await reader.query("ROLLBACK");
  reader.release();
});

test("the migration as text does what installing does, and may be run again", async () => {
  const text = await captureSql(pool, { catalogue, tables });
  await removeCapture(pool);
  expect((await problems())["orders"]).toContain("auditrail_capture_insert is missing");
  for (let time = 0; time < 2; time += 1) await pool.query(text);
  expect(await problems({ catalogue, tables })).toEqual({});
});

test("a table, a column and a partition that come without a decision show up", async () => {
  await pool.query("CREATE TABLE refunds (id integer); ALTER TABLE orders ADD COLUMN iban text");
  await pool.query("DROP TABLE sales.visits_old");
  await pool.query(
    "CREATE TABLE sales.visits_old PARTITION OF sales.visits FOR VALUES FROM (MINVALUE) TO ('2026-01-01')",
  );
  const found = await problems();
  expect(Object.keys(found).toSorted()).toEqual(["orders", "refunds", "sales.visits"]);
  expect(found["refunds"]).toContain("nobody decided");
  expect(found["orders"]).toContain("the column iban came after the triggers");
  expect(found["sales.visits"]).toContain("of the partition sales.visits_old is missing");
});

test("auditrail coverage reads the tables, and ends with 1 for one that came without a decision", async () => {
  const store = await openPostgresStore({ connection: pool, schema: "trail_of_shop", createIfMissing: true });
  const trail = await openTrail({ catalogue, store });
  await pool.query("INSERT INTO notes VALUES ('by nobody')");
  await drainChanges(pool, trail);
  await trail.close();
  const ask = async (...more: readonly string[]) => {
    const args = ["coverage", "--json", "--fail-on-gap", "--database", url, ...more];
    const { code, stdout, stderr } = await runCli(args, { directory: makeDirectory() });
    const { lines } = JSON.parse(stdout || '{"lines":[]}') as {
      lines: { name: string; kind: string; state: string; problem?: string }[];
    };
    return {
      code,
      stderr,
      tables: new Map(lines.filter(({ kind }) => kind === "table").map((line) => [line.name, line])),
    };
  };
  const observed = join(makeDirectory(), "none.jsonl");
  writeFileSync(observed, "");
  const before = await ask(observed);
  expect([before.code, before.tables.get("cache")?.state, before.tables.has("trail_of_shop.entry")]).toEqual([
    0,
    "excluded",
    false,
  ]);
  await pool.query("CREATE TABLE refunds (id integer); ALTER TABLE orders ADD COLUMN iban text");
  const after = await ask(observed);
  expect([after.code, after.tables.get("refunds")?.state, after.tables.get("orders")?.state]).toEqual([
    1,
    "gap",
    "gap",
  ]);
  expect(JSON.stringify(after.tables.get("orders"))).toContain("iban");
  // A running application: its trail says that somebody wrote behind its back.
  const running = await ask("--store", `${url}?schema=trail_of_shop`);
  expect([running.code, running.tables.get("notes")?.state]).toEqual([1, "gap"]);
  const nowhere = await runCli(["coverage", observed, "--database", url.replace(/[^/]+$/, "nowhere")], {
    directory: makeDirectory(),
  });
  expect([nowhere.code, nowhere.stderr]).toEqual([66, expect.stringContaining("STORE_NOT_FOUND")]);
  const { password } = new URL(url);
  expect(password !== "" && nowhere.stderr.includes(password)).toBe(false);
});

test("columns that were added, renamed or dropped since let writes go on, and what nobody decided about is not stored", async () => {
  await pool.query(
    "ALTER TABLE customers ADD COLUMN iban text; ALTER TABLE customers RENAME COLUMN phrase TO motto; ALTER TABLE customers DROP COLUMN born",
  );
  await pool.query("INSERT INTO customers VALUES (1, 'Ana', 'canary-motto', 4711, 'canary-iban')");
  await pool.query("UPDATE customers SET iban = 'canary-2', motto = 'canary-3'");
  const { rows } = await pool.query<{ text: string }>("SELECT c::text AS text FROM auditrail_capture.change c");
  expect(rows.length).toBe(2);
  expect(rows.filter(({ text }) => text.includes("canary"))).toEqual([]);
  expect((await drainAll(pool)).map(({ after }) => after)).toEqual(
    Array.from({ length: 2 }, () => ({ id: 1, name: "Ana", pin: "[masked]" })),
  );
  expect(await problems()).toMatchObject({ customers: expect.stringContaining("came after the triggers") });
});

test.for([[], ["told"]])(
  "a session that has written before stores nothing of a column that came since, one row or several: masked %j",
  async (mask) => {
    await pool.query("DROP TABLE IF EXISTS refunds; CREATE TABLE refunds (told text, kept text, gone text)");
    await installCapture(pool, { tables: { refunds: { mask } } });
    const session = await pool.connect();
    const capturedOf = async (column: string): Promise<readonly object[]> => {
      for (const values of ["('a', 'canary')", "('b', 'canary'), ('c', 'canary')"])
        await session.query(
          `INSERT INTO refunds (told, ${column}) VALUES ${values}; UPDATE refunds SET told = told || '+'; DELETE FROM refunds`,
        );
      const { rows } = await pool.query<{ canary: boolean; names: string }>(
        `SELECT concat(before, after) LIKE '%canary%' AS canary,
           (SELECT string_agg(name, ' ' ORDER BY name) FROM json_object_keys(coalesce(before, after)) name) AS names
         FROM auditrail_capture.change`,
      );
      await drainAll(pool);
      return rows;
    };
    const nine = (canary: boolean, names: string): object[] => Array.from({ length: 9 }, () => ({ canary, names }));
    expect(await capturedOf("gone")).toEqual(nine(true, "gone kept told"));
    await pool.query("ALTER TABLE refunds ADD COLUMN second text");
    expect(await capturedOf("second")).toEqual(nine(false, "gone kept told"));
    await pool.query("ALTER TABLE refunds DROP COLUMN second; ALTER TABLE refunds RENAME COLUMN kept TO other");
    expect(await capturedOf("other")).toEqual(nine(false, "gone told"));
    await pool.query("ALTER TABLE refunds DROP COLUMN gone; ALTER TABLE refunds ALTER COLUMN other TYPE varchar(9)");
    expect(await capturedOf("other")).toEqual(nine(false, "told"));
    session.release();
  },
);

test("triggers that are gone, off, or others, and functions that were altered, show up", async () => {
  await pool.query(`
    DROP TRIGGER auditrail_capture_delete ON notes;
    ALTER TABLE orders DISABLE TRIGGER auditrail_capture_update;
    DROP TRIGGER auditrail_capture_insert ON lines;
    CREATE TRIGGER auditrail_capture_insert AFTER INSERT ON lines REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
      EXECUTE FUNCTION auditrail_capture.tell_insert('lines', '1', '{number}', '{}');
    ALTER TABLE lines ENABLE ALWAYS TRIGGER auditrail_capture_insert;
    ALTER TABLE auditrail_capture.change DISABLE TRIGGER auditrail_guard;`);
  const found = await problems();
  expect(found["notes"]).toContain("auditrail_capture_delete is missing");
  expect(found["orders"]).toContain("auditrail_capture_update is switched off");
  expect(found["lines"]).toContain("is not the one that we make");
  await pool.query("INSERT INTO orders (id) VALUES (1); INSERT INTO lines VALUES (7, 'canary', 1)"); // As of an older version
  expect((await drainAll(pool)).map(({ after }) => after)).toContainEqual({ number: 7 });
  expect(found["auditrail_capture"]).toContain("guards its table change");
  await pool.query(
    "CREATE OR REPLACE FUNCTION auditrail_capture.tell_delete() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
  );
  expect((await problems())["auditrail_capture"]).toContain("tell_delete() is missing or altered");
  expect(await installCapture(pool, { catalogue, tables })).toMatchObject({ changed: true });
  expect(await problems()).toEqual({});
});

test("a session that replays changes does not get past the triggers", async () => {
  const client = await pool.connect();
  await client.query(
    "BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO notes VALUES ('replayed'); COMMIT",
  );
  client.release();
  expect((await drainAll(pool)).length).toBe(1);
});

test.for([
  [{ tables: { order: {} } }, "OPTION_INVALID", 'Did you mean "orders"?'],
  [{ tables: { orders: { mask: ["totl"] } } }, "OPTION_INVALID", 'Did you mean "total"?'],
  [{ tables: { orders: { mask: ["id"] } } }, "OPTION_INVALID", "its primary key is masked"],
  [{ tables: { orders: { exclude: "" } } }, "OPTION_INVALID", "exclude has to say why"],
  [{ tables: {}, mostRows: 0 }, "OPTION_INVALID", "mostRows is"],
  [{ tables: {}, mostRow: 1 }, "OPTION_UNKNOWN", "mostRow"],
] as const)("mistakes in the options are refused: %j", async ([options, code, says]) => {
  await expect(installCapture(pool, options as never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(says),
  });
});

test("draining and counting say where nothing was installed", async () => {
  await removeCapture(pool);
  await pool.query("DROP SCHEMA auditrail_capture CASCADE");
  await expect(drainChanges(pool, { record: async () => undefined })).rejects.toMatchObject({
    code: "CAPTURE_MISSING",
  });
  expect(await problems()).toMatchObject({ orders: expect.stringContaining("nobody decided") });
  expect((await problems({ catalogue, tables }))["orders"]).toContain("is missing");
});
