/**
 * Processes that record and seal, killed with SIGKILL at random moments: 60 times, or as often as a slow machine can in 30
 * seconds. `AUDITRAIL_KILL_SECONDS` makes it longer, `npm run fault -- kill` kills 10,000 times.
 */

import { expect, test } from "vitest";

import { killAgainAndAgain } from "./killing/kill-again-and-again.ts";

const given = process.env["AUDITRAIL_KILL_SECONDS"];
const [cycles, seconds] = given === undefined ? [60, 30] : [Number.POSITIVE_INFINITY, Number(given)];
const patience = { timeout: 120_000 };

test(
  "whatever was acknowledged before a kill is in the trail, exactly once, and everything verifies",
  { timeout: seconds * 1_000 + 90_000 },
  async () => {
    const killed = await killAgainAndAgain({ cycles, seconds, writers: 1 });
    expect(killed.verifications).toBe(killed.cycles + killed.trails);
    expect(killed.acknowledged).toBeGreaterThan(20);
    expect(killed.checkpoints).toBeGreaterThan(2);
  },
);

test.for([2, 4])(
  "one of %i processes on one file is killed again and again, and the others go on",
  patience,
  async (writers) => {
    const killed = await killAgainAndAgain({ cycles: 8, seconds: Number.POSITIVE_INFINITY, writers });
    expect(killed.acknowledged).toBeGreaterThan(20);
  },
);
