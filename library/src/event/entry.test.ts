import { describe, expect, test } from "vitest";

import { encodeUtf8 } from "../base/bytes.ts";
import { canonicalize, type Json } from "../base/canonical-json.ts";
import { openEntry, parseEventText, type SealedPart } from "./entry.ts";

const seals = (...paths: (readonly string[])[]) =>
  paths.map((each, index) => ({ subject: `user/${index}`, paths: each, commitment: "AA==" }));

function open(event: object, fragments: Readonly<Record<number, string | Json>>) {
  const sealed: SealedPart[] = Object.entries(fragments).map(([index, fragment]) => ({
    index: Number(index),
    subject: `user/${index}`,
    salt: new Uint8Array(16),
    bytes: encodeUtf8(typeof fragment === "string" ? fragment : canonicalize(fragment)),
  }));
  const text = JSON.stringify({ id: "1", action: "a.b", ...event });
  return openEntry({ seq: 7, recordedAtMicros: 1_000_001, hash: Uint8Array.of(1), text, sealed });
}

describe("openEntry", () => {
  test("puts personal data back where it was", () => {
    const { event, erased } = open(
      {
        actor: { type: "user" },
        data: { list: [{ a: 1 }, null, { a: 3 }] },
        sealed: seals(["/actor/name"], ["/data/list/0/n", "/data/list/1"]),
      },
      { 0: { actor: { name: "Dana" } }, 1: { data: { list: [{ n: "x" }, { deep: [1] }] } } },
    );
    expect(event.actor).toEqual({ type: "user", name: "Dana" });
    expect(event.data).toEqual({ list: [{ a: 1, n: "x" }, { deep: [1] }, { a: 3 }] });
    expect(erased).toEqual([]);
  });

  test("says what was erased", () => {
    const { event, erased } = open(
      { actor: { type: "user" }, sealed: seals(["/actor/name", "/actor/email"], ["/message"]) },
      { 1: { message: "hi" } },
    );
    expect(erased).toEqual(["/actor/name", "/actor/email"]);
    expect(event.message).toBe("hi");
  });

  test("gives position, time and hash", () => {
    expect(open({}, {})).toMatchObject({
      seq: 7,
      recordedAt: "1970-01-01T00:00:01.000001Z",
      hash: "01",
      erased: [],
    });
  });

  test("takes members that every object has for what they are: not there", () => {
    const { event } = open(
      { data: { a: {} }, sealed: seals(["/data"]) },
      { 0: { data: { a: { constructor: null, toString: { x: 1 } }, valueOf: [1] } } },
    );
    expect(event.data).toEqual({ a: { constructor: null, toString: { x: 1 } }, valueOf: [1] });
  });

  test("never lets a fragment reach a prototype", () => {
    const { event } = open(
      { data: { a: 1 }, sealed: seals(["/data"]) },
      { 0: '{"data":{"__proto__":{"polluted":true}}}' },
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(event.data)).toBe(Object.prototype);
  });
});

describe("parseEventText", () => {
  test.each(["", "{", "null", "[]", '"text"', '{"id":"1"}'])("refuses %j as damage", (text) => {
    expect(() => parseEventText(text)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  });
});
