import { expect, test } from "vitest";

import { escapeInvisible, visibleJson, visibleLines, visibleText } from "./visible-text.ts";

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Everything that moves the cursor, reorders, or takes no room. */
const dangerous = [
  ...range(0x00, 0x1f), // C0
  ...range(0x7f, 0x9f), // DEL and C1
  0xad, // soft hyphen
  0x61c, // Arabic letter mark
  ...[0x115f, 0x1160, 0x3164, 0xffa0], // Hangul fillers
  0x180e, // Mongolian vowel separator
  ...range(0x200b, 0x200f), // zero width space, joiners, directional marks
  ...[0x2028, 0x2029], // line and paragraph separators
  ...range(0x202a, 0x202e), // bidi embeddings and overrides
  ...range(0x2060, 0x206f), // word joiner, invisible operators, bidi isolates
  ...range(0xd800, 0xd803), // halves of surrogate pairs
  ...range(0xdffc, 0xdfff),
  ...range(0xfe00, 0xfe0f), // variation selectors
  ...[0xfeff, 0xfff9, 0xfffa, 0xfffb, 0xfffe, 0xffff],
  ...range(0xe0000, 0xe007f), // tags
  0xe0100, // variation selector supplement
];

test("no dangerous character comes through, alone or inside text", () => {
  const leaked = dangerous.filter((code) => {
    const character = String.fromCodePoint(code);
    const texts = [character, `a${character}b`, `😀${character}`, `é${character}x`];
    return texts.some((text) =>
      [visibleText(text), visibleJson({ [text]: text })].some((safe) => safe.includes(character)),
    );
  });
  expect(leaked).toEqual([]);
});

test("they are shown as JSON and JavaScript write them", () => {
  expect(visibleText("a\u001b[31m\u202eb\nc\td\r\u009b\u0000")).toBe(
    String.raw`a\u001b[31m\u202eb\nc\td\r\u009b\u0000`,
  );
  expect(visibleText("\u{e0041}")).toBe(String.raw`\udb40\udc41`);
});

test("ordinary text of any script is left alone, joined emoji too", () => {
  for (const text of [
    "plain",
    "naïve – “quoted”",
    "李伟",
    "нет",
    "السلام",
    "हिन्दी",
    "👩‍👩‍👧 👍🏽 🇷🇴 ❤️ 1️⃣",
    "e\u0301",
    "C:\\path",
  ]) {
    expect(visibleText(text)).toBe(text);
  }
});

test("text of several lines keeps them, and nothing else", () => {
  expect(visibleLines("one\r\ntwo\nthr\u001bee")).toEqual(["one", "two", String.raw`thr\u001bee`]);
});

test("JSON means the same as before", () => {
  const value = { "\u202ek": ["\u0000\u0085\u200d\ud800", "👩‍👩‍👧", "\n"] };
  const text = visibleJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u);
  expect(escapeInvisible('{"a":"\u202e"}')).toBe(String.raw`{"a":"\u202e"}`);
});
