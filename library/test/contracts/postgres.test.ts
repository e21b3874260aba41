import postgres from "postgres";
import { afterAll, describe, test } from "vitest";

import type { PostgresTransaction } from "../../src/stores/postgres/index.ts";
import { storeContract } from "../../src/testing/index.ts";
import { inTransaction } from "../postgres/in-transaction.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { postgresHarness } from "./postgres-harness.ts";

const { pool, url } = await createTestDatabase();
const sql = postgres(url, { onnotice: () => undefined });
afterAll(() => sql.end());
const { pool: elsewhere } = await createTestDatabase();

const transactWithPg = <Result>(fn: (transaction: PostgresTransaction) => Promise<Result>): Promise<Result> =>
  inTransaction(pool, fn);

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
