import fc from "fast-check";
import { expect, test } from "vitest";

import { decodeEntryBundle, encodeEntryBundle, maxEntrySizeBytes } from "./entry-bundle.ts";
import { formatTilePath, parseTilePath, type TileResource } from "./tile-path.ts";
import { decodeTile, encodeTile, listChangedTiles, listCompletedTiles, listTiles, tileWidthAt } from "./tile.ts";

const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });
const invalid = expect.objectContaining({ code: "VALUE_INVALID" });

test("a tree of 70 000 has the tiles that tlog-tiles counts", () => {
  const tiles = listTiles(70_000);
  const count = (level: number, isFull: boolean) =>
    tiles.filter((tile) => tile.level === level && (tile.width === 256) === isFull);
  expect(count(0, true).length).toBe(273);
  expect(count(0, false)).toEqual([{ level: 0, index: 273, width: 112 }]);
  expect(count(1, true)).toEqual([{ level: 1, index: 0, width: 256 }]);
  expect(count(1, false)).toEqual([{ level: 1, index: 1, width: 17 }]);
  expect(tiles.filter((tile) => tile.level >= 2)).toEqual([{ level: 2, index: 0, width: 1 }]);
  expect(listTiles(256)).toEqual([
    { level: 0, index: 0, width: 256 },
    { level: 1, index: 0, width: 1 },
  ]);
  expect(listTiles(0)).toEqual([]);
});

test("growing step by step completes every full tile exactly once", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 8 }), (steps) => {
      const completed: string[] = [];
      let size = 0;
      for (const step of steps) {
        completed.push(...listCompletedTiles(size, size + step).map(formatTilePath));
        size += step;
      }
      const full = listTiles(size).filter((tile) => tile.width === 256);
      expect(completed.toSorted()).toEqual(full.map(formatTilePath).toSorted());
    }),
  );
});

test("the tiles that changed are those that were not there or were narrower", () => {
  const before = new Set(listTiles(700).map(formatTilePath));
  const expected = listTiles(1000).filter((tile) => !before.has(formatTilePath(tile)));
  expect(listChangedTiles(700, 1000)).toEqual(expected);
  expect(listChangedTiles(700, 700)).toEqual([]);
  expect(tileWidthAt(0, 2, 700)).toBe(188);
  expect(tileWidthAt(0, 3, 700)).toBe(0);
});

const resources: fc.Arbitrary<TileResource> = fc.oneof(
  fc.record({
    kind: fc.constant("hashes" as const),
    level: fc.nat(63),
    index: fc.maxSafeNat(),
    width: fc.integer({ min: 1, max: 256 }),
  }),
  fc.record({ kind: fc.constant("entries" as const), index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) }),
);

test("a path reads back as the tile it was written for", () => {
  fc.assert(
    fc.property(resources, (tile) => {
      expect(parseTilePath(formatTilePath(tile))).toEqual(tile);
    }),
  );
  expect(formatTilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
  expect(formatTilePath({ kind: "entries", index: 0, width: 3 })).toBe("tile/entries/000.p/3");
  expect(formatTilePath({ level: 1, index: 1000, width: 1 })).toBe("tile/1/x001/000.p/1");
});

test("there is one path for a tile, and no other is read", () => {
  for (const path of [
    "",
    "tile/0",
    "/tile/0/000",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/0",
    "tile/0/0000",
    "tile/0/x000/001",
    "tile/0/x001/x234/x067",
    "tile/0/001/234",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/1\n",
    "tile/0/000/",
    "tile/entries/x999/x999/x999/x999/x999/999",
    "tile/data/000",
  ]) {
    expect(() => parseTilePath(path)).toThrow(malformed);
  }
  expect(() => formatTilePath({ level: 0, index: -1, width: 1 })).toThrow(invalid);
  expect(() => formatTilePath({ level: 64, index: 0, width: 1 })).toThrow(invalid);
  expect(() => formatTilePath({ level: 0, index: 0, width: 257 })).toThrow(invalid);
});

const hashes = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 256 });

test("a tile reads back, and a wider one stands in for a narrower", () => {
  fc.assert(
    fc.property(hashes, fc.nat(), (row, seed) => {
      const width = (seed % row.length) + 1;
      expect(decodeTile(encodeTile(row))).toEqual(row);
      expect(decodeTile(encodeTile(row), width)).toEqual(row.slice(0, width));
      expect(() => decodeTile(encodeTile(row), row.length + 1)).toThrow(malformed);
    }),
  );
});

test("what cannot be a tile is refused", () => {
  for (const size of [0, 31, 33, 257 * 32]) expect(() => decodeTile(new Uint8Array(size))).toThrow(malformed);
  expect(() => encodeTile([])).toThrow(invalid);
  expect(() => encodeTile([new Uint8Array(31)])).toThrow(invalid);
});

const bundles = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });

test("a bundle of entries reads back, empty entries included", () => {
  fc.assert(
    fc.property(bundles, (entries) => {
      expect(decodeEntryBundle(encodeEntryBundle(entries))).toEqual(entries);
    }),
  );
  const largest = [new Uint8Array(maxEntrySizeBytes).fill(1), new Uint8Array(256)];
  expect(decodeEntryBundle(encodeEntryBundle(largest), 2)).toEqual(largest);
  expect(decodeEntryBundle(encodeEntryBundle(largest), 1)).toEqual(largest.slice(0, 1));
});

test("what cannot be a bundle is refused", () => {
  const bytes = encodeEntryBundle([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  // cut after five bytes it is the bundle of the first entry alone
  for (const size of [0, 1, 2, 3, 4, 6, 7]) {
    expect(() => decodeEntryBundle(bytes.slice(0, size))).toThrow(malformed);
  }
  expect(() => decodeEntryBundle(bytes, 3)).toThrow(malformed);
  expect(() => decodeEntryBundle(new Uint8Array(2 * 257))).toThrow(malformed);
  expect(() => encodeEntryBundle([])).toThrow(invalid);
  expect(() => encodeEntryBundle([new Uint8Array(maxEntrySizeBytes + 1)])).toThrow(invalid);
});
