/** A database for one test file, on the server of the run. */

import pg from "pg";
import { afterAll } from "vitest";

import { sharedServerUrl } from "./shared-server.ts";

export interface TestDatabase {
  readonly url: string;
  /** A pool of the superuser's connections, closed after the file. */
  readonly pool: pg.Pool;
}

/** An empty database, dropped after the test file. Call it once, at the top of the file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await sharedServerUrl();
  const name = `auditrail_test_${crypto.randomUUID().replaceAll("-", "")}`;
  await runOn(server, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 20 });
  pool.on("error", () => undefined); // Tests end connections from outside.
  afterAll(async () => {
    await pool.end();
    await runOn(server, `DROP DATABASE ${name} WITH (FORCE)`);
  });
  return { url: url.href, pool };
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
