/**
 * Vitest's global set-up: a place for what the processes of a run share. That is its Postgres server, which the first test
 * file that asks for it starts, and what Node compiled.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readKept, runDirectoryVariable } from "./shared-server.ts";

let directory: string | undefined;

export function setup(): void {
  directory = mkdtempSync(join(tmpdir(), "auditrail-run-"));
  writeFileSync(join(directory, "run"), String(process.pid));
  process.env[runDirectoryVariable] = directory;
  // A store's thread, run from source, strips the types of a hundred modules: with this only the first one does. Vitest's
  // processes and the programs of the tests start faster too.
  process.env["NODE_COMPILE_CACHE"] = join(directory, "compiled");
}

export async function teardown(): Promise<void> {
  if (directory === undefined) return;
  const kept = readKept(directory);
  if (kept !== undefined) await endKeeper(kept.pid);
  rmSync(directory, { recursive: true, force: true });
}

async function endKeeper(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGTERM");
    for (;;) {
      process.kill(pid, 0);
      await sleep(20);
    }
  } catch {
    // It has ended.
  }
}
