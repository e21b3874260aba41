import { expect, test } from "vitest";

import { formatInstant } from "../base/time.ts";
import { fixedClock } from "./fixed-clock.ts";

test("a fixed clock stands still, moves as far as it is told, and goes where it is set", () => {
  const clock = fixedClock("2026-11-22T09:26:00Z");
  expect(clock.nowMicros()).toBe(clock.nowMicros());
  clock.advance(1_500.25);
  expect(formatInstant(clock.nowMicros())).toBe("2026-11-22T09:26:01.500250Z");
  clock.advance(-2_000);
  clock.set(new Date(0));
  expect(clock.nowMicros()).toBe(0);
});

test("a fixed clock refuses what is no time", () => {
  expect(() => fixedClock("today")).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  expect(() => fixedClock().advance(Number.NaN)).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
});
