import fc from "fast-check";
import { expect, test } from "vitest";

import { readLines, showBytes, type Line } from "./read-lines.ts";

async function linesOf(
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length || 1],
  limit?: number,
): Promise<readonly Line[]> {
  async function* chunks() {
    for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
      const size = Math.max(1, sizes[turn % sizes.length]!);
      yield bytes.subarray(start, start + size);
      start += size;
    }
  }
  const lines: Line[] = [];
  for await (const batch of readLines(chunks(), limit)) lines.push(...batch);
  return lines;
}

test("lines are the same however the bytes are cut into chunks", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n", "\r\n", "\0") });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), async (whole, sizes) => {
      const lines = await linesOf(Buffer.from(whole), sizes);
      const expected = whole.split("\n");
      if (expected.at(-1) === "") expected.pop();
      expect(lines.map((line) => line.text)).toEqual(expected.map((line) => line.replace(/\r$/, "")));
      expect(lines.map((line) => line.number)).toEqual(expected.map((_, index) => index + 1));
    }),
  );
});

test("a last line without its line end says so", async () => {
  expect(await linesOf(Buffer.from("one\ntwo"))).toEqual([
    { number: 1, text: "one" },
    { number: 2, text: "two", unfinished: true },
  ]);
});

test("a line that is too long is not held, and the next one is whole", async () => {
  const bytes = Buffer.concat([Buffer.from("first\n"), Buffer.alloc(5000, "x"), Buffer.from("\nlast\n")]);
  for (const size of [1, 7, 100, 10_000]) {
    const [first, long, last] = await linesOf(bytes, [size], 1000);
    expect([first?.text, last?.text]).toEqual(["first", "last"]);
    expect(long).toMatchObject({ number: 2, flaw: "too long" });
    expect(long!.text.length).toBeLessThanOrEqual(256);
  }
});

test("bytes that are not UTF-8 are shown and not lost", async () => {
  const [line] = await linesOf(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0xc3, 0x0a]));
  expect(line).toEqual({ number: 1, text: String.raw`a\xffé\xc3`, flaw: "not UTF-8" });
  expect(showBytes(Buffer.from("plain é 😀"))).toBe("plain é 😀");
});
