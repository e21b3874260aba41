/** The pages about queries say what is so: their examples are read, and the table of fields is the table of fields. */

import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { fields } from "../../src/query/fields.ts";
import { parseQuery } from "../../src/query/parse-query.ts";

const read = (path: string): string => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), "utf8");
const reference = read("reference/query.md");
const options = { now: Date.parse("2026-11-22T10:00:00Z") * 1000, zone: "Europe/Bucharest" };

const blocks = [...reference.matchAll(/```query\n([^`]*)```/g)].flatMap(([, lines]) => lines!.trim().split("\n"));
const guide = [...read("guide/query.md").matchAll(/^\| [^|]+ \| `([^`]+)` \|$/gm)].map(([, text]) => text!);
const values = [...reference.matchAll(/^\| `([a-zA-Z.]+:[^`]+)`/gm)].map(([, text]) => text!);

describe("the examples are queries", () => {
  test("there are many", () =>
    expect([blocks.length > 20, guide.length > 10, values.length > 12]).toEqual([true, true, true]));
  for (const text of new Set([...blocks, ...guide, ...values]))
    test(`reads ${text}`, () => expect(parseQuery(text, options).kind).not.toBe("everything"));
});

test("the table of fields has every field, with what it takes and what it is", () => {
  const rows = [...reference.split("## Fields")[1]!.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, ...cells]) => cells,
  );
  const names = {
    text: "text",
    reference: "reference",
    number: "number",
    time: "time",
    value: "any value",
    pointer: "path",
  };
  const expected = fields.map(({ name, type, says, values: choices, personal }) => {
    const takes = type === "choice" ? choices!.join(", ") : names[type];
    return [name, personal === true ? `${takes}, personal` : takes, says];
  });
  expect(rows).toEqual(expected);
});
