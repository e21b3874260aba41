import fc from "fast-check";
import { expect, test } from "vitest";

import {
  appendLeaf,
  createLeafHashReader,
  createTileHashReader,
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  encodeTile,
  extendRange,
  formatTilePath,
  leafHash,
  listTiles,
  listTilesForReads,
  makeConsistencyProof,
  makeInclusionProof,
  rangeRoot,
  tileWidth,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  VerificationError,
  type HashReader,
} from "../../src/integrity/index.ts";
import { naiveConsistency, naiveInclusion, naiveLeaf, naiveRoot } from "./naive-tree.ts";

const leaves = Array.from({ length: 700 }, (_, index) => leafHash(`entry ${index}`));
const sizes = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: leaves.length }), fc.constantFrom(255, 256, 257, 511, 512, 513));

test("leaf hashes agree with the naive tree for bytes and for text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (text) => {
      const bytes = new TextEncoder().encode(text);
      expect(leafHash(bytes)).toEqual(naiveLeaf(bytes));
      expect(leafHash(text)).toEqual(naiveLeaf(bytes));
    }),
  );
});

test("roots agree with the naive tree, read from leaves or kept in a compact range", () => {
  fc.assert(
    fc.property(sizes, (size) => {
      const expected = naiveRoot(leaves.slice(0, size));
      expect(treeRoot(size, createLeafHashReader(leaves))).toEqual(expected);
      expect(rangeRoot(extendRange(emptyRange, leaves.slice(0, size)))).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("a compact range grows the same way leaf by leaf, in batches and after being stored", () => {
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [first, last] = a < b ? [a, b] : [b, a];
      const stored = decodeCompactRange(encodeCompactRange(extendRange(emptyRange, leaves.slice(0, first))));
      const batch = extendRange(stored, leaves.slice(first, last));
      const single = leaves.slice(first, last).reduce((range, leaf) => appendLeaf(range, leaf), stored);
      expect(batch).toEqual(single);
      expect(rangeRoot(batch)).toEqual(naiveRoot(leaves.slice(0, last)));
    }),
    { numRuns: 40 },
  );
});

test("a compact range tells of every perfect subtree exactly once", () => {
  const seen = new Map<string, Uint8Array>();
  extendRange(emptyRange, leaves.slice(0, 300), (level, index, hash) => {
    expect(seen.has(`${level}/${index}`)).toBe(false);
    seen.set(`${level}/${index}`, hash);
  });
  const read = createLeafHashReader(leaves);
  let expected = 0;
  for (let level = 0; 2 ** level <= 300; level += 1) {
    for (let index = 0; (index + 1) * 2 ** level <= 300; index += 1) {
      expect(seen.get(`${level}/${index}`)).toEqual(read(level, index));
      expected += 1;
    }
  }
  expect(seen.size).toBe(expected);
});

test("inclusion proofs agree with the naive tree and verify; with anything changed they do not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (size, indexSeed, changeSeed) => {
      const index = indexSeed % size;
      const proof = makeInclusionProof(index, size, createLeafHashReader(leaves));
      expect(proof).toEqual(naiveInclusion(index, leaves.slice(0, size)));
      const claim = { index, size, leafHash: leaves[index]!, root: naiveRoot(leaves.slice(0, size)), proof };
      verifyInclusion(claim);
      expectRefused(() => verifyInclusion({ ...claim, proof: [...proof, leaves[0]!] }));
      expectRefused(() => verifyInclusion({ ...claim, leafHash: leaves[size]! }));
      expectRefused(() => verifyInclusion({ ...claim, root: leaves[699]! }));
      if (size > 1) expectRefused(() => verifyInclusion({ ...claim, index: (index + 1 + (changeSeed % (size - 1))) % size }));
      if (proof.length > 0) expectRefused(() => verifyInclusion({ ...claim, proof: changeOne(proof, changeSeed) }));
    }),
    { numRuns: 80 },
  );
});

test("consistency proofs agree with the naive tree and verify; with anything changed they do not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }), fc.nat(), (a, b, changeSeed) => {
      const [oldSize, newSize] = a < b ? [a, b] : [b, a];
      const proof = makeConsistencyProof(oldSize, newSize, createLeafHashReader(leaves));
      expect(proof).toEqual(naiveConsistency(oldSize, leaves.slice(0, newSize)));
      const [oldRoot, newRoot] = [naiveRoot(leaves.slice(0, oldSize)), naiveRoot(leaves.slice(0, newSize))];
      const claim = { oldSize, oldRoot, newSize, newRoot, proof };
      verifyConsistency(claim);
      expectRefused(() => verifyConsistency({ ...claim, oldRoot: leaves[699]! }));
      expectRefused(() => verifyConsistency({ ...claim, proof: [...proof, leaves[0]!] }));
      if (oldSize > 0) expectRefused(() => verifyConsistency({ ...claim, newRoot: leaves[699]! }));
      if (proof.length > 0) expectRefused(() => verifyConsistency({ ...claim, proof: changeOne(proof, changeSeed) }));
    }),
    { numRuns: 80 },
  );
});

test("every proof of a tree of 600 can be made from its tiles, and needs only the tiles that are listed", () => {
  const size = 600;
  const files = tileFiles(size);
  const fromLeaves = createLeafHashReader(leaves);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 0, max: size }), (index, oldSize) => {
      for (const make of [(read: HashReader) => makeInclusionProof(index, size, read), (read: HashReader) => makeConsistencyProof(oldSize, size, read)]) {
        const needed = new Set(listTilesForReads(size, make).map(formatTilePath));
        const read = createTileHashReader(size, (tile) => (needed.has(formatTilePath(tile)) ? files.get(formatTilePath(tile)) : undefined));
        expect(make(read)).toEqual(make(fromLeaves));
      }
    }),
    { numRuns: 40 },
  );
  expect(treeRoot(size, createTileHashReader(size, (tile) => files.get(formatTilePath(tile))))).toEqual(naiveRoot(leaves.slice(0, size)));
});

/** The tile files of a tree, built only from hashes of complete subtrees as the appending side hears of them. */
function tileFiles(size: number): ReadonlyMap<string, Uint8Array> {
  const rows = new Map<number, Uint8Array[]>();
  extendRange(emptyRange, leaves.slice(0, size), (level, _index, hash) => {
    if (level % 8 === 0) rows.set(level / 8, [...(rows.get(level / 8) ?? []), hash]);
  });
  const slice = (level: number, index: number, width: number): Uint8Array[] => rows.get(level)!.slice(index * tileWidth, index * tileWidth + width);
  return new Map(listTiles(size).map((tile) => [formatTilePath(tile), encodeTile(slice(tile.level, tile.index, tile.width))]));
}

function changeOne(proof: readonly Uint8Array[], seed: number): readonly Uint8Array[] {
  const changed = proof.map((hash) => hash.slice());
  changed[seed % proof.length]![seed % 32]! ^= 1 << (seed % 8);
  return changed;
}

function expectRefused(run: () => void): void {
  expect(run).toThrow(VerificationError);
}
