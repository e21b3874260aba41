/**
 * Processes that record and seal, killed with SIGKILL at random moments. The first takes 30 seconds of `npm test`, half of
 * what was planned, as other files run beside it; `AUDITRAIL_KILL_SECONDS` makes it longer, `npm run fault -- kill` kills 10,000 times.
 */

import { expect, test } from "vitest";

import { killAgainAndAgain } from "./killing/kill-again-and-again.ts";

const seconds = Number(process.env["AUDITRAIL_KILL_SECONDS"] ?? 30);
const short = { cycles: Number.POSITIVE_INFINITY, seconds: 6 };
const patience = { timeout: 120_000 };

test(
  "whatever was acknowledged before a kill is in the trail, exactly once, and everything verifies",
  { timeout: seconds * 1_000 + 90_000 },
  async () => {
    const killed = await killAgainAndAgain({ ...short, seconds, writers: 1 });
    expect(killed.verifications).toBe(killed.cycles + killed.trails);
    expect(killed.acknowledged).toBeGreaterThan(20);
    expect(killed.checkpoints).toBeGreaterThan(2);
  },
);

test.for([2, 4])(
  "one of %i processes on one file is killed again and again, and the others go on",
  patience,
  async (writers) => {
    const killed = await killAgainAndAgain({ ...short, writers });
    expect(killed.cycles).toBeGreaterThan(1);
    expect(killed.acknowledged).toBeGreaterThan(20);
  },
);
