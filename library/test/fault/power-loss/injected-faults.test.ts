import { describe, expect, it } from "vitest";

import { injectFault, type InjectedFault } from "./inject-fault.ts";
import { hasStrace } from "./traced-disk.ts";

/** A few of each kind; `npm run fault -- injected` tries every occurrence. */
const cases: readonly InjectedFault[] = [
  { call: "fsync", fault: "error=EIO", occurrence: 4 },
  { call: "fsync", fault: "error=EIO", occurrence: 6, onwards: true },
  { call: "fsync", fault: "signal=KILL", occurrence: 7 },
  { call: "pwrite64", fault: "error=ENOSPC", occurrence: 80 },
  { call: "pwrite64", fault: "error=ENOSPC", occurrence: 150, onwards: true },
  { call: "pwrite64", fault: "error=EIO", occurrence: 121 },
  { call: "pwrite64", fault: "signal=KILL", occurrence: 203 },
];

describe.skipIf(!hasStrace && process.env["CI"] === undefined)("a system call that fails", () => {
  it.each(cases)("loses nothing that was acknowledged: $call $fault at $occurrence", { timeout: 60_000 }, async (injected) => {
    const outcome = await injectFault(injected);
    expect(outcome.missing).toBe(0);
    expect(outcome.ended).toBe(injected.fault !== "signal=KILL");
    // Once every flush fails nothing more is acknowledged: it is refused, as this trail has no spool.
    if (injected.onwards === true) expect(outcome.refused).toBeGreaterThan(0);
  });
});
