import { expect, test } from "vitest";

import type { BucketUnit } from "../query/request.ts";
import { fillBuckets } from "./buckets.ts";

const rows = (...keys: string[]) => keys.map((key) => ({ keys: [key], count: 1 }));
const keysOf = (unit: BucketUnit, zone: string, ...keys: string[]) =>
  fillBuckets(rows(...keys), unit, zone).map(({ keys: [key], count }) => `${key!.slice(0, 16)} ${count}`);

test("empty hours stand between the first and the last", () => {
  expect(keysOf("hour", "UTC", "2026-11-22T10:00:00.000000Z", "2026-11-22T13:00:00.000000Z")).toEqual([
    "2026-11-22T10:00 1",
    "2026-11-22T11:00 0",
    "2026-11-22T12:00 0",
    "2026-11-22T13:00 1",
  ]);
});

test("days of the zone are stepped over, those of 23 and 25 hours too", () => {
  expect(keysOf("day", "Europe/Bucharest", "2026-10-23T21:00:00.000000Z", "2026-10-26T22:00:00.000000Z")).toEqual([
    "2026-10-23T21:00 1",
    "2026-10-24T21:00 0",
    "2026-10-25T22:00 0",
    "2026-10-26T22:00 1",
  ]);
});

test("months and years step by the calendar", () => {
  expect(keysOf("month", "UTC", "2026-01-01T00:00:00.000000Z", "2026-04-01T00:00:00.000000Z")).toHaveLength(4);
  expect(keysOf("year", "UTC", "2020-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z")).toHaveLength(7);
});

test("rows with other keys, and gaps of thousands, are left as they are", () => {
  const keyed = [
    { keys: ["2026-11-22T10:00:00.000000Z", "x"], count: 1 },
    { keys: ["2026-11-22T19:00:00.000000Z", "x"], count: 1 },
  ];
  expect(fillBuckets(keyed, "hour", "UTC")).toBe(keyed);
  const far = rows("2020-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z");
  expect(fillBuckets(far, "minute", "UTC")).toBe(far);
});
