/** Makes one system call of a recording process fail, or kills the process at it, and looks at what is left. */

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openSqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { checkTrails } from "../../../src/testing/check-trails.ts";

/** As strace names them. SQLite, as Node builds it, writes pages with the first and flushes them with the second. */
export const interestingCalls = ["pwrite64", "fsync", "ftruncate"] as const;
export const faults = ["error=EIO", "error=ENOSPC", "signal=KILL"] as const;

export interface InjectedFault {
  readonly call: (typeof interestingCalls)[number];
  readonly fault: (typeof faults)[number];
  /** Which of these calls of the writing thread fails; with `onwards`, all after it too. */
  readonly occurrence: number;
  readonly onwards?: boolean;
}

export interface FaultOutcome {
  readonly acknowledged: number;
  readonly refused: number;
  /** Acknowledged events that are not in the trail. */
  readonly missing: number;
  /** Whether the process came to its end. */
  readonly ended: boolean;
}

const events = 24;

export async function injectFault({ call, fault, occurrence, onwards }: InjectedFault): Promise<FaultOutcome> {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-inject-"));
  try {
    const file = join(directory, "trail.db");
    await (await openSqliteStore({ file, createIfMissing: true, threads: false })).close();
    const told = runChild(directory, file, `${call}:${fault}:when=${occurrence}${onwards === true ? "+" : ""}`);
    const acknowledged = told.filter((line) => line.startsWith("ACK ")).map((line) => line.slice(4));
    const store = await openSqliteStore({ file, threads: false });
    await checkTrails(store);
    const found = await Promise.all(acknowledged.map((id) => store.readById("default", id)));
    await store.close();
    return {
      acknowledged: acknowledged.length,
      refused: told.filter((line) => line.startsWith("REFUSED")).length,
      missing: found.filter((entry) => entry === undefined).length,
      ended: told.includes("END"),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the child told on descriptor 3. */
function runChild(directory: string, file: string, injection: string): readonly string[] {
  const told = join(directory, "told");
  const descriptor = openSync(told, "w");
  const child = join(import.meta.dirname, "recording-child.ts");
  // -P limits the fault to the database's own files: Node's other business goes on.
  const paths = ["", "-wal", "-shm"].flatMap((suffix) => ["-P", file + suffix]);
  spawnSync(
    "strace",
    ["-f", "-qq", "-o", "/dev/null", ...paths, "-e", `inject=${injection}`, process.execPath, child, file, "FULL", String(events)],
    { stdio: ["ignore", "ignore", "ignore", descriptor], timeout: 60_000 },
  );
  closeSync(descriptor);
  return readFileSync(told, "utf8").split("\n");
}
