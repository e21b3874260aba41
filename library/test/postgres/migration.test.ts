/** A store of the first version of the schema, with entries, as the present one opens it. */

import { afterAll, expect, test } from "vitest";

import { parseQuery } from "../../src/query/parse-query.ts";
import { createTrail } from "../../src/stores/postgres/migrations/0001-create-trail.ts";
import { inSchema } from "../../src/stores/postgres/names.ts";
import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { inboxColumns } from "../../src/stores/postgres/put-entries.ts";
import { sampleEntries } from "../../src/testing/contract/sample-entries.ts";
import { createTestDatabase } from "./test-database.ts";

const { pool } = await createTestDatabase();
const role = `auditor_${crypto.randomUUID().slice(0, 8)}`;

afterAll(async () => {
  await pool.query(
    `DROP SCHEMA IF EXISTS first CASCADE; DROP SCHEMA IF EXISTS present CASCADE; DROP ROLE IF EXISTS ${role}`,
  );
});

/** What the first version kept of the entries that the present one has in `present`. */
async function makeFirstVersion(): Promise<void> {
  await pool.query(inSchema(createTrail, "first"));
  await pool.query(`
    INSERT INTO first.meta SELECT name, CASE name WHEN 'schema_version' THEN '1' ELSE value END FROM present.meta;
    INSERT INTO first.trail SELECT number, tenant, origin, 0, edge, recorded_at FROM present.trail;
    INSERT INTO first.entry SELECT * FROM present.entry ORDER BY key;
    UPDATE first.trail t SET size = p.size FROM present.trail p WHERE p.number = t.number;
    INSERT INTO first.target SELECT * FROM present.target;
    INSERT INTO first.sealed SELECT * FROM present.sealed;
    INSERT INTO first.search (key, words) SELECT key, words FROM present.search;
    INSERT INTO first.tally (trail, hour, log, action, outcome, entries)
      SELECT trail, hour, log, action, outcome, sum(entries) FROM present.tally GROUP BY 1, 2, 3, 4, 5;
    CREATE ROLE ${role};
    GRANT SELECT ON first.tally TO ${role};
    GRANT USAGE ON SCHEMA first TO ${role};
    REVOKE EXECUTE ON FUNCTION first.put_one FROM PUBLIC; GRANT EXECUTE ON FUNCTION first.put_one TO ${role}`);
}

test("a store of the first version opens, with all that the present one derives, and rights as they were", async () => {
  const present = await openPostgresStore({ connection: pool, schema: "present", createIfMissing: true });
  for (const tenant of ["ours", "theirs"])
    for (const severity of ["info", "error"] as const)
      await present.append(sampleEntries(present, 5, { tenant, severity, message: `${severity} of ${tenant}` }));
  await pool.query("CREATE SCHEMA first");
  await makeFirstVersion();

  const migrated = await openPostgresStore({ connection: pool, schema: "first" });
  for (const table of ["tally", "tally_log", "search"]) {
    const rows = async (schema: string) =>
      (await pool.query(`SELECT to_jsonb(t)::text AS row FROM ${schema}.${table} t ORDER BY 1`)).rows;
    expect(await rows("first")).toEqual(await rows("present"));
  }
  for (const tenant of ["ours", "theirs"]) {
    expect(await migrated.checkTotals!(tenant)).toEqual([]);
    expect(await migrated.checkDerived!(tenant, 0, 100)).toEqual([]);
    const query = parseQuery("-op:read severity:error", { now: 0, zone: "UTC" });
    expect(await migrated.count({ tenant, query, by: ["op"] })).toEqual([{ keys: ["other"], count: 5 }]);
  }
  await migrated.append(sampleEntries(migrated, 1, { tenant: "ours" }));
  expect(await migrated.checkTotals!("ours")).toEqual([]);
  const [may] = (await pool.query("SELECT has_table_privilege($1, 'first.tally_log', 'SELECT') AS may", [role])).rows;
  expect(may).toEqual({ may: true });
  await expectPutsAlone("first.inbox");
  await migrated.close();
  await present.close();
});

/** Whoever may call the function may insert what it inserts, and decide neither number nor time. */
async function expectPutsAlone(inbox: string): Promise<void> {
  const { rows } = await pool.query<{ column: string; may: boolean }>(
    `SELECT attname AS column, has_column_privilege($1, $2, attname, 'INSERT') AS may FROM pg_attribute WHERE attrelid = $2::regclass AND attnum > 0`,
    [role, inbox],
  );
  const refused = rows.filter(({ may }) => !may).map(({ column }) => column);
  expect(refused).toEqual(["number", "put_at"]);
  expect(rows.length).toBe(inboxColumns.length + refused.length);
}

test("an hour that was counted wrongly is found, in either table, and so is a time beside words", async () => {
  const store = await openPostgresStore({ connection: pool, schema: "present" });
  for (const change of [
    "UPDATE present.tally SET entries = entries + 1",
    "UPDATE present.tally_log SET entries = entries + 1",
    "DELETE FROM present.tally_log",
  ]) {
    await pool.query(change);
    expect((await store.checkTotals!("ours")).map(({ column }) => column)).toContain("tally");
    await pool.query("UPDATE present.tally SET entries = 5; DELETE FROM present.tally_log");
    await pool.query(
      "INSERT INTO present.tally_log SELECT trail, log, hour, op, outcome, sum(entries) FROM present.tally GROUP BY 1, 2, 3, 4, 5",
    );
    expect(await store.checkTotals!("ours")).toEqual([]);
  }
  await pool.query("UPDATE present.search SET time = time + 1 WHERE key = 1::bigint << 32");
  expect((await store.checkDerived!("ours", 0, 100)).map(({ seq, column }) => [seq, column])).toEqual([[0, "text"]]);
  await store.close();
});
