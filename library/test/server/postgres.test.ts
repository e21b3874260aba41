/** The server on a trail in Postgres: as the command line serves it, and what it tells when positions are not given. */

import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { createIdSource } from "../../src/base/ids.ts";
import { decodeBase64, decodeHex } from "../../src/base/bytes.ts";
import { systemClock } from "../../src/base/time.ts";
import { verifyInclusion } from "../../src/integrity/inclusion-proof.ts";
import { createServer } from "../../src/server/create-server.ts";
import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { collect, jsonLines, makeDirectory, runCli, startCli } from "../cli/run-cli.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import {
  catalogue,
  json,
  makeKey,
  password,
  passwordCostLog2,
  requestOf,
  sendTo,
  setUp,
  signIn,
  withKey,
  type Send,
} from "./test-server.ts";

const { url, pool } = await createTestDatabase();

/** The first server-sent event with this name. */
async function readEvent(response: Response, name: string): Promise<string> {
  let seen = "";
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    seen += value ?? "";
    const found = seen.split("\n\n").find((event) => event.includes(`event: ${name}\n`) && event.includes("data:"));
    if (found === undefined && !done) continue;
    await reader.cancel();
    return found ?? "";
  }
}

test("AUDITRAIL_STORE serves a trail in Postgres: signing in, lists, entries, proofs, taking in, the tail, exports", async () => {
  const directory = makeDirectory();
  const settings = { directory, env: { AUDITRAIL_STORE: `${url}?schema=served` } };
  expect((await runCli(["init", "--origin", "audit.example.com/served"], settings)).code).toBe(0);
  await runCli(["record", "order.placed", "--actor", "user/42", "--target", "order/7"], settings);
  const child = startCli(["serve", "--json", "--listen", "127.0.0.1:0"], settings);
  const ended = collect(child);
  const line = await new Promise<string>((resolve) => child.stdout!.once("data", resolve));
  const { url: served, setUpUrl } = JSON.parse(line) as { url: string; setUpUrl: string };
  const send: Send = (path, init) => fetch(requestOf(served + path, init));
  const made = { token: setUpUrl.split("=")[1], name: "root", password, roles: ["administrator", "auditor"] };
  expect((await send("/api/v1/set-up", { method: "POST", json: made })).status).toBe(201);
  const root = await signIn(send, "root");

  const tail = await root.send("/api/v1/tail?query=action:order.packed");
  const arriving = readEvent(tail, "entry");
  const writer = withKey(send, await makeKey(root, ["events:write", "metrics:read"]));
  const events = [{ id: createIdSource(systemClock)(), action: "order.packed", target: { type: "order", id: "7" } }];
  for (const _ of ["first", "again"])
    expect(await json(await writer("/api/v1/events", { method: "POST", json: { events } }))).toMatchObject({
      recorded: 1,
      results: [{ status: "recorded", id: events[0]!.id }],
    });
  expect(await arriving).toContain("order.packed");

  const page = await json<{ entries: { seq: number; event: { action: string } }[] }>(
    await root.send("/api/v1/entries?query=target:order/7"),
  );
  expect(page.entries.map(({ event }) => event.action)).toEqual(["order.packed", "order.placed"]);
  const { seq } = page.entries[0]!;
  expect(await json(await root.send(`/api/v1/entries/${seq}`))).toMatchObject({ seq });
  const proof = await json<{ seq: number; size: number; root: string; leafHash: string; path: string[] }>(
    await root.send(`/api/v1/entries/${seq}/proof`),
  );
  verifyInclusion({
    ...{ index: proof.seq, size: proof.size, root: decodeBase64(proof.root) },
    ...{ leafHash: decodeHex(proof.leafHash), proof: proof.path.map(decodeBase64) },
  });
  const exported = await (await root.send("/api/v1/export?query=target:order/7&format=jsonl")).text();
  expect(jsonLines(exported)).toHaveLength(2);
  const metrics = await (await writer("/metrics")).text();
  expect(metrics).toMatch(/^auditrail_unplaced_events 0$/m);
  expect(metrics).toMatch(/^auditrail_placing_failures_total 0$/m);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
}, 60_000);

test("events that get no position are told by health and metrics, with the reason, until they do", async () => {
  const store = await openPostgresStore({
    ...{ connection: pool, schema: "stuck", createIfMissing: true, sequenceEveryMs: 20 },
  });
  const trail = await openTrail({ catalogue, store, exitHooks: false });
  const server = createServer({ trail, store, catalogue, passwordCostLog2, accounts: ":memory:" });
  const root = await setUp(server, sendTo(server));
  const scraper = withKey(sendTo(server), await makeKey(root, ["metrics:read"]));
  const recordAtomically = async (): Promise<void> => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await trail.in(client).record("voucher.applied", { actor: { type: "user", id: "7" }, data: undefined });
    await client.query("COMMIT");
    client.release();
  };
  await recordAtomically();
  await expect.poll(async () => (await trail.count("log:voucher"))[0]?.count, { timeout: 20_000 }).toBe(1);
  await expect
    .poll(() => trail.health(), { timeout: 20_000 })
    .toMatchObject({ state: "ok", placing: { waiting: 0, refused: 0, failures: 0 } });

  await pool.query("ALTER TABLE stuck.tally RENAME TO tally_elsewhere");
  await recordAtomically();
  await recordAtomically();
  await expect.poll(() => trail.health().state, { timeout: 20_000 }).toBe("degraded");
  const { placing, lastError } = trail.health();
  expect(placing!.failures).toBeGreaterThan(0);
  expect(lastError).toMatchObject({ message: expect.stringContaining("Cannot give positions") });
  await sleep(50);
  const told = await (await scraper("/metrics")).text();
  expect(told).toMatch(/^auditrail_unplaced_events 2$/m);
  expect(Number(/^auditrail_placing_lag_seconds (.*)$/m.exec(told)![1])).toBeGreaterThan(0.05);
  expect(told).toMatch(/^auditrail_degraded 1$/m);

  await pool.query("ALTER TABLE stuck.tally_elsewhere RENAME TO tally");
  await expect.poll(() => trail.health().state, { timeout: 20_000 }).toBe("ok");
  await expect.poll(async () => (await trail.count("log:voucher"))[0]?.count, { timeout: 20_000 }).toBe(3);
  const mended = await (await scraper("/metrics")).text();
  expect(mended).toMatch(/^auditrail_placing_failures_total [1-9]\d*$/m);
  await server.close();
  await trail.close();
});
