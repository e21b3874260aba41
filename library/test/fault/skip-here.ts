/** What a fault test needs of the machine it runs on. */

import { spawnSync } from "node:child_process";

/** Whether strace is there and may trace: containers often forbid that. */
export const hasStrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

export const withoutStrace = "strace is missing, or may not trace";

/** Skips a test that cannot run here, and says why; in CI, where all have to run, that is a failure. */
export function skipHere(skip: (reason: string) => void, reason: string): void {
  if ((process.env["CI"] ?? "") !== "") throw new Error(`This fault test cannot run here: ${reason}.`);
  console.warn(`A fault test is skipped: ${reason}.`);
  skip(reason);
}
