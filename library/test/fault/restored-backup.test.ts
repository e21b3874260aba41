/** With real processes; `sealing/restored-backup.test.ts` has the cases one by one. */

import { expect, test } from "vitest";

import { restoreAgainAndAgain } from "./killing/restore-backup.ts";

test(
  "a backup that is put back is recorded into and not signed, until an operator begins a new epoch",
  { timeout: 120_000 },
  async () => {
    const { restored, gone } = await restoreAgainAndAgain(2, 6);
    expect(restored).toBeGreaterThan(0);
    expect(gone).toBeGreaterThan(0);
  },
);
