import { expect, test } from "vitest";

import {
  appendLeaf,
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  extendRange,
  rangeRoot,
} from "./compact-range.ts";
import { leafHash } from "./leaf.ts";
import { emptyRoot } from "./merkle-tree.ts";

const leaves = Array.from({ length: 100 }, (_, index) => leafHash(String(index)));
const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });

test("appending does not change the range it starts from", () => {
  const five = extendRange(emptyRange, leaves.slice(0, 5));
  const before = [...five.hashes];
  extendRange(five, leaves.slice(5, 20));
  expect(five).toEqual({ size: 5, hashes: before });
  expect(emptyRange).toEqual({ size: 0, hashes: [] });
  expect(rangeRoot(emptyRange)).toEqual(emptyRoot());
});

test("appending n leaves joins fewer than n subtrees, wherever it starts", () => {
  for (const start of [0, 1, 63]) {
    let nodes = 0;
    extendRange(extendRange(emptyRange, leaves.slice(0, start)), leaves.slice(0, 36), (level) => {
      if (level > 0) nodes += 1;
    });
    expect(nodes).toBeLessThan(36 + 6);
  }
});

test("a range has as many hashes as its size has one bits", () => {
  for (let size = 0; size < leaves.length; size += 1) {
    const range = extendRange(emptyRange, leaves.slice(0, size));
    expect(range.hashes.length).toBe(size.toString(2).replaceAll("0", "").length);
    expect(decodeCompactRange(encodeCompactRange(range))).toEqual(range);
  }
});

test("what cannot be a range is refused", () => {
  const bytes = encodeCompactRange(extendRange(emptyRange, leaves.slice(0, 5)));
  for (const wrong of [bytes.slice(0, 7), bytes.slice(0, -1), bytes.slice(0, -32), new Uint8Array(0)]) {
    expect(() => decodeCompactRange(wrong)).toThrow(malformed);
  }
  const huge = bytes.slice();
  huge[0] = 255;
  expect(() => decodeCompactRange(huge)).toThrow(malformed);
  expect(() => encodeCompactRange({ size: 2, hashes: [] })).toThrow(malformed);
});

test("only hashes are appended, and no more than can be counted", () => {
  const invalid = expect.objectContaining({ code: "VALUE_INVALID" });
  expect(() => appendLeaf(emptyRange, new Uint8Array(31))).toThrow(invalid);
  expect(() => appendLeaf({ size: Number.MAX_SAFE_INTEGER, hashes: [] }, leaves[0]!)).toThrow(invalid);
});
