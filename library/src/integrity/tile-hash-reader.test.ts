import { expect, test } from "vitest";

import { makeInclusionProof } from "./inclusion-proof.ts";
import { leafHash } from "./leaf.ts";
import { createTileHashReader, listTilesForReads } from "./tile-hash-reader.ts";
import { encodeTile } from "./tile.ts";

const leaves = Array.from({ length: 256 }, (_, index) => leafHash(String(index)));

test("the tiles for a proof are named before they are fetched", () => {
  expect(listTilesForReads(70_000, (read) => makeInclusionProof(69_999, 70_000, read))).toEqual([
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
});

test("a full tile is taken for a partial one, a missing or broken one is an error of verification", () => {
  const full = encodeTile(leaves);
  const expected = createTileHashReader(200, () => encodeTile(leaves.slice(0, 200)))(3, 5);
  expect(createTileHashReader(200, () => full)(3, 5)).toEqual(expected);
  const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });
  expect(() => createTileHashReader(200, () => undefined)(0, 0)).toThrow(malformed);
  expect(() => createTileHashReader(200, () => full.slice(0, 199 * 32))(0, 0)).toThrow(malformed);
  expect(() => createTileHashReader(200, () => full.slice(1))(0, 0)).toThrow(malformed);
});

test("a node that the tree does not have is not read", () => {
  const read = createTileHashReader(200, () => encodeTile(leaves));
  const invalid = expect.objectContaining({ code: "VALUE_INVALID" });
  expect(() => read(0, 200)).toThrow(invalid);
  expect(() => read(3, 25)).toThrow(invalid);
  expect(() => read(8, 0)).toThrow(invalid);
});
