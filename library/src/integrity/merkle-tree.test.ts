import { expect, test } from "vitest";

import { decodeHex, encodeHex } from "../base/bytes.ts";
import { leafHash } from "./leaf.ts";
import { createLeafHashReader, emptyRoot, levelOfPerfect, nodeHash, splitSize, treeRoot } from "./merkle-tree.ts";

// The tree that implementations of RFC 6962 have tested with since Certificate Transparency began.
const entries = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(decodeHex);
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

test("the roots of the well-known tree of eight entries come out", () => {
  const read = createLeafHashReader(entries.map(leafHash));
  for (const [place, root] of roots.entries()) expect(encodeHex(treeRoot(place + 1, read))).toBe(root);
});

test("the empty tree has the hash of nothing as its root", () => {
  const root = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  expect(encodeHex(emptyRoot())).toBe(root);
  expect(encodeHex(treeRoot(0, createLeafHashReader([])))).toBe(root);
});

test("a tree splits at the largest power of two below its size, beyond 32 bits too", () => {
  expect([2, 3, 4, 5, 8, 9].map(splitSize)).toEqual([1, 2, 2, 4, 4, 8]);
  expect(splitSize(2 ** 40 + 1)).toBe(2 ** 40);
  expect(splitSize(2 ** 40)).toBe(2 ** 39);
  expect([1, 2, 3, 4, 2 ** 52].map(levelOfPerfect)).toEqual([0, 1, undefined, 2, 52]);
  expect(levelOfPerfect(0)).toBeUndefined();
});

test("only hashes are hashed together", () => {
  const hash = emptyRoot();
  const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });
  expect(() => nodeHash(hash.slice(1), hash)).toThrow(malformed);
  expect(() => nodeHash(hash, new Uint8Array(64))).toThrow(malformed);
});

test("a hash that is not there is an error of verification, a size that is none is the caller's", () => {
  expect(() => treeRoot(9, createLeafHashReader(entries.map(leafHash)))).toThrow(
    expect.objectContaining({ code: "VERIFY_MALFORMED" }),
  );
  for (const size of [-1, 1.5, Number.NaN, 2 ** 53]) {
    expect(() => treeRoot(size, createLeafHashReader([]))).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  }
});
