import { describe, expect, test } from "vitest";

import { formatInstant, parseInstant } from "../base/time.ts";
import { bucketOf } from "./bucket.ts";
import type { BucketUnit } from "./request.ts";
import { instantOf, offsetAt, offsetsBetween } from "./zone.ts";

const bucket = (instant: string, unit: BucketUnit, zone: string) =>
  formatInstant(bucketOf(parseInstant(instant), { unit, zone })).replace(".000000", "");

describe("buckets", () => {
  const cases: readonly [string, BucketUnit, string, string][] = [
    ["2026-03-26T10:20:30.5Z", "minute", "UTC", "2026-03-26T10:20:00Z"],
    ["2026-03-26T10:20:30Z", "hour", "UTC", "2026-03-26T10:00:00Z"],
    ["2026-03-26T10:20:30Z", "hour", "Asia/Kolkata", "2026-03-26T09:30:00Z"],
    ["2026-03-26T23:20:30Z", "day", "Europe/Bucharest", "2026-03-26T22:00:00Z"],
    // 23 and 25 hours.
    ["2026-03-29T20:59:59Z", "day", "Europe/Bucharest", "2026-03-28T22:00:00Z"],
    ["2026-03-29T21:00:00Z", "day", "Europe/Bucharest", "2026-03-29T21:00:00Z"],
    ["2026-10-25T21:59:59Z", "day", "Europe/Bucharest", "2026-10-24T21:00:00Z"],
    // The hour that comes twice is two buckets.
    ["2026-10-25T00:30:00Z", "hour", "Europe/Bucharest", "2026-10-25T00:00:00Z"],
    ["2026-10-25T01:30:00Z", "hour", "Europe/Bucharest", "2026-10-25T01:00:00Z"],
    // Half an hour, on Lord Howe Island.
    ["2026-10-03T15:29:59Z", "day", "Australia/Lord_Howe", "2026-10-03T13:30:00Z"],
    ["2026-10-04T13:00:00Z", "day", "Australia/Lord_Howe", "2026-10-04T13:00:00Z"],
    ["2026-03-29T12:00:00Z", "week", "UTC", "2026-03-23T00:00:00Z"],
    ["2026-03-30T00:00:00Z", "week", "UTC", "2026-03-30T00:00:00Z"],
    ["2026-03-29T12:00:00Z", "month", "America/New_York", "2026-03-01T05:00:00Z"],
    ["2026-03-29T12:00:00Z", "year", "America/New_York", "2026-01-01T05:00:00Z"],
    ["1969-12-31T23:30:00Z", "hour", "UTC", "1969-12-31T23:00:00Z"],
    ["1969-12-31T23:30:00Z", "week", "UTC", "1969-12-29T00:00:00Z"],
  ];
  for (const [instant, unit, zone, expected] of cases) {
    test(`${instant} is in the ${unit} of ${expected} in ${zone}`, () =>
      expect(bucket(instant, unit, zone)).toBe(expected));
  }
});

describe("offsets", () => {
  test("are those of Intl, to the minute, on every day that has a change", () => {
    for (const zone of [
      "Europe/Bucharest",
      "Australia/Lord_Howe",
      "Africa/Casablanca",
      "Asia/Kathmandu",
      "America/St_Johns",
      "Pacific/Apia",
    ]) {
      const wall = new Intl.DateTimeFormat("sv", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
      for (let millis = Date.UTC(2011, 11, 1); millis < Date.UTC(2012, 11, 1); millis += 9_876_543) {
        const local = Date.parse(`${wall.format(millis).replace(" ", "T")}Z`) * 1000;
        expect([zone, millis, local - Math.floor(millis / 1000) * 1_000_000]).toEqual([
          zone,
          millis,
          offsetAt(millis * 1000, zone),
        ]);
      }
    }
  });

  test("between two instants are the changes between them", () => {
    const found = offsetsBetween(
      parseInstant("2026-01-01T00:00:00Z"),
      parseInstant("2027-02-01T00:00:00Z"),
      "Europe/Bucharest",
    );
    expect(found.map(({ from, offset }) => [formatInstant(from).slice(0, 16), offset / 3.6e9])).toEqual([
      ["2026-01-01T00:00", 2],
      ["2026-03-29T01:00", 3],
      ["2026-10-25T01:00", 2],
    ]);
  });

  test("a local time that is not there is later by what the clock is put forward", () => {
    const local = parseInstant("2026-03-29T03:30:00Z");
    expect(formatInstant(instantOf(local, "Europe/Bucharest"))).toBe("2026-03-29T01:30:00.000000Z");
  });

  test("what no instant can be has none", () => {
    expect(offsetAt(Number.NaN, "Europe/Bucharest")).toBeNaN();
    expect(offsetAt(1e18, "UTC")).toBeNaN();
  });
});
