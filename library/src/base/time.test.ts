import fc from "fast-check";
import { expect, test } from "vitest";

import { formatInstant, parseInstant, readInstant, systemClock } from "./time.ts";

const instants = fc.maxSafeInteger();

test("an instant is always written in UTC with six digits", () => {
  expect(formatInstant(0)).toBe("1970-01-01T00:00:00.000000Z");
  expect(formatInstant(1)).toBe("1970-01-01T00:00:00.000001Z");
  expect(formatInstant(-1)).toBe("1969-12-31T23:59:59.999999Z");
  expect(formatInstant(1_795_339_560_123_456)).toBe("2026-11-22T09:26:00.123456Z");
});

test("what was written reads back as the same instant, and text order is time order", () => {
  fc.assert(
    fc.property(instants, instants, (a, b) => {
      expect(parseInstant(formatInstant(a))).toBe(a);
      expect(formatInstant(a) < formatInstant(b)).toBe(a < b);
    }),
  );
});

test("other offsets, fractions and spellings of RFC 3339 are read", () => {
  const expected = parseInstant("2026-11-22T09:26:00.120000Z");
  for (const text of [
    "2026-11-22T09:26:00.12Z",
    "2026-11-22t09:26:00.12z",
    "2026-11-22 09:26:00.120000999Z",
    "2026-11-22T10:26:00.12+01:00",
    "2026-11-21T21:56:00.12-11:30",
    "2026-11-22T09:26:00.12-00:00",
  ]) {
    expect(readInstant(text)).toBe(expected);
  }
});

test("a leap second is read as the second before it", () => {
  expect(readInstant("2016-12-31T23:59:60Z")).toBe(readInstant("2016-12-31T23:59:59Z"));
});

test("impossible dates and anything else are not read", () => {
  for (const text of [
    "",
    "2026-11-22",
    "2026-11-22T09:26:00",
    "2026-11-22T09:26Z",
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:61Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+00:60",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00.1234567890Z",
    " 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Z\n",
    "٢٠٢٦-01-01T00:00:00Z",
  ]) {
    expect(readInstant(text)).toBeUndefined();
    expect(() => parseInstant(text)).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  }
});

test("leap days of the years divisible by four, but not of most centuries, are read", () => {
  for (const year of ["2024", "2000"]) expect(readInstant(`${year}-02-29T00:00:00Z`)).toBeDefined();
  for (const year of ["1900", "2100", "2023"]) expect(readInstant(`${year}-02-29T00:00:00Z`)).toBeUndefined();
});

test("a time whose microseconds are no safe integer is not read, rather than rounded", () => {
  expect(readInstant("2255-06-05T23:47:34.740991Z")).toBe(Number.MAX_SAFE_INTEGER);
  expect(readInstant("1684-07-28T00:12:25.259009Z")).toBe(Number.MIN_SAFE_INTEGER);
  for (const text of [
    "2255-06-05T23:47:34.740992Z",
    "9999-12-31T23:59:59Z",
    "1684-07-28T00:12:25Z",
    "0050-03-01T00:00:00Z",
  ]) {
    expect(readInstant(text)).toBeUndefined();
  }
});

test("the system clock tells microseconds since 1970", () => {
  const before = Date.now() * 1000;
  expect(systemClock.nowMicros()).toBeGreaterThanOrEqual(before);
  expect(Number.isSafeInteger(systemClock.nowMicros())).toBe(true);
});
