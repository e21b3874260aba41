import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { AuditEvent } from "../event/event.ts";
import { fieldBoundary, maximumWordLength, searchText, words } from "./search-text.ts";

describe("words", () => {
  const cases: readonly [string, readonly string[]][] = [
    ["", []],
    ["!?", []],
    ["Order #4711: applied", ["order", "4711", "applied"]],
    ["don't", ["don", "t"]],
    ["José JOSE\u0301", ["jose", "jose"]],
    ["ﬁne Ｆｕｌｌ ①", ["fine", "full", "1"]],
    ["İstanbul IŞIK", ["istanbul", "isik"]],
    ["ΟΔΟΣ οδός", ["οδοσ", "οδοσ"]],
    ["Straße", ["straße"]],
    ["日本語 テスト", ["日本語", "テスト"]],
    ["a😀b", ["a", "b"]],
    ["12.50", ["12", "50"]],
    ["snake_case-kebab", ["snake", "case", "kebab"]],
  ];
  for (const [text, expected] of cases) test(`of ${JSON.stringify(text)}`, () => expect(words(text)).toEqual(expected));

  test("words of words are the same words", () => {
    const property = fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(words(words(text).join(" "))).toEqual(words(text));
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("no text makes the boundary between fields", () => {
    const property = fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(words(`${text}${fieldBoundary}${text}`)).not.toContain(fieldBoundary);
    });
    fc.assert(property);
  });

  test("what is very long is several words, of whole characters", () => {
    expect(words("a".repeat(200))).toEqual(["a".repeat(maximumWordLength), "a".repeat(200 - maximumWordLength)]);
    expect(words("𠀀".repeat(200)).every((word) => word.isWellFormed())).toBe(true);
  });
});

describe("search text", () => {
  const event = {
    ...{ action: "voucher.applied", message: "Applied it", reason: "Ticket 7", outcome: "failure" },
    actor: { type: "user", id: "42", name: "Ann Other", email: "ann@b.example" },
    onBehalfOf: [{ type: "user", id: "7", name: "Bob" }],
    targets: [{ type: "order", id: "A-1", name: "First order" }],
    error: { name: "TypeError", code: "E_X", message: "No way" },
    data: { z: "last", a: [1.5, "two", null, true, { deep: "three" }] },
  } as unknown as AuditEvent;

  test("holds the words of all fields that are searched, with boundaries between", () => {
    const fields = [
      "applied it",
      "ticket 7",
      "voucher applied",
      "42",
      "ann other",
      "ann b example",
      "7",
      "bob",
      "a 1",
      "first order",
    ];
    const rest = ["typeerror", "e x", "no way", "1 5", "two", "three", "last"];
    expect(searchText(event)).toBe([...fields, ...rest].join(` ${fieldBoundary} `));
  });

  test("is the same for the same data in another order", () => {
    expect(searchText({ ...event, data: { a: 1, b: 2 } })).toBe(searchText({ ...event, data: { b: 2, a: 1 } }));
  });

  test("takes only so much of large data", () => {
    const text = searchText({
      ...event,
      data: { many: Array.from({ length: 100_000 }, (_, index) => `w${index}`), long: "x ".repeat(50_000) },
    });
    expect(text.length).toBeLessThan(20_000);
  });
});
