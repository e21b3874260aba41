/** Killed while recording. `AUDITRAIL_KILL_SECONDS` makes it run for longer than the few seconds it does otherwise. */

import { join } from "node:path";

import { expect, test } from "vitest";

import { temporaryDirectory } from "../temporary-directory.ts";
import { orderNumbers, readShop } from "../guarantees/shop.ts";
import { runProgram } from "./child.ts";

const seconds = Number(process.env["AUDITRAIL_KILL_SECONDS"] ?? 5);
const step = 1_000_000;

test(
  "whatever was acknowledged before a kill is in the trail, exactly once",
  { timeout: seconds * 1_000 + 60_000 },
  async () => {
    const file = join(temporaryDirectory(), "shop.db");
    const acknowledged: number[] = [];
    const until = performance.now() + seconds * 1_000;
    for (let round = 0; round === 0 || performance.now() < until; round += 1) {
      const program = runProgram("record-durably", [
        file,
        String(round * step),
        String(step),
        String(1 + (round % 3) * 50),
      ]);
      await program.line("open");
      await new Promise((resolve) => setTimeout(resolve, 50 + ((round * 97) % 400)));
      program.child.kill("SIGKILL");
      await program.ended;
      acknowledged.push(
        ...program
          .lines()
          .filter((line) => /^\d+$/.test(line))
          .map(Number),
      );
    }
    expect(acknowledged.length).toBeGreaterThan(20);
    const kept = orderNumbers(await readShop(file), "order.placed");
    const distinct = new Set(kept);
    expect(distinct.size).toBe(kept.length);
    expect(acknowledged.filter((number) => !distinct.has(number))).toEqual([]);
  },
);
