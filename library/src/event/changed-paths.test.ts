import { describe, expect, test } from "vitest";
import fc from "fast-check";

import type { Json } from "../base/canonical-json.ts";
import { changedPaths } from "./changed-paths.ts";

describe("changedPaths", () => {
  test.each<[string, Json, Json, string[]]>([
    ["nothing", { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ["a changed member", { a: 1, b: 2 }, { a: 1, b: 3 }, ["/b"]],
    ["an added member", {}, { a: { b: 1 } }, ["/a"]],
    ["a removed member", { a: { b: 1 } }, {}, ["/a"]],
    ["null for a value", { a: 1 }, { a: null }, ["/a"]],
    ["null for nothing", {}, { a: null }, ["/a"]],
    ["a deep member", { a: { b: { c: 1, d: 1 } } }, { a: { b: { c: 2, d: 1 } } }, ["/a/b/c"]],
    ["items", [1, 2, 3], [1, 9], ["/1", "/2"]],
    ["an object for a list", { a: [] }, { a: {} }, ["/a"]],
    ["the whole", 1, 2, [""]],
    ["names with ~ and /", { "a/b": 1, "c~d": 1, "": 1 }, { "a/b": 2, "c~d": 2, "": 2 }, ["/a~1b", "/c~0d", "/"]],
    ["names that every object has", { a: 1 }, { a: 1, constructor: "x", toString: "y" }, ["/constructor", "/toString"]],
    ["a member named __proto__", JSON.parse('{"__proto__":1}') as Json, {}, ["/__proto__"]],
  ])("finds %s", (_, before, after, paths) => {
    expect(changedPaths(before, after)).toEqual(paths);
  });

  test("stops at its limit", () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const others = numbers.map((number) => -1 - number);
    expect(changedPaths(numbers, others, 3)).toEqual(["/0", "/1", "/2"]);
  });

  test("finds nothing exactly where two values are equal", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        // -0 and 0 are one number in an entry.
        const [before, after] = [a, b].map((value) => JSON.parse(JSON.stringify(value)) as Json) as [Json, Json];
        expect(changedPaths(before, before)).toEqual([]);
        expect(changedPaths(before, structuredClone(before) as Json)).toEqual([]);
        expect(changedPaths(before, after).length === 0).toBe(isSame(before, after));
      }),
    );
  });
});

function isSame(a: Json, b: Json): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}
