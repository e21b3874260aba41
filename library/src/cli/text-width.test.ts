import { expect, test } from "vitest";

import { fitText, padText, textWidth, wrapText } from "./text-width.ts";

test("wide characters take two columns, combining ones none", () => {
  expect([textWidth("abc"), textWidth("李伟"), textWidth("é"), textWidth("e\u0301"), textWidth("👩‍👩‍👧")]).toEqual([
    3, 4, 1, 1, 2,
  ]);
});

test("a text is cut to its columns with an ellipsis, never through a wide character", () => {
  expect(fitText("abcdef", 4)).toBe("abc…");
  expect(fitText("abcd", 4)).toBe("abcd");
  for (let columns = 1; columns < 12; columns += 1)
    expect(textWidth(fitText("a李伟b👍c李", columns))).toBeLessThanOrEqual(columns);
  expect(fitText("abc", Infinity)).toBe("abc");
});

test("padding counts columns, not characters", () => {
  expect(padText("李", 4)).toBe("李  ");
  expect(padText("7", 3, true)).toBe("  7");
});

test("text is wrapped at spaces, and words that are too long where they have to be", () => {
  expect(wrapText("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrapText("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
  for (const line of wrapText("李伟李伟 李伟李伟李伟 x", 5)) expect(textWidth(line)).toBeLessThanOrEqual(5);
  expect(wrapText("", 5)).toEqual([""]);
});
