import { describe, expect, test } from "vitest";
import fc from "fast-check";

import { utf8Length } from "../base/bytes.ts";
import { canonicalize } from "../base/canonical-json.ts";
import { measure, prefixWithin, textSize } from "./measure.ts";
import type { PlainJson } from "./plain-json.ts";

describe("measure", () => {
  test("is never less than canonical JSON takes, and little more", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (made) => {
        const value = JSON.parse(JSON.stringify(made)) as PlainJson;
        const exact = utf8Length(canonicalize(value));
        const measured = measure(value, new Map());
        expect(measured).toBeGreaterThanOrEqual(exact);
        expect(measured).toBeLessThanOrEqual(exact + 1 + (JSON.stringify(value).match(/[[{]/g)?.length ?? 0));
      }),
    );
  });

  test("looks at a list or an object once", () => {
    const list: PlainJson[] = ["a"];
    const sizes = new Map();
    expect(measure(list, sizes)).toBe(6);
    list.push("b");
    expect(measure(list, sizes)).toBe(6);
  });
});

describe("prefixWithin", () => {
  test("is the longest prefix of whole characters that fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(60), (text, room) => {
        const prefix = prefixWithin(text, room);
        expect(text.startsWith(prefix)).toBe(true);
        expect(textSize(prefix) - 2).toBeLessThanOrEqual(room);
        expect(prefix.isWellFormed()).toBe(true);
        // Control characters are taken to need six bytes, though some have a shorter escape.
        const controls = text.slice(0, prefix.length + 1).match(/[\u0000-\u001f]/g)?.length ?? 0;
        const next = String.fromCodePoint(text.codePointAt(prefix.length) ?? 0);
        expect(prefix === text || textSize(prefix + next) - 2 + 4 * controls > room).toBe(true);
      }),
    );
  });
});
