/** The pantry with its trail in Postgres: the same history, and nothing lost between the pantry's commit and the trail. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, expect, test } from "vitest";

import { createTestDatabase } from "../../../library/test/postgres/test-database.ts";
import { openPantry, type Pantry } from "../domain/pantry.ts";
import { createVoucher } from "../domain/vouchers.ts";
import { seedPantry } from "../seed/half-year.ts";

const { url } = await createTestDatabase();
const directory = mkdtempSync(join(tmpdir(), "pantry-postgres-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = join(directory, "pantry.db");
const trailAt = `${url}?schema=pantry`;
const open = (): Promise<Pantry> => openPantry({ file, trailAt, zone: "UTC", passwordCostLog2: 4 });
const program = fileURLToPath(new URL("bin/auditrail.js", import.meta.resolve("auditrail/package.json")));

async function countEntries({ trail }: Pantry, query: string): Promise<number> {
  return (await trail.count(query))[0]?.count ?? 0;
}

const countRows = (table: string): number => {
  const database = new DatabaseSync(file, { readOnly: true });
  const { count } = database.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number };
  database.close();
  return count;
};

test("a history has an entry for each thing that the pantry's tables say, and the command line reads it", async () => {
  await seedPantry({ file, trailAt, participants: 8, weeks: 1, zone: "UTC" });
  expect(() => countRows("auditrail_entry"), "the trail is not in the pantry's file").toThrow(/no such table/);
  expect(countRows("auditrail_outbox")).toBe(0);
  const pantry = await open();
  for (const [table, query] of [
    ["voucher", "action:voucher.created"],
    ["participant", "action:pantry.participant-registered"],
  ] as const) {
    expect(countRows(table), table).toBeGreaterThan(0);
    expect([table, await countEntries(pantry, query)]).toEqual([table, countRows(table)]);
  }
  await pantry.close();
  const env = { ...process.env, AUDITRAIL_STORE: trailAt };
  const found = await promisify(execFile)(process.execPath, [program, "query", "action:voucher.created", "--json"], {
    env,
  });
  expect(found.stdout.trim().split("\n")).toHaveLength(countRows("voucher"));
  await expect(seedPantry({ file: join(directory, "other.db"), trailAt })).rejects.toThrow(/has entries already/);
}, 120_000);

test("what is rolled back leaves no event", async () => {
  const pantry = await open();
  const before = await countEntries(pantry, "action:pantry.settings-changed");
  const failing = () =>
    pantry.transaction((record) => {
      record("pantry.settings-changed", { target: { type: "settings", id: "vouchers" } } as never);
      throw new Error("no");
    });
  expect(failing).toThrow("no");
  await pantry.delivered();
  expect(await countEntries(pantry, "action:pantry.settings-changed")).toBe(before);
  await pantry.close();
});

test("a pantry that is killed in the moment of its commit delivers the event when it starts again, once", async () => {
  const before = countRows("voucher");
  const database = new DatabaseSync(file, { readOnly: true });
  const { number } = database.prepare("SELECT number FROM participant LIMIT 1").get() as { number: string };
  database.close();
  const killed = fileURLToPath(new URL("killed-after-commit.ts", import.meta.url));
  const child = spawn(process.execPath, [killed, file, trailAt, number], { stdio: "inherit" });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  expect([countRows("voucher"), countRows("auditrail_outbox")]).toEqual([before + 1, 1]);
  const pantry = await open();
  await pantry.delivered();
  expect(countRows("auditrail_outbox")).toBe(0);
  expect(await countEntries(pantry, "action:voucher.created")).toBe(before + 1);
  await expect
    .poll(() => pantry.trail.health(), { timeout: 20_000 })
    .toMatchObject({ state: "ok", placing: { waiting: 0 } });
  await pantry.close();
});

test("the pantry goes on while Postgres is away, and its trail catches up", async () => {
  const pantry = await open();
  const { number } = pantry.sql.get<{ number: string }>`SELECT number FROM participant LIMIT 1`!;
  const before = await countEntries(pantry, "action:voucher.created");
  const admin = new URL(url);
  const name = admin.pathname.slice(1);
  admin.pathname = "/postgres";
  const { default: pg } = await import("pg");
  const server = new pg.Client({ connectionString: admin.href });
  await server.connect();
  await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
  createVoucher(pantry, number, { kind: "grocery" });
  await expect(pantry.delivered()).rejects.toThrow();
  await expect.poll(() => pantry.trail.health().state, { timeout: 20_000 }).toBe("degraded");
  await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await server.end();
  await expect.poll(() => countEntries(pantry, "action:voucher.created"), { timeout: 20_000 }).toBe(before + 1);
  await pantry.close();
}, 60_000);
