/**
 * One server for all test files of a run. The first file that needs it starts it; it ends with the run, also when the
 * run is killed, because a process of its own (`server-keeper.ts`) keeps it and watches the run.
 */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Names the directory of the run, which `global-setup.ts` makes and removes. */
export const runDirectoryVariable = "AUDITRAIL_TEST_POSTGRES";

export interface Kept {
  readonly url: string;
  /** Of the keeper. */
  readonly pid: number;
}

const longestStartMs = 60_000;

/** The superuser's address of the run's server, or `TEST_DATABASE_URL`. */
export async function sharedServerUrl(): Promise<string> {
  const given = process.env["TEST_DATABASE_URL"] ?? "";
  if (given !== "") return given;
  const directory = process.env[runDirectoryVariable];
  if (directory === undefined)
    throw new Error("The test server is started by vitest's global set-up, which did not run.");
  if (claim(directory)) startKeeper(directory);
  const giveUpAt = performance.now() + longestStartMs;
  for (;;) {
    const kept = readKept(directory);
    if (kept !== undefined) return kept.url;
    if (performance.now() > giveUpAt || existsSync(join(directory, "failed")))
      throw new Error(`The test server did not start: ${readIfThere(join(directory, "failed"))}`);
    await sleep(20);
  }
}

/** Only one of several test files makes this directory. */
function claim(directory: string): boolean {
  try {
    mkdirSync(join(directory, "claimed"));
    return true;
  } catch {
    return false;
  }
}

function startKeeper(directory: string): void {
  const program = fileURLToPath(new URL("./server-keeper.ts", import.meta.url));
  const runPid = readFileSync(join(directory, "run"), "utf8");
  spawn(process.execPath, [program, directory, runPid], { detached: true, stdio: "ignore" }).unref();
}

export function readKept(directory: string): Kept | undefined {
  const text = readIfThere(join(directory, "kept"));
  return text === "" ? undefined : (JSON.parse(text) as Kept);
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
