import { expect, test } from "vitest";

import { checkSizes } from "./check-sizes.ts";
import { withFixtureTree } from "./fixture-tree.ts";

const body = (lines: number): string => "  again();\n".repeat(lines - 2);
const functionOf = (lines: number): string => `function long() {\n${body(lines)}}\n`;
const sizesOf = (files: Record<string, string>) => withFixtureTree(files, (root) => checkSizes(root));

test("a function of 60 lines passes, of 61 is noted, of 101 fails", () => {
  const path = "library/src/trail/a.ts";
  expect(sizesOf({ [path]: functionOf(60) })).toEqual({ findings: [], notes: [], files: 1, functions: 1 });
  expect(sizesOf({ [path]: functionOf(61) }).notes).toEqual([`${path}:1  note: function long has 61 lines`]);
  expect(sizesOf({ [path]: functionOf(100) }).findings).toEqual([]);
  expect(sizesOf({ [path]: `\n${functionOf(101)}` }).findings).toEqual([
    expect.objectContaining({
      path,
      line: 2,
      rule: "function-size",
      found: "function long has 101 lines; the limit is 100",
    }),
  ]);
});

test("in integrity/ a function fails above 60 lines", () => {
  expect(sizesOf({ "library/src/integrity/a.ts": functionOf(60) }).findings).toEqual([]);
  expect(sizesOf({ "library/src/integrity/a.ts": functionOf(61) }).findings).toHaveLength(1);
});

test.each([
  ["a method", "export class Thing {\n  long() {\n§  }\n}\n"],
  ["a constructor", "export class Thing {\n  constructor() {\n§  }\n}\n"],
  ["an arrow with a block", "export const long = () => {\n§};\n"],
  ["a function in an object", "export const all = { long() {\n§} };\n"],
  ["a function inside another call", "export const long = wrap(function () {\n§});\n"],
])("%s is measured by its name", (_what, text) => {
  const { findings } = sizesOf({ "library/src/trail/a.ts": text.replace("§", body(101)) });
  expect(findings).toHaveLength(1);
  expect(findings[0]?.found).toMatch(/^function (long|constructor) has 101 lines/);
});

test("a long value is no long function", () => {
  const text = `export const table = () => ({\n${"  a: 1,\n".repeat(150)}});\n`;
  expect(sizesOf({ "library/src/trail/a.ts": text }).findings).toEqual([]);
});

test("a file above 250 lines is noted, above 500 fails, test files too", () => {
  const path = "library/src/trail/a.test.ts";
  expect(sizesOf({ [path]: "again();\n".repeat(250) }).notes).toEqual([]);
  expect(sizesOf({ [path]: "again();\n".repeat(251) }).notes).toEqual([
    `${path}:1  note: file a.test.ts has 251 lines`,
  ]);
  expect(sizesOf({ [path]: "again();\n".repeat(501) }).findings).toEqual([
    expect.objectContaining({ rule: "file-size" }),
  ]);
});

test("functions of test files may be long, and generated files in every way", () => {
  const files = {
    "library/src/trail/a.test.ts": functionOf(200),
    "library/test/doors/a.ts": functionOf(200),
    "library/src/trail/sql.generated.ts": functionOf(900),
  };
  expect(sizesOf(files).findings).toEqual([]);
});

test("a component may have 200 lines, another function of its file 100", () => {
  const component = (lines: number): string => `export function Page() {\n${body(lines)}}\n`;
  expect(sizesOf({ "console/src/page.tsx": component(200) }).findings).toEqual([]);
  expect(sizesOf({ "console/src/page.tsx": component(201) }).findings).toEqual([
    expect.objectContaining({ rule: "component-size" }),
  ]);
  expect(sizesOf({ "console/src/page.tsx": functionOf(101) }).findings).toEqual([
    expect.objectContaining({ rule: "function-size" }),
  ]);
});

test("what does not parse is a finding", () => {
  expect(sizesOf({ "bench/a.ts": "const = 1;\n" }).findings).toEqual([
    expect.objectContaining({ path: "bench/a.ts", rule: "parse" }),
  ]);
});
