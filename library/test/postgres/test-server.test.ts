import { expect, test } from "vitest";

import { createTestDatabase } from "./test-database.ts";

const { pool } = await createTestDatabase();

test("each test file has a database of its own on a Postgres that the project supports", async () => {
  const { rows } = await pool.query<{ name: string; version: string; encoding: string }>(
    "SELECT current_database() AS name, current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding",
  );
  expect(rows[0]!.name).toMatch(/^auditrail_test_[0-9a-f]{32}$/);
  expect(Number(rows[0]!.version)).toBeGreaterThanOrEqual(140_000);
  expect(rows[0]!.encoding).toBe("UTF8");
  const { rows: tables } = await pool.query("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'public'");
  expect(tables).toEqual([]);
});
