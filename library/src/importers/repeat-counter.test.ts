import fc from "fast-check";
import { expect, test } from "vitest";

import { sha256 } from "../base/sha256.ts";
import { RepeatCounter } from "./repeat-counter.ts";

test("counts as a map of all texts would", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 6000 }), { size: "max", maxLength: 20_000 }), (numbers) => {
      const counter = new RepeatCounter();
      const counts = new Map<number, number>();
      for (const number of numbers) {
        counts.set(number, (counts.get(number) ?? 0) + 1);
        expect(counter.count(sha256(String(number)))).toBe(counts.get(number));
      }
    }),
    { numRuns: 10 },
  );
});
