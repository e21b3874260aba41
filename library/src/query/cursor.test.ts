import { expect, test } from "vitest";

import { decodeCursor, encodeCursor } from "./cursor.ts";
import { parseQuery } from "./parse-query.ts";
import type { Order } from "./request.ts";

const parse = (text: string, now = 0) => parseQuery(text, { now, zone: "UTC" });
const newest: Order = { by: "time", direction: "newest" };
const asked = { tenant: "main", query: parse("log:email after:now-2h"), order: newest };
const place = { timeMicros: -1_234_567, seq: 4_294_967_295 };
const cursor = encodeCursor(asked, place);

test("a cursor is the place that it was made of", () => {
  expect(decodeCursor({ ...asked, cursor })).toEqual(place);
  expect(decodeCursor(asked)).toBeUndefined();
});

test("relative times are the same query when they are read again later", () => {
  expect(decodeCursor({ ...asked, query: parse("log:email after:now-2h", 5_000_000), cursor })).toEqual(place);
});

for (const [what, change] of Object.entries({
  tenant: { tenant: "other" },
  query: { query: parse("log:email after:now-3h") },
  order: { order: { by: "time", direction: "oldest" } },
  "way of ordering": { order: { by: "seq", direction: "newest" } },
} as const)) {
  test(`another ${what} refuses it`, () => {
    expect(() => decodeCursor({ ...asked, cursor, ...change })).toThrow(
      expect.objectContaining({ code: "CURSOR_INVALID" }),
    );
  });
}

const foreign = [
  "",
  "x",
  cursor.replace("_", "-"),
  "1_000000000000000000000000_1_1",
  cursor.replace(/_[^_]*$/, "_zzzzzzzzzzz"),
  "' OR 1=1 --",
];
for (const altered of foreign) {
  test(`${JSON.stringify(altered)} is no cursor`, () => {
    expect(() => decodeCursor({ ...asked, cursor: altered })).toThrow(
      expect.objectContaining({ code: "CURSOR_INVALID" }),
    );
  });
}
