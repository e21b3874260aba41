/**
 * The whole process's clock jumps, in all its threads, as `Date.now()` shows it to them. `guarantees/clock.test.ts` says
 * exactly which times are kept; system calls are not moved, for which libfaketime would be needed.
 */

import { expect, test } from "vitest";

import { killAgainAndAgain } from "./killing/kill-again-and-again.ts";

test(
  "a clock that jumps by seconds and days, forth and back, neither disorders a trail nor stops it from being signed",
  { timeout: 120_000 },
  async () => {
    const killed = await killAgainAndAgain({ cycles: 100, seconds: 6, writers: 1, clockJumps: true });
    expect(killed.acknowledged).toBeGreaterThan(20);
    expect(killed.checkpoints).toBeGreaterThan(2);
  },
);
