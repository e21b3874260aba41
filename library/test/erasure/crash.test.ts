/** An erasing process is killed between every two of its steps: what is left always verifies, and is finished later. */

import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

import { verifyTrail } from "../../src/integrity/verify-trail.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { bundleProgram, type BundledProgram } from "../fault/bundled-program.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { checkStore, findInFiles, openWorld, recordOrders, traces } from "./erasing-world.ts";
import { policyFor, publishCheckpoints } from "./publish-checkpoints.ts";

const run = promisify(execFile);
let child: BundledProgram;

beforeAll(async () => {
  child = await bundleProgram({ child: join(import.meta.dirname, "erasing-child.ts") });
}, 60_000);
afterAll(() => child[Symbol.dispose]());

const runChild = (file: string, operation: string, kill: number): Promise<{ stdout: string }> =>
  run(process.execPath, [child.file, file, operation, String(kill)], { env: child.env });

async function prepare(directory: string, entries: number): Promise<string> {
  const world = await openWorld("sqlite", { file: join(directory, "before.db") });
  await recordOrders(world.trail, entries);
  await publishCheckpoints(world.store);
  await world.close();
  return world.file;
}

const openStore = async (file: string): Promise<Store<never>> =>
  (await openSqliteStore({ file, threads: false })) as unknown as Store<never>;

/** What a verifier says of the trail, who knows nothing of erasing but what the entries tell. */
async function verify(store: Store<never>) {
  const [head] = await store.listTrails();
  const { verdict, findings, counts } = await verifyTrail(
    await openStoreEvidence(store as Store<unknown>, "default"),
    policyFor(head!.origin),
  );
  expect({ verdict, findings }).toEqual({ verdict: "verified", findings: [] });
  return counts;
}

/** The erasure's own entry may be there or not; what it names is gone by halves at most, and every proof holds. */
async function checkAfterCrash(file: string, entries: number): Promise<"nothing" | "announced" | "finished"> {
  const store = await openStore(file);
  await checkStore(store, file);
  await verify(store);
  const [head] = await store.listTrails();
  const pending = await store.listErasures("default");
  await publishCheckpoints(store);
  await store.close();
  if (head!.size === entries) return "nothing";
  return pending.length > 0 ? "announced" : "finished";
}

/** The next start: opening finishes what was begun. */
async function restart(file: string): Promise<void> {
  const world = await openWorld("sqlite", { file });
  await world.check();
  await verify(world.store);
  expect(await world.erasure.resume()).toEqual([]);
  await world.close();
}

/** The first and the last steps and some between; every one with `AUDITRAIL_CRASH=all`. */
function killsOf(steps: number): readonly number[] {
  const all = Array.from({ length: steps }, (_, index) => index + 1);
  if (process.env["AUDITRAIL_CRASH"] === "all") return all;
  const every = Math.ceil(steps / 6);
  return all.filter((kill) => kill < 4 || kill > steps - 4 || kill % every === 0);
}

test.each([
  { operation: "shred", entries: 40 },
  { operation: "redact", entries: 40 },
  { operation: "prune", entries: 2_600 },
])(
  "killed anywhere in $operation, nothing is lost and nothing is left",
  { timeout: 300_000 },
  async ({ operation, entries }) => {
    const directory = temporaryDirectory();
    const before = await prepare(directory, entries);
    const whole = join(directory, "whole.db");
    copyFileSync(before, whole);
    const steps = Number((await runChild(whole, operation, 0)).stdout);
    expect(steps).toBeGreaterThan(10);
    const seen = new Set<string>();
    for (const kill of killsOf(steps)) {
      const file = join(directory, `killed-${kill}.db`);
      copyFileSync(before, file);
      await expect(runChild(file, operation, kill), `step ${kill} of ${steps}`).rejects.toMatchObject({
        signal: "SIGKILL",
      });
      const state = await checkAfterCrash(file, entries);
      seen.add(state);
      await restart(file);
      if (state === "nothing") continue;
      if (operation !== "prune") expect(findInFiles(file, traces(3)), `step ${kill}`).toEqual([]);
    }
    expect([...seen].toSorted()).toEqual(expect.arrayContaining(["announced", "nothing"]));
  },
);
