import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { createContext, runInContext } from "node:vm";

import { canonicalize } from "../base/canonical-json.ts";
import { createVocabulary } from "./names.ts";
import { normalise } from "./normalise.ts";
import { startReading } from "./reading.ts";

const vocabulary = createVocabulary({});

function read(value: unknown): { readonly json: unknown; readonly marks: readonly string[] } {
  const reading = startReading(vocabulary, normalise);
  const json = normalise(value, reading);
  return { json, marks: reading.marks.map(({ path, rule }) => `${path} ${rule}`) };
}

const cycle: Record<string, unknown> = { name: "a" };
cycle["self"] = cycle;
const shared = { a: 1 };
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const nested = (depth: number): unknown => (depth === 0 ? "end" : { in: nested(depth - 1) });
class Money {
  readonly amount = "12.50";
  readonly #hidden = "x";
  format() {
    return this.amount + this.#hidden;
  }
}

const table: readonly (readonly [what: string, value: unknown, json: unknown, marks?: readonly string[]])[] = [
  ["undefined", undefined, undefined],
  ["an undefined member", { a: undefined, b: 1 }, { b: 1 }],
  ["an undefined item", [1, undefined, 2], [1, null, 2]],
  ["a hole", [1, , 2], [1, null, 2]], // oxlint-disable-line no-sparse-arrays
  ["null", { a: null }, { a: null }],
  ["a function member", { a: () => 1 }, {}, ["/a function"]],
  ["a function item", [() => 1], [null], ["/0 function"]],
  ["a symbol member", { a: Symbol("x") }, {}, ["/a symbol"]],
  ["a member named by a symbol", { [Symbol("x")]: 1, a: 2 }, { a: 2 }],
  ["NaN", { a: NaN }, { a: "NaN" }, ["/a not-finite"]],
  ["the infinities", [Infinity, -Infinity], ["Infinity", "-Infinity"], ["/0 not-finite", "/1 not-finite"]],
  ["minus zero", [-0], [0]],
  [
    "a number beyond 2^53",
    [2 ** 53 + 2, 9007199254740991],
    [9007199254740994, 9007199254740991],
    ["/0 unsafe-integer"],
  ],
  ["a bigint", 123456789012345678901234567890n, "123456789012345678901234567890"],
  ["a date", new Date("2026-11-22T09:26:00.123Z"), "2026-11-22T09:26:00.123000Z"],
  ["a date far away", new Date(8.64e15), "+275760-09-13T00:00:00.000000Z"],
  ["an invalid date", { d: new Date(NaN) }, { d: "Invalid Date" }, ["/d invalid-date"]],
  [
    "a map with text keys",
    new Map([
      ["a", 1],
      ["b", 2],
    ]),
    { a: 1, b: 2 },
  ],
  [
    "a map with keys that are the same as text",
    new Map<unknown, unknown>([
      [1, "a"],
      ["1", "b"],
    ]),
    { "1": "a", "1 (2)": "b" },
    ["/1 (2) duplicate-key"],
  ],
  ["a map with other keys", new Map<unknown, unknown>([[{ k: 1 }, "a"]]), [[{ k: 1 }, "a"]]],
  ["a set", new Set([1, "a", { b: 2 }]), [1, "a", { b: 2 }]],
  ["bytes", Uint8Array.of(1, 2, 255), "AQL/", [" bytes"]],
  ["a Buffer", { b: Buffer.from("hello") }, { b: "aGVsbG8=" }, ["/b bytes"]],
  ["an ArrayBuffer", Uint8Array.of(1).buffer, "AQ==", [" bytes"]],
  ["a DataView", new DataView(Uint8Array.of(1, 2).buffer, 1), "Ag==", [" bytes"]],
  ["no bytes", new Uint8Array(0), ""],
  ["bytes that are a text with a secret", Buffer.from("password=hunter2"), "[masked]", [" secret-shaped"]],
  ["many bytes", new Uint8Array(100_000), "[100000 bytes]", [" bytes"]],
  ["numbers of a typed array", Float64Array.of(1.5, NaN), [1.5, "NaN"], ["/1 not-finite"]],
  ["bigints of a typed array", BigInt64Array.of(1n), ["1"]],
  [
    "an error",
    new TypeError("bad", { cause: new Error("why") }),
    { name: "TypeError", message: "bad", cause: { name: "Error", message: "why" } },
  ],
  [
    "an aggregate error",
    new AggregateError([new Error("a")], "all"),
    { name: "AggregateError", message: "all", errors: [{ name: "Error", message: "a" }] },
  ],
  [
    "an error with members",
    Object.assign(new Error("x"), { code: "E1", status: 500 }),
    { name: "Error", message: "x", code: "E1", status: 500 },
  ],
  ["a regular expression", /a+/gi, "/a+/gi"],
  ["a URL", new URL("https://example.com/a?b=1"), "https://example.com/a?b=1"],
  ["URL parameters", new URLSearchParams({ a: "1" }), "a=1"],
  [
    "headers",
    new Headers([
      ["x-a", "1"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]),
    { "set-cookie": ["a=1", "b=2"], "x-a": "1" },
  ],
  ["an instance of a class", new Money(), { amount: "12.50" }],
  ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ["an object with toJSON", { toJSON: () => ({ a: 1n }) }, { a: "1" }],
  [
    "a toJSON that throws",
    {
      a: {
        toJSON: () => {
          throw new Error("no");
        },
      },
    },
    { a: "[unreadable]" },
    ["/a unreadable"],
  ],
  [
    "a toJSON that gives the object itself",
    (() => {
      const o = {
        a: 1,
        toJSON() {
          return this;
        },
      };
      return o;
    })(),
    { a: 1 },
    ["/toJSON function"],
  ],
  ["boxed primitives", [Object(1), Object("a"), Object(true), Object(2n)], [1, "a", true, "2"]],
  ["a promise", Promise.resolve(1), "[Promise]", [" opaque"]],
  ["a weak map", new WeakMap(), "[WeakMap]", [" opaque"]],
  ["a proxy", new Proxy({ a: 1 }, {}), { a: 1 }],
  ["a revoked proxy", { a: revoked.proxy, b: 1 }, { a: "[unreadable]", b: 1 }, ["/a unreadable"]],
  [
    "a getter",
    {
      get a() {
        return 1;
      },
    },
    { a: 1 },
  ],
  [
    "a getter that throws",
    {
      get a(): never {
        throw new Error("no");
      },
      b: 1,
    },
    { a: "[unreadable]", b: 1 },
    ["/a unreadable"],
  ],
  ["a cycle", cycle, { name: "a", self: "[circular]" }, ["/self circular"]],
  ["the same object twice", [shared, shared], [{ a: 1 }, { a: 1 }]],
  ["32 levels", nested(32), JSON.parse(JSON.stringify(nested(32)))],
  ["NUL", "a\u0000b", "a\ufffdb", [" nul-character"]],
  ["a lone surrogate", "a\ud800b", "a\ufffdb", [" lone-surrogate"]],
  ["a pair of surrogates", "😀", "😀"],
  [
    "a member named __proto__",
    JSON.parse('{"__proto__":{"polluted":true},"a":1}'),
    { "[__proto__]": { polluted: true }, a: 1 },
    ["/[__proto__] reserved-key"],
  ],
  [
    "members named as those of every object",
    { constructor: 1, toString: 2, hasOwnProperty: 3 },
    { constructor: 1, toString: 2, hasOwnProperty: 3 },
  ],
  ["a long name", { ["k".repeat(300)]: 1 }, { [`${"k".repeat(255)}…`]: 1 }, [`/${"k".repeat(255)}… long-key`]],
  ["a name with NUL", { "a\u0000": 1 }, { "a\ufffd": 1 }, ["/a\ufffd nul-character"]],
  [
    "a secret as a name",
    { ghp_abcdefghijklmnopqrstuvwxyz0123456789: 1, "[masked]": 2 },
    { "[masked]": 1, "[masked] (2)": 2 },
    ["/[masked] secret-key", "/[masked] (2) duplicate-key"],
  ],
  ["an object that claims to be a map", { [Symbol.toStringTag]: "Map", a: 1 }, { a: 1 }],
];

describe("normalise", () => {
  test.each(table)("has an answer for %s", (_, value, json, marks = []) => {
    const result = read(value);
    expect(result.json).toEqual(json);
    expect(result.marks).toEqual(marks);
  });

  test("replaces what is nested deeper than 32 levels", () => {
    const { json, marks } = read(nested(33));
    expect(JSON.stringify(json)).toContain('{"in":"[too deep]"}');
    expect(marks).toEqual([`${"/in".repeat(32)} too-deep`]);
  });

  test("keeps the first 1,000 members and 10,000 items", () => {
    const wide = read(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, index])));
    expect(Object.keys(wide.json as object)).toHaveLength(1000);
    expect(wide.marks).toEqual([" too-wide"]);
    const long = read(Array.from({ length: 10_001 }, () => 1));
    expect(long.json).toHaveLength(10_000);
    expect(long.marks).toEqual([" too-wide"]);
    expect(read(Object.assign([], { length: 4_000_000_000 })).json).toHaveLength(10_000);
  });

  test("ends soon where a small object stands for very many", () => {
    let bomb: unknown = "x";
    for (let level = 0; level < 30; level += 1) bomb = [bomb, bomb, bomb];
    const { json, marks } = read(bomb);
    expect(JSON.stringify(json)).toContain("[omitted]");
    expect(marks.at(-1)).toMatch(/ too-many$/);
  });

  test("leaves the prototypes of objects alone", () => {
    const { json } = read(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("shares nothing with what was given", () => {
    const given = { list: [{ a: 1 }] };
    const { json } = read(given);
    given.list[0]!.a = 2;
    given.list.push({ a: 3 });
    expect(json).toEqual({ list: [{ a: 1 }] });
  });

  test("knows dates, maps and errors of other realms", () => {
    const value: unknown = runInContext(
      "({ d: new Date(0), m: new Map([['a', 1]]), e: new RangeError('x') })",
      createContext(),
    );
    expect(read(value).json).toEqual({
      d: "1970-01-01T00:00:00.000000Z",
      m: { a: 1 },
      e: { name: "RangeError", message: "x" },
    });
  });

  test("never throws, whatever it is given, and gives what has a canonical form", () => {
    fc.assert(
      fc.property(odd, fc.nat(), fc.nat(3), (value, which, where) => {
        const { json } = read(mixed(value, which, where));
        expect(json === undefined || canonicalize(json as never) !== "").toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("changes nothing the second time", () => {
    fc.assert(
      fc.property(odd, fc.nat(), fc.nat(3), (value, which, where) => {
        const { json } = read(mixed(value, which, where));
        expect(read(json).json).toEqual(json);
      }),
      { numRuns: 800 },
    );
  });
});

const odd = fc.anything({
  ...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true },
  ...{ withObjectString: true, withSet: true, withSparseArray: true, withTypedArray: true, withUnicodeString: true },
  key: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("__proto__", "constructor", "toJSON", "length", "password", "[masked]"),
  ),
});

/** Puts a hostile value beside, into or in place of another; not as an arbitrary, because those look into their values. */
function mixed(value: unknown, which: number, where: number): unknown {
  const all = hostile();
  const one = all[which % all.length];
  return [
    value,
    one,
    [value, one],
    new Map<unknown, unknown>([
      ["a", one],
      [value, one],
    ]),
  ][where];
}

function hostile(): unknown[] {
  const thrower = (): never => {
    throw new Error("hostile");
  };
  const traps = {
    get: thrower,
    ownKeys: thrower,
    getPrototypeOf: thrower,
    has: thrower,
    getOwnPropertyDescriptor: thrower,
  };
  return [
    new Proxy({}, traps),
    new Proxy([], traps),
    new Proxy(
      {},
      {
        ownKeys: () => ["a", "b"],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
        get: thrower,
      },
    ),
    new Proxy({}, { get: (_, name) => (name === "toJSON" ? () => new Date(NaN) : thrower()) }),
    revoked.proxy,
    {
      get [Symbol.toStringTag]() {
        return thrower();
      },
    },
    { toJSON: thrower },
    Object.create({
      get toJSON() {
        return thrower();
      },
    }),
    { length: -1, [Symbol.iterator]: thrower },
    Object.create(Date.prototype),
    Object.create(Map.prototype),
    Object.setPrototypeOf(new Map([[1, 2]]), null),
    Object.setPrototypeOf([1, 2], null),
    Object.assign(() => 1, { a: 1 }),
    cycle,
    Symbol.iterator,
    (function* () {
      yield 1;
    })(),
    globalThis,
  ];
}
