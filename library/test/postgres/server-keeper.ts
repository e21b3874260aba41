/** The process that keeps a run's test server: `server-keeper.ts DIRECTORY PID`. Ends it when told to, or when the run is gone. */

import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Kept } from "./shared-server.ts";
import { startPostgres } from "./start-server.ts";

const [directory, runPid] = [process.argv[2]!, Number(process.argv[3])];
let isEnding = false;
process.on("SIGTERM", () => (isEnding = true));

try {
  const server = await startPostgres({ settings: { max_prepared_transactions: 50 } });
  const kept: Kept = { url: server.url, pid: process.pid };
  writeFileSync(join(directory, "kept.new"), JSON.stringify(kept), { mode: 0o600 });
  renameSync(join(directory, "kept.new"), join(directory, "kept"));
  while (!isEnding && isRunning(runPid)) await sleep(100);
  await server.stop();
} catch (error) {
  writeFileSync(join(directory, "failed"), String(error));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
