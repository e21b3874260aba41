import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { bundleProgram, type BundledProgram } from "../bundled-program.ts";
import { hasStrace, skipHere, withoutStrace } from "../skip-here.ts";
import { recordingChild } from "./cut-power.ts";
import { injectFault, type InjectedFault } from "./inject-fault.ts";

/** A few of each kind; `npm run fault -- injected` tries every occurrence. */
const cases: readonly InjectedFault[] = [
  { call: "fsync", fault: "error=EIO", occurrence: 4 },
  { call: "fsync", fault: "error=EIO", occurrence: 6, onwards: true },
  { call: "fsync", fault: "signal=KILL", occurrence: 7 },
  { call: "pwrite64", fault: "error=ENOSPC", occurrence: 80 },
  { call: "pwrite64", fault: "error=ENOSPC", occurrence: 150, onwards: true },
  { call: "pwrite64", fault: "error=EIO", occurrence: 121 },
  { call: "pwrite64", fault: "signal=KILL", occurrence: 203 },
  { call: "fsync", fault: "error=EIO", occurrence: 3, onwards: true, at: "guard" },
  { call: "pwrite64", fault: "signal=KILL", occurrence: 9, at: "guard" },
];

describe("a system call that fails", () => {
  let program: BundledProgram;
  beforeAll(async () => {
    program = await bundleProgram(recordingChild);
  });
  afterAll(() => program[Symbol.dispose]());

  it.for(cases)("loses nothing: $call $fault at $occurrence", { timeout: 60_000 }, async (injected, { skip }) => {
    if (!hasStrace) return skipHere(skip, withoutStrace);
    const outcome = await injectFault(program, injected);
    expect(outcome).toMatchObject({ missing: 0, happened: true, ended: injected.fault !== "signal=KILL" });
    // Once every flush fails nothing more is acknowledged: it is refused, as this trail has no spool.
    if (injected.onwards !== true) return;
    expect(outcome.unflushed).toBe(0);
    if (injected.at === "guard") expect(outcome).toMatchObject({ refused: 0, unsealed: expect.any(Number) });
    else expect(outcome.refused).toBeGreaterThan(0);
  });
});
