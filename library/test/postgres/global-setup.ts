/** Vitest's global set-up: a place for the run's Postgres server, which is started by the first test file that asks for it. */

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
