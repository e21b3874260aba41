/** The command line over a trail in Postgres: AUDITRAIL_STORE names a database instead of a file. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { createTestDatabase } from "../postgres/test-database.ts";
import { runCli } from "./run-cli.ts";

const { url, pool } = await createTestDatabase();
const directory = mkdtempSync(join(tmpdir(), "auditrail-cli-postgres-"));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...args: readonly string[]) => runCli(args, { directory, env: { AUDITRAIL_STORE: url } });

test("a trail is made, recorded into, asked, verified and examined", async () => {
  const before = await run("query", "");
  expect([before.code, before.stderr]).toEqual([1, expect.stringContaining("STORE_FOREIGN")]);
  const made = await run("init", "--origin", "audit.example.com/shop");
  expect([made.code, made.stderr]).toEqual([0, ""]);
  expect(made.stdout).toContain("audit.example.com/shop");
  expect(made.stdout, "the password is nobody's to read").not.toContain(new URL(url).password);
  for (const order of ["order/7", "order/8"])
    expect((await run("record", "order.placed", "--actor", "user/42", "--target", order)).stderr).toBe("");
  const found = await run("query", "target:order/8", "--json");
  expect(JSON.parse(found.stdout)).toMatchObject({ seq: 1 });
  expect((await run("trails")).stdout).toContain("default");
  // All is well with it, and nothing outside of it says so: no checkpoint was signed yet.
  expect((await run("verify")).code).toBe(4);
  const examined = await run("doctor", "--json");
  const findings = examined.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { check: string; state: string });
  expect(findings.filter(({ check }) => check === "entries" || check === "inbox").map(({ state }) => state)).toEqual([
    "ok",
    "ok",
  ]);
  expect((await run("init")).stdout).toContain("is a trail already, with 2 entries");
});

test("doctor finds an entry whose columns were changed, with exit code 2", async () => {
  await pool.query("ALTER TABLE auditrail.entry DISABLE TRIGGER USER");
  await pool.query("UPDATE auditrail.entry SET actor_id = 'somebody else' WHERE key & 4294967295 = 1");
  const examined = await run("doctor");
  expect(examined.code).toBe(2);
  expect(examined.stdout).toContain("actor_id");
});

test("a database that is not there is an error that says so, without the password", async () => {
  const address = new URL(url);
  address.pathname = "/nowhere";
  const asked = await runCli(["query", ""], { directory, env: { AUDITRAIL_STORE: address.href } });
  expect([asked.code, asked.stderr]).toEqual([66, expect.stringContaining("STORE_NOT_FOUND")]);
  expect(asked.stderr).not.toContain(address.password);
});
