/** Through PgBouncer in transaction mode, where each transaction may have another session: the store, callers' transactions, captures. */

import { spawn, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { drainChanges, installCapture, writeInOperation } from "../../src/capture/postgres-triggers/index.ts";
import { runWithContext } from "../../src/context/context.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { openPostgresStore, type PostgresTransaction } from "../../src/stores/postgres/index.ts";
import { storeContract } from "../../src/testing/index.ts";
import { sampleEntries } from "../../src/testing/contract/sample-entries.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { postgresHarness } from "../contracts/postgres-harness.ts";
import { catalogue } from "../postgres-triggers/shop-database.ts";
import { inTransaction } from "./in-transaction.ts";
import { serverOwner } from "./start-server.ts";
import { createTestDatabase } from "./test-database.ts";

const { url, pool } = await createTestDatabase();
const { pool: elsewhere } = await createTestDatabase();

const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
const program = places.map((place) => join(place, "pgbouncer")).find((path) => existsSync(path));
const reason = program === undefined ? " (skipped: there is no pgbouncer on this machine)" : "";

interface Bouncer {
  readonly url: string;
  readonly process: ChildProcess;
  readonly directory: string;
}

/** Three sessions for all clients, handed over with each transaction; nothing of a session is reset in between. */
async function startBouncer(): Promise<Bouncer> {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-bouncer-"));
  const server = new URL(url);
  const port = await freePort();
  const settings = join(directory, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
* = host=${server.hostname} port=${server.port} user=${server.username} password=${server.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
`,
    { mode: 0o600 },
  );
  const owner = serverOwner();
  if (owner.uid !== undefined) for (const path of [directory, settings]) chownSync(path, owner.uid, owner.gid);
  const child = spawn(program!, ["--quiet", settings], { ...owner, cwd: directory, stdio: "ignore" });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`);
    await sleep(20);
  }
  return { url: `postgres://postgres@127.0.0.1:${port}${server.pathname}`, process: child, directory };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

describe.skipIf(program === undefined)(`through PgBouncer in transaction mode${reason}`, () => {
  let bouncer: Bouncer;
  let pooled: pg.Pool;

  beforeAll(async () => {
    bouncer = await startBouncer();
    pooled = new pg.Pool({ connectionString: bouncer.url, max: 20 });
    pooled.on("error", () => undefined);
  });
  afterAll(async () => {
    await pooled.end();
    bouncer.process.kill("SIGINT");
    rmSync(bouncer.directory, { recursive: true, force: true });
  });

  const transact = <Result>(fn: (transaction: PostgresTransaction) => Promise<Result>): Promise<Result> =>
    inTransaction(pooled, fn);

  test.for(["pg", "postgres.js"])(
    "two stores and callers' transactions on %s share three sessions, and each event has its place",
    async (driver) => {
      const schema = `bouncer_${driver.replace(".", "")}`;
      await (await openPostgresStore({ connection: pool, schema, createIfMissing: true })).close();
      const sql = postgres(bouncer.url, { max: 8, onnotice: () => undefined });
      const connection = driver === "pg" ? pooled : sql;
      const stores = [
        await openPostgresStore({ connection, schema }),
        await openPostgresStore({ connection, schema, sequenceEveryMs: 20 }),
      ];
      const direct = stores.map((store) => store.append(sampleEntries(store, 50)));
      const within = Array.from({ length: 40 }, (_, index) =>
        transact(
          (transaction) => stores[index % 2]!.appendIn(transaction, sampleEntries(stores[0]!, 2)) as Promise<unknown>,
        ),
      );
      await Promise.all([...direct, ...within]);
      await expect.poll(async () => (await stores[0]!.listTrails())[0]!.size, { timeout: 20_000 }).toBe(180);
      expect(stores.map((store) => store.placing!().failures)).toEqual([0, 0]);
      for (const store of stores) await store.close();
      await sql.end();
    },
  );

  test("whose change it was ends with the transaction, whichever session the next one has", async () => {
    await pool.query("CREATE TABLE notes (text text)");
    await installCapture(pool, { catalogue, tables: { notes: {} } });
    const write = (index: number): Promise<unknown> =>
      runWithContext({ actor: { type: "user", id: String(index) } }, () =>
        transact((client) =>
          index % 3 === 0
            ? (client as pg.PoolClient).query("INSERT INTO notes VALUES ('0')")
            : writeInOperation(client, () => (client as pg.PoolClient).query("INSERT INTO notes VALUES ($1)", [index])),
        ),
      );
    await Promise.all(Array.from({ length: 60 }, (_, index) => write(index)));
    const trail = await openTrail({ catalogue, store: openMemoryStore() });
    expect(await drainChanges(pooled, trail)).toEqual({ changes: 60, withoutContext: 20 });
    const seen: string[] = [];
    for await (const { event } of trail.entries("log:row"))
      seen.push(`${event.actor.id ?? "-"} ${(event.after as { text: string }).text}`);
    expect(seen.filter((text) => text !== "- 0" && new Set(text.split(" ")).size > 1)).toEqual([]);
    await trail.close();
  });

  // The whole contract takes some seconds, and differs from the run on pg in nothing but the pooler.
  describe.runIf(process.env["AUDITRAIL_POSTGRES"] === "all")("the contract", () => {
    const idle = async (): Promise<PostgresTransaction> => {
      const client = await pooled.connect();
      client.release();
      return client;
    };
    const late = new Proxy({} as pg.Pool, { get: (_, name) => Reflect.get(pooled, name).bind(pooled) as unknown });
    const harness = postgresHarness({ connection: late, elsewhere, transact, idle });
    for (const { name, run } of storeContract(harness)) test(name, run);
  });
});
