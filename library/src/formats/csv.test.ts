import { expect, test } from "vitest";

import { csvCell, csvLine } from "./csv.ts";

test("cells that a spreadsheet would run get an apostrophe in front", () => {
  for (const text of ["=1", "+1", "-x", "@a", " =1", "\u200b=1", "＝1", "＋1", "－1", "＠a", "-1+2", "--1"]) {
    expect(csvCell(text).replace(/^"/, "")).toMatch(/^'/);
  }
});

test("so do those that have one already, so that one apostrophe can always be taken away", () => {
  expect(csvCell("'twas")).toBe("''twas");
});

test("plain numbers and text are left alone", () => {
  for (const text of ["-12.50", "0", "3e5", "a=b", "a-b", "", "user@example.com"]) expect(csvCell(text)).toBe(text);
});

test("commas, quotation marks and line breaks are quoted, lines end with CR LF", () => {
  expect(csvLine(["a,b", 'say "hi"', "two\nlines", " x"])).toBe('"a,b","say ""hi""","two\nlines"," x"\r\n');
});

test("what acts on a terminal is made visible", () => {
  expect(csvCell("a\u001b[2J\u202eb")).toBe(String.raw`a\u001b[2J\u202eb`);
  expect(csvCell("a\r\nb\rc")).toBe(`"${String.raw`a`}\n${String.raw`b\rc`}"`);
});
