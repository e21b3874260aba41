/** Makes one system call of a recording and sealing process fail, or kills the process at it, and looks at what is left. */

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { openSqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import type { BundledProgram } from "../bundled-program.ts";
import { makePlace, storeOrigin, type SealedPlace } from "../sealed-place.ts";
import { parseAcknowledged, verifyPlace } from "../verify-place.ts";
import { joinUnfinished } from "./traced-disk.ts";

/** As strace names them. SQLite, as Node builds it, writes pages with the first and flushes them with the second. */
export const interestingCalls = ["pwrite64", "fsync", "ftruncate"] as const;
export const faults = ["error=EIO", "error=ENOSPC", "signal=KILL"] as const;

export interface InjectedFault {
  readonly call: (typeof interestingCalls)[number];
  readonly fault: (typeof faults)[number];
  /** Which of these calls of a thread fails; with `onwards`, all after it too. */
  readonly occurrence: number;
  readonly onwards?: boolean;
  /** In the database's files unless it is said that it is in the signing guard's. */
  readonly at?: "guard";
}

export interface FaultOutcome {
  readonly acknowledged: number;
  readonly refused: number;
  /** Rounds of sealing that failed. */
  readonly unsealed: number;
  /** Acknowledged events that are not in the trail. */
  readonly missing: number;
  /** Events acknowledged between a flush of the log of the database that failed and the next one that did not. */
  readonly unflushed: number;
  /** How many of the calls in question there were, of all threads. */
  readonly calls: number;
  /** Whether the fault has happened at all: past the last such call there is none. */
  readonly happened: boolean;
  /** Whether the process came to its end, or could not open the store and said which error of ours that was. */
  readonly ended: boolean;
}

const events = 24;

/** Rejects where what is left does not verify, or cannot be signed. */
export async function injectFault(program: BundledProgram, injected: InjectedFault): Promise<FaultOutcome> {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-inject-"));
  try {
    const place = makePlace(directory);
    const madeAt = { file: place.file, createIfMissing: true, origin: storeOrigin, threads: false };
    await (await openSqliteStore(madeAt)).close();
    const { told, calls } = runChild(program, directory, place, injected);
    const acknowledged = told.map(parseAcknowledged).filter((each) => each !== undefined);
    const { lost } = await verifyPlace(place, acknowledged, { sign: true });
    return {
      acknowledged: acknowledged.length,
      refused: told.filter((line) => line.startsWith("REFUSED")).length,
      unsealed: told.filter((line) => line === "SEALED failing").length,
      missing: lost.length,
      unflushed: countUnflushed(calls, `${basename(place.file)}-wal`),
      calls: calls.filter((line) => line.startsWith(`${injected.call}(`)).length,
      happened: calls.some((line) => line.includes("(INJECTED)") || line.includes("killed by SIGKILL")),
      ended: told.includes("END") || told.some((line) => /^UNOPENED (STORE|SPOOL)_[A-Z_]+$/.test(line)),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the child told on descriptor 3, and what it asked of the kernel. */
function runChild(program: BundledProgram, directory: string, place: SealedPlace, injected: InjectedFault) {
  const { call, fault, occurrence, onwards = false, at } = injected;
  const [told, log] = [join(directory, "told"), join(directory, "strace.log")];
  const descriptor = openSync(told, "w");
  // -P limits the fault to these files: Node's other business goes on. What is told is only looked at.
  const files = at === "guard" ? ["", "-journal"].map((suffix) => place.guard + suffix) : databaseFiles(place);
  const paths = [...files, told].flatMap((path) => ["-P", path]);
  const injection = `inject=${call}:${fault}:when=${occurrence}${onwards ? "+" : ""}`;
  const strace = ["-f", "-y", "-o", log, ...paths, "-e", `trace=write,${call}`, "-e", injection];
  const command = [process.execPath, program.file, JSON.stringify(place), "FULL", String(events)];
  spawnSync("strace", [...strace, ...command], {
    ...{ stdio: ["ignore", "ignore", "ignore", descriptor], timeout: 60_000, env: program.env },
  });
  closeSync(descriptor);
  return { told: readFileSync(told, "utf8").split("\n"), calls: [...joinUnfinished(readFileSync(log, "utf8"))] };
}

function databaseFiles({ file }: SealedPlace): readonly string[] {
  return ["", "-wal", "-shm"].map((suffix) => file + suffix);
}

/**
 * Acknowledgements while the last flush of the write-ahead log had failed. Groups are recorded one after the other, so
 * of the group whose flush fails only what an earlier flush has covered may still be told: at most three events.
 */
function countUnflushed(calls: readonly string[], log: string): number {
  let isFailed = false;
  let unflushed = 0;
  for (const line of calls) {
    if (line.includes("sync(") && line.includes(`${log}>`)) isFailed = line.includes("(INJECTED)");
    else if (isFailed && line.includes('"ACK ')) unflushed += 1;
  }
  return unflushed;
}
