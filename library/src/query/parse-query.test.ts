import { describe, expect, test } from "vitest";

import { isAuditError } from "../base/errors.ts";
import type { FieldQuery, Query } from "./ast.ts";
import { fields } from "./fields.ts";
import { formatQuery } from "./format-query.ts";
import { maximumDepth, maximumTerms, parseQuery } from "./parse-query.ts";

// A Thursday; Bucharest is at +02:00 until 29 March 03:00.
const options = { now: Date.parse("2026-03-26T10:20:30Z") * 1000, zone: "Europe/Bucharest" };
const parse = (text: string): Query => parseQuery(text, options);
const field = (text: string): FieldQuery => {
  const query = parse(text);
  if (query.kind !== "field") throw new Error(`${text} is a ${query.kind}`);
  return query;
};
const firstTest = (text: string) => field(text).tests[0];

describe("values", () => {
  const cases: readonly [string, object][] = [
    ["action:voucher.applied", { kind: "text", pattern: ["voucher.applied"] }],
    ["action:voucher.*", { kind: "text", pattern: ["voucher.", ""] }],
    ["message:a**b*c", { kind: "text", pattern: ["a", "b", "c"] }],
    ['message:"a*b"', { kind: "text", pattern: ["a*b"] }],
    ['message:"say \\"hi\\" \\\\"', { kind: "text", pattern: ['say "hi" \\'] }],
    ['message:"two words"*', { kind: "text", pattern: ["two words", ""] }],
    ['message:""', { kind: "text", pattern: [""] }],
    ["message:*", { kind: "exists" }],
    ["actor:user/42", { kind: "reference", type: ["user"], id: ["42"] }],
    ["actor:42", { kind: "reference", id: ["42"] }],
    ["target:file/a/b*", { kind: "reference", type: ["file"], id: ["a/b", ""] }],
    ["target:*/42", { kind: "reference", type: ["", ""], id: ["42"] }],
    ["duration:<10", { kind: "compare", operator: "<", number: 10 }],
    ["duration:>=1.5e3", { kind: "compare", operator: ">=", number: 1500 }],
    ["duration:1..5", { kind: "range", from: 1, to: 5 }],
    ["duration:1..", { kind: "compare", operator: ">=", number: 1 }],
    ["duration:..-1", { kind: "compare", operator: "<=", number: -1 }],
    ["duration:0", { kind: "number", number: 0, text: "0" }],
    ["data.price:12.50", { kind: "number", number: 12.5, text: "12.50" }],
    ['data.price:"12.50"', { kind: "text", pattern: ["12.50"] }],
    ["data.flag:true", { kind: "boolean", boolean: true }],
    ["data.flag:null", { kind: "null" }],
    ["data.flag:truer", { kind: "text", pattern: ["truer"] }],
    ["changed:role", { kind: "pointer", pattern: ["/role"] }],
    ["changed:address.lines.0", { kind: "pointer", pattern: ["/address/lines/0"] }],
    ["changed:/address/city", { kind: "pointer", pattern: ["/address/city"] }],
    ['changed:"a/b.c".d*', { kind: "pointer", pattern: ["/a~1b.c/d", ""] }],
    ["has:error", { kind: "exists" }],
  ];
  for (const [text, expected] of cases) {
    test(`${text} is ${JSON.stringify(expected)}`, () => expect(firstTest(text)).toEqual(expected));
  }

  test("a list is any of its values, and places are those of the text", () => {
    const query = field("  outcome:failure,denied");
    expect(query.tests).toHaveLength(2);
    expect(query.at).toEqual({ position: 2, length: 22 });
  });

  test("quoted steps of a path are names, bare digits are places in an array", () => {
    expect(field('data.items.0."0"."x.y":a').path).toEqual(["items", 0, "0", "x.y"]);
  });

  test("every field of the table can be asked for, and for its presence", () => {
    const values = { text: "a", reference: "a/b", number: "1", time: "today", value: "a", pointer: "a", choice: "" };
    for (const { name, type, values: choices } of fields) {
      expect(field(`has:${name}`).field).toBe(name);
      if (name !== "error") field(`${name}${type === "value" ? ".a" : ""}:${choices?.[0] ?? values[type]}`);
    }
  });

  test("the query is frozen all the way down", () => {
    const query = parse("(a OR data.x:1,b) -log:email") as { parts: readonly unknown[] };
    expect(Object.isFrozen(query) && Object.isFrozen(query.parts) && query.parts.every(Object.isFrozen)).toBe(true);
  });
});

describe("times", () => {
  const cases: readonly [string, string | undefined, string | undefined][] = [
    ["time:2026", "2025-12-31T22:00:00Z", "2026-12-31T22:00:00Z"],
    ["time:2026-03", "2026-02-28T22:00:00Z", "2026-03-31T21:00:00Z"],
    ["time:2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"],
    ["time:2026-01-01T10", "2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z"],
    ["time:2026-01-01T10:00", "2026-01-01T08:00:00Z", "2026-01-01T08:01:00Z"],
    ["time:2026-01-01T10:00:05Z", "2026-01-01T10:00:05Z", "2026-01-01T10:00:06Z"],
    ["time:2026-01-01T10:00:05.25+05:30", "2026-01-01T04:30:05.250Z", "2026-01-01T04:30:05.260Z"],
    // Not there, on the day of the change, and there twice.
    ["after:2026-03-29T03:30", "2026-03-29T01:30:00Z", undefined],
    ["after:2026-10-25T03:30", "2026-10-25T00:30:00Z", undefined],
    ["after:2026-01-01", "2025-12-31T22:00:00Z", undefined],
    ["before:2026-01-01", undefined, "2025-12-31T22:00:00Z"],
    ["time:>2026-01-01", "2026-01-01T22:00:00Z", undefined],
    ["time:<=2026-01-01", undefined, "2026-01-01T22:00:00Z"],
    ["time:2026-01-01..2026-01-31", "2025-12-31T22:00:00Z", "2026-01-31T22:00:00Z"],
    ["time:2026-01-01..", "2025-12-31T22:00:00Z", undefined],
    ["before:now-2h", undefined, "2026-03-26T08:20:30Z"],
    ["after:now+4d", "2026-03-30T09:20:30Z", undefined],
    ["after:now+96h", "2026-03-30T10:20:30Z", undefined],
    ["after:now-1mo", "2026-02-26T10:20:30Z", undefined],
    ["after:now-1y-1w+30m", "2025-03-19T10:50:30Z", undefined],
    ["time:today", "2026-03-25T22:00:00Z", "2026-03-26T22:00:00Z"],
    ["time:yesterday", "2026-03-24T22:00:00Z", "2026-03-25T22:00:00Z"],
    ["time:this-week", "2026-03-22T22:00:00Z", "2026-03-29T21:00:00Z"],
    ["time:last-month", "2026-01-31T22:00:00Z", "2026-02-28T22:00:00Z"],
    ["time:last-year", "2024-12-31T22:00:00Z", "2025-12-31T22:00:00Z"],
    ["recorded:today-7d", "2026-03-18T22:00:00Z", "2026-03-19T22:00:00Z"],
  ];
  for (const [text, from, to] of cases) {
    test(`${text} is from ${from} to ${to}`, () => {
      const found = firstTest(text);
      if (found?.kind !== "time") throw new Error("no time");
      expect([found.from, found.to]).toEqual([from, to].map((instant) => instant && Date.parse(instant) * 1000));
    });
  }

  test("a month on from the 31st is the month's last day", () => {
    const at = { now: Date.parse("2026-01-31T12:00:00Z") * 1000, zone: "UTC" };
    expect(parseQuery("after:now+1mo", at)).toMatchObject({
      tests: [{ from: Date.parse("2026-02-28T12:00:00Z") * 1000 }],
    });
  });
});

describe("structure", () => {
  const cases: readonly [string, string][] = [
    ["", ""],
    ["   ", ""],
    ["*", ""],
    ["a b", "a b"],
    ["a AND b", "a b"],
    ["a b OR c", "a b OR c"],
    ["a (b OR c)", "a (b OR c)"],
    ["((a))", "a"],
    ["(a b) c", "(a b) c"],
    ["NOT a", "-a"],
    ["-(a OR -b)", "-(a OR -b)"],
    ["--a", "--a"],
    ["or and not", "or and not"],
    ["Free-Words JOSÉ", '"free words" jose'],
    ['"free words"', '"free words"'],
    ["vouch*", "vouch*"],
    ["a-b*", "a-b*"],
    ["10:30", '"10 30"'],
    ["log:email OR(log:bot)", "log:email OR log:bot"],
    ["has:error,reason", "has:error OR has:reason"],
    ["time:>=2026 time:<2027", "after:2026 before:2027"],
    ['action:"voucher.applied"', "action:voucher.applied"],
  ];
  for (const [text, written] of cases) {
    test(`${JSON.stringify(text)} is written ${JSON.stringify(written)}`, () =>
      expect(formatQuery(parse(text))).toBe(written));
  }
});

describe("errors point at the place and say what was expected", () => {
  const cases: readonly [string, number, number, RegExp][] = [
    ["actr:user/42", 0, 4, /no field "actr" \(did you mean "actor"\?\)/],
    ["log:email durration:<5", 10, 9, /did you mean "duration"/],
    ["acter.name:x", 0, 10, /did you mean "actor.name"/],
    ["https://example.com", 0, 5, /quotation marks to search/],
    ["has:eror", 4, 4, /did you mean "error"/],
    ["has:", 4, 0, /ends too early.*a field's name/],
    ["outcome:sucess", 8, 6, /did you mean "success".*one of success, failure, denied, unknown/],
    ["actor:", 6, 0, /a value for actor/],
    ["log:email,", 10, 0, /a value for log/],
    ["duration:soon", 9, 4, /a number, such as 5, <10 or 1..5/],
    ["duration:<", 9, 1, /a number behind </],
    ["data.x:<abc", 7, 4, /a number behind </],
    ["data.x:5..1", 7, 4, /from the lower to the higher/],
    ["message:<b", 8, 2, /message is not compared/],
    ["error:x", 6, 1, /has:error/],
    ["data:x", 5, 1, /has:data, or a path below it/],
    ["time:soon", 5, 4, /a time, such as 2026-01-31/],
    ["time:2026-02-30", 5, 10, /a time, such as/],
    ['time:"2026"', 5, 6, /a time, such as/],
    ["after:<2026", 6, 5, /one time behind after:/],
    ["time:now-999999y", 5, 11, /a time, such as/],
    ["(a b", 0, 1, /a closing "\)"/],
    ["a)", 1, 1, /a term, or "\("/],
    ["()", 1, 1, /a word, a field such as actor:/],
    ["a OR", 4, 0, /ends too early/],
    ["OR a", 0, 1, /a word, a field/],
    ["a - b", 2, 1, /right behind it/],
    ['log:email "open', 10, 5, /a closing "/],
    ["foo*bar", 3, 1, /only at the end of a word/],
    ["!!!", 0, 3, /letters or digits/],
    ["a\0b", 1, 1, /NUL/],
    ["a\ud800b", 1, 1, /surrogate/],
  ];
  for (const [text, position, length, message] of cases) {
    test(`in ${JSON.stringify(text)}`, () => {
      const error = errorOf(text);
      expect(error.details).toMatchObject({ position, length, expected: expect.any(String) });
      expect(error.message.replaceAll("\n", " ")).toMatch(message);
    });
  }

  test("the message shows the place below the text", () => {
    expect(errorOf("log:email actr:42").message.split("\n").slice(1)).toEqual([
      "  log:email actr:42",
      "            ^^^^",
    ]);
  });

  test("a long query shows only what is around the place", () => {
    const lines = errorOf(`${"word ".repeat(100)}actr:42 ${"word ".repeat(100)}`).message.split("\n");
    expect(lines[1]!.length).toBeLessThan(100);
    expect(lines[1]!.slice(lines[2]!.indexOf("^"), lines[2]!.lastIndexOf("^") + 1)).toBe("actr");
  });

  test("depth, terms, values and length are bounded", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}a${")".repeat(depth)}`;
    expect(formatQuery(parse(nested(maximumDepth)))).toBe("a");
    for (const text of [nested(maximumDepth + 1), nested(4000), "-".repeat(8000) + "a"])
      expect(errorOf(text).message).toMatch(/nested too deeply/);
    expect(parse("a ".repeat(maximumTerms))).toMatchObject({ kind: "and" });
    expect(errorOf("a ".repeat(maximumTerms + 1)).message).toMatch(/too many terms/);
    expect(errorOf(`log:${"a,".repeat(300)}a`).message).toMatch(/list is too long/);
    expect(errorOf("a".repeat(9000)).message).toMatch(/9000 characters long/);
    expect(errorOf(`data${".a".repeat(40)}:1`).message).toMatch(/path is too long/);
  });

  test("an unknown zone is a mistake of the caller", () => {
    expect(() => parseQuery("a", { now: 0, zone: "Mars/Olympus" })).toThrow(/There is no time zone "Mars\/Olympus"/);
  });
});

function errorOf(text: string): { readonly message: string; readonly details: Readonly<Record<string, unknown>> } {
  try {
    parse(text);
  } catch (error) {
    if (isAuditError(error) && error.code === "QUERY_INVALID") return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was read`);
}
