import { expect, test } from "vitest";

import { concatBytes, encodeHex, encodeUtf8 } from "../base/bytes.ts";
import { sha256 } from "../base/sha256.ts";
import { leafHash } from "./leaf.ts";

test("the leaf hash of nothing is the published one", () => {
  const published = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
  expect(encodeHex(leafHash(""))).toBe(published);
  expect(encodeHex(leafHash(new Uint8Array(0)))).toBe(published);
});

test("a text is hashed as its UTF-8, and an entry of any size as its bytes", () => {
  expect(leafHash("ä€😀")).toEqual(leafHash(encodeUtf8("ä€😀")));
  for (const size of [1, 65_534, 65_535, 65_536, 200_000]) {
    const entry = new Uint8Array(size).fill(size % 251);
    expect(leafHash(entry)).toEqual(sha256(concatBytes(Uint8Array.of(0), entry)));
  }
});

test("a short entry after a long one is not mixed with what the buffer held", () => {
  leafHash(new Uint8Array(1000).fill(255));
  expect(leafHash(Uint8Array.of(1, 2))).toEqual(sha256(Uint8Array.of(0, 1, 2)));
  expect(leafHash(Uint8Array.of(9, 1, 2, 9).subarray(1, 3))).toEqual(sha256(Uint8Array.of(0, 1, 2)));
});
