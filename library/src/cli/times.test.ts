import { expect, test } from "vitest";

import { parseInstant } from "../base/time.ts";
import { showClock, showDay, showExactTime, showRelative, showSpan, showTime } from "./times.ts";

const at = parseInstant("2026-10-25T00:30:00.120000Z");

test("times are shown as clocks in the zone show them, across the change of summer time", () => {
  expect(showTime(at, "UTC")).toBe("2026-10-25 00:30:00");
  expect(showTime(at, "Europe/Bucharest")).toBe("2026-10-25 03:30:00");
  expect(showTime(at + 3_600_000_000, "Europe/Bucharest")).toBe("2026-10-25 03:30:00");
  expect(showClock(at, "Asia/Tokyo")).toBe("09:30:00");
  expect(showDay(at, "America/Los_Angeles")).toBe("Saturday 24 October 2026");
});

test("exact times keep the digits that say something", () => {
  expect(showExactTime(at, "UTC")).toBe("2026-10-25 00:30:00.12");
  expect(showExactTime(parseInstant("2026-10-20T10:00:00Z"), "UTC")).toBe("2026-10-20 10:00:00");
});

test("distances are told in their two largest units", () => {
  const second = 1_000_000;
  const spans = [
    0,
    850_000,
    59 * second,
    60 * second,
    61 * second,
    3600 * second,
    5160 * second,
    86_400 * second,
    90 * 86_400 * second,
    1200 * 86_400 * second,
  ];
  expect(spans.map(showSpan)).toEqual([
    "0 ms",
    "850 ms",
    "59 s",
    "1 min",
    "1 min 1 s",
    "1 h",
    "1 h 26 min",
    "1 day",
    "3 months",
    "3 years",
  ]);
});

test("relative times look both ways", () => {
  expect(showRelative(at, at + 5_000_000)).toBe("5 s ago");
  expect(showRelative(at, at - 7_300_000_000)).toBe("in 2 h");
  expect(showRelative(at, at)).toBe("just now");
});
