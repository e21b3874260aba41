import fc from "fast-check";
import { expect, test } from "vitest";

import { canonicalize, type Json } from "./canonical-json.ts";

const unrepresentable = expect.objectContaining({ code: "CANONICAL_UNREPRESENTABLE" });

function numberFromBits(hex: string): number {
  return Buffer.from(hex, "hex").readDoubleBE();
}

// RFC 8785 appendix B: the bits of a double, and its one text.
const appendixB: readonly (readonly [string, string])[] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

test("numbers are written as RFC 8785 appendix B says", () => {
  expect(appendixB.map(([bits]) => [bits, canonicalize(numberFromBits(bits))])).toEqual(appendixB);
  for (const bits of ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"]) {
    expect(() => canonicalize(numberFromBits(bits))).toThrow(unrepresentable);
  }
});

test("the example of RFC 8785 section 3.2.2 comes out as in section 3.2.3", () => {
  const input = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`;
  expect(canonicalize(JSON.parse(input) as Json)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test("members are sorted by UTF-16 code units, not by code points or by a language", () => {
  // the example of RFC 8785 section 3.2.3
  const names = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
  const text = canonicalize(Object.fromEntries(names.map((name) => [name, 1])));
  const sorted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"];
  expect(text).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:1`).join(",")}}`);
  expect(canonicalize({ b: 1, a: { d: [], c: {} }, aa: "" })).toBe('{"a":{"c":{},"d":[]},"aa":"","b":1}');
});

test("a member called __proto__ is a member like others", () => {
  const object = JSON.parse('{"__proto__":{"b":1,"a":2}}') as Json;
  expect(canonicalize(object)).toBe('{"__proto__":{"a":2,"b":1}}');
});

test("what has no canonical form is refused wherever it is", () => {
  const values: unknown[] = [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    Symbol("s"),
    () => 1,
    "\ud800",
    "a\udc00",
  ];
  for (const value of values) {
    for (const place of [value, [value], { a: value }, { a: [{ b: value }] }]) {
      expect(() => canonicalize(place as Json)).toThrow(unrepresentable);
    }
  }
  expect(() => canonicalize({ "\udead": 1 })).toThrow(unrepresentable);
});

test("objects that are not plain data are refused instead of being emptied", () => {
  const values: unknown[] = [
    new Date(0),
    new Map(),
    new Set([1]),
    new Uint8Array(2),
    /x/,
    new Error("x"),
    new (class A {})(),
  ];
  for (const value of values) expect(() => canonicalize({ a: value } as Json)).toThrow(unrepresentable);
  expect(() => canonicalize([1, undefined, 2] as unknown as Json)).toThrow(unrepresentable);
  expect(canonicalize(Object.assign(Object.create(null) as object, { a: 1 }))).toBe('{"a":1}');
});

test("canonical text reads back as the same value, and is canonical itself", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
      const text = canonicalize(value as Json);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalize(JSON.parse(text) as Json)).toBe(text);
    }),
  );
});

test("the order in which members were added does not matter", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse());
      expect(canonicalize(reversed)).toBe(canonicalize({ ...object }));
    }),
  );
});

test("members are sorted alike however many there are and whatever they are called", () => {
  const name = fc
    .oneof(fc.string({ unit: "binary", maxLength: 3 }), fc.nat(99).map(String), fc.string())
    .filter((each) => each.isWellFormed());
  const names = fc.uniqueArray(name, { maxLength: 90, size: "max" });
  fc.assert(
    fc.property(names, (all) => {
      const object = Object.fromEntries(all.map((each) => [each, 0]));
      const sorted = all.toSorted().map((each) => `${JSON.stringify(each)}:0`);
      expect(canonicalize(object)).toBe(`{${sorted.join(",")}}`);
    }),
  );
});
