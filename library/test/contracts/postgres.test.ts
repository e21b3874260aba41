import postgres from "postgres";
import { afterAll, describe, test } from "vitest";

import type { PostgresTransaction } from "../../src/stores/postgres/index.ts";
import { storeContract } from "../../src/testing/index.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { postgresHarness } from "./postgres-harness.ts";

const { pool, url } = await createTestDatabase();
const sql = postgres(url, { onnotice: () => undefined });
afterAll(() => sql.end());
const { pool: elsewhere } = await createTestDatabase();

async function transactWithPg<Result>(fn: (transaction: PostgresTransaction) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await fn(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function idle(): Promise<PostgresTransaction> {
  const client = await pool.connect();
  client.release();
  return client;
}

describe("the Postgres store on pg", () => {
  const harness = postgresHarness({ connection: pool, elsewhere, transact: transactWithPg, idle });
  for (const { name, run } of storeContract(harness)) test(name, run);
});

describe("the Postgres store on postgres.js", () => {
  const harness = postgresHarness({ connection: sql, elsewhere, transact: transactWithPg, idle });
  for (const { name, run } of storeContract(harness)) test(name, run);
});
