import { expect, test } from "vitest";

import type { Json } from "../base/canonical-json.ts";
import { formatInstant } from "../base/time.ts";
import { createTimeReader } from "./time-format.ts";

function read(format: string, value: Json, zone = "UTC"): string | undefined {
  const reader = createTimeReader(format, zone);
  if (typeof reader !== "function") throw new Error(reader.problem);
  const micros = reader(value);
  return micros === undefined ? undefined : formatInstant(micros);
}

test.each([
  ["rfc3339", "2026-03-29T10:00:00.123456+02:00", "2026-03-29T08:00:00.123456Z"],
  ["epoch-seconds", 1_700_000_000, "2023-11-14T22:13:20.000000Z"],
  ["epoch-seconds", "1700000000.5", "2023-11-14T22:13:20.500000Z"],
  ["epoch-seconds", 1_700_000_000.123, "2023-11-14T22:13:20.123000Z"],
  ["epoch-seconds", -1.5, "1969-12-31T23:59:58.500000Z"],
  ["epoch-milliseconds", 1_700_000_000_123, "2023-11-14T22:13:20.123000Z"],
  ["epoch-milliseconds", "1700000000123.456", "2023-11-14T22:13:20.123456Z"],
  ["yyyy-MM-dd HH:mm:ss", "2026-01-02 03:04:05", "2026-01-02T03:04:05.000000Z"],
  ["dd/MM/yyyy HH:mm", " 02/01/2026 03:04 ", "2026-01-02T03:04:00.000000Z"],
  ["d.M.yyyy", "2.1.2026", "2026-01-02T00:00:00.000000Z"],
  ["MMM d, yyyy h:mm a", "Jul 3, 2023 12:37 PM", "2023-07-03T12:37:00.000000Z"],
  ["MMM d, yyyy h:mm a", "jul 3, 2023 12:37 am", "2023-07-03T00:37:00.000000Z"],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2026-01-02T03:04:05.678+0100", "2026-01-02T02:04:05.678000Z"],
  ["yyyy-MM-dd HH:mm:ss.S", "2026-01-02 03:04:05.123456", "2026-01-02T03:04:05.123456Z"],
  ["dd/MMM/yyyy:HH:mm:ss Z", "10/Oct/2025:13:55:36 -0700", "2025-10-10T20:55:36.000000Z"],
] as const)("%s reads %j as %s", (format, value, expected) => {
  expect(read(format, value)).toBe(expected);
});

test("a wall-clock time is read in its zone, summer and winter", () => {
  expect(read("yyyy-MM-dd HH:mm", "2026-07-01 12:00", "Europe/Bucharest")).toBe("2026-07-01T09:00:00.000000Z");
  expect(read("yyyy-MM-dd HH:mm", "2026-01-01 12:00", "Europe/Bucharest")).toBe("2026-01-01T10:00:00.000000Z");
});

test.each([
  ["rfc3339", "yesterday"],
  ["rfc3339", 5],
  ["epoch-seconds", "soon"],
  ["epoch-seconds", 1e18],
  ["epoch-milliseconds", null],
  ["yyyy-MM-dd", "2026-02-30"],
  ["yyyy-MM-dd", "2026-01-01 and more"],
  ["h:mm a dd MM yyyy", "13:00 pm 01 01 2026"],
] as const)("%s does not read %j", (format, value) => {
  expect(read(format, value)).toBeUndefined();
});

test.each(["rfc3338", "HH:mm", "yyyy-MM-dd hh:mm", "yyyy-MM-dd QQ", "yyyy-MM-dd dd"])(
  "refuses the format %j",
  (format) => {
    expect(createTimeReader(format, "UTC")).toHaveProperty("problem");
  },
);
