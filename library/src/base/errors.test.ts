import { expect, test } from "vitest";

import { errorCodes, type ErrorCode } from "./error-codes.ts";
import { asSentence, assertKnownOptions, AuditError, isAuditError, nearest, quote, suggestion } from "./errors.ts";

test("an error carries its code, its facts and what caused it", () => {
  const cause = new Error("below");
  const error = new AuditError("STORE_FULL", "Cannot write.", { details: { path: "a.db" }, cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "AuditError",
    code: "STORE_FULL",
    message: "Cannot write.",
    details: { path: "a.db" },
    cause,
  });
  expect(new AuditError("STORE_FULL", "Cannot write.")).not.toHaveProperty("cause");
});

test("whether to retry is a property of the code", () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    expect(new AuditError(code, "x").retry).toBe(errorCodes[code].retry);
  }
});

test("every code is upper case, has an area and says what it means in a sentence", () => {
  for (const [code, info] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    expect(info.says).toMatch(/^[A-Z].*\.$/);
  }
});

test("an error of another copy of this library is recognised, anything else is not", () => {
  const foreign = { [Symbol.for("auditrail.error")]: true, code: "STORE_FULL" };
  expect(isAuditError(foreign)).toBe(true);
  expect(isAuditError(new AuditError("STORE_FULL", "x"))).toBe(true);
  for (const value of [new Error("x"), undefined, null, "STORE_FULL", {}]) expect(isAuditError(value)).toBe(false);
});

test("a quoted value is one bounded line, whatever it is", () => {
  expect(quote("a")).toBe('"a"');
  expect(quote("a\nb\u0000\u007f")).toBe(String.raw`"a\nb\u0000\u007f"`);
  expect(quote("x".repeat(100))).toBe(`"${"x".repeat(80)}…"`);
  expect(quote("abc", 2)).toBe('"ab…"');
  expect(quote(undefined)).toBe('"undefined"');
  expect(quote(Symbol("s"))).toBe('"Symbol(s)"');
});

test("a value that refuses to become text is quoted all the same", () => {
  expect(quote(Object.create(null))).toBe('"[object Object]"');
  const hostile = {
    toString(): string {
      throw new Error("no");
    },
  };
  expect(quote(hostile)).toBe('"[object Object]"');
});

test("the nearest name is found through a typing mistake, and none when all are far", () => {
  expect(nearest("serach", ["store", "search"])).toBe("search");
  expect(nearest("Store", ["store"])).toBe("store");
  expect(nearest("zzz", ["store", "search"])).toBeUndefined();
  expect(nearest("abc", [])).toBeUndefined();
  expect(suggestion("serach", ["search"])).toBe(' Did you mean "search"?');
  expect(suggestion("zzz", ["search"])).toBe("");
});

test("an unknown option is refused by name, with the nearest known one", () => {
  expect(() => assertKnownOptions("createTrail", { store: 1 }, ["store"])).not.toThrow();
  expect(() => assertKnownOptions("createTrail", { stroe: 1 }, ["store", "clock"])).toThrow(
    expect.objectContaining({
      code: "OPTION_UNKNOWN",
      message: 'createTrail has no option "stroe". Did you mean "store"? It knows store, clock.',
      details: { option: "stroe" },
    }),
  );
});

test("a message ends once, also where its last words ask", () => {
  expect(asSentence("There is no member")).toBe("There is no member.");
  for (const ended of ['Did you mean "x"?', "It ended."]) expect(asSentence(ended)).toBe(ended);
});
