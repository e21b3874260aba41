/**
 * The tree over the entries of a trail, recomputed tile by tile from the left, and what can be said of it afterwards.
 *
 * Kept are the roots of the tiles: 32 bytes for 256 entries. A leaf that is nowhere to be had leaves a hole: the root of its tile, and
 * every root to its right, is then unknown.
 */

import { rangeHash, splitSize, nodeHash, emptyRoot, type HashReader } from "./merkle-tree.ts";
import { createTileNodes, type TileNodes } from "./verify-tile.ts";
import { tileHeight, tileWidth } from "./tile.ts";
import { malformed } from "./verification-error.ts";

export interface RecomputedTree {
  /** The tile that is being filled. */
  readonly tile: TileNodes;
  /** Ends a tile of `width` leaves; `known` is how many of them, from the left, are known; `isFilled` where its nodes were worked out already. */
  endTile(width: number, known: number, isFilled: boolean): void;
  /** The root over the first `size` leaves, where `size` is at most at the end of the tile that was ended last. */
  rootInTile(size: number): Uint8Array | undefined;
  /** Nodes of level 8 and above; throws `VERIFY_MALFORMED` where one is unknown. */
  readonly read: HashReader;
  /** How many tiles were ended, and whether a root of one is known. */
  readonly tiles: number;
  isKnown(tile: number): boolean;
}

export function createRecomputedTree(): RecomputedTree {
  const tile = createTileNodes();
  const roots: (Uint8Array | undefined)[] = [];
  /** Roots of perfect subtrees of tiles, the largest first, as in compact-range.ts; undefined behind a hole. */
  const edges: (readonly Uint8Array[] | undefined)[] = [[], []];
  let last = { width: 0, known: 0 };

  const readRoots: HashReader = (level, index) => {
    if (level > tileHeight) return nodeHash(readRoots(level - 1, 2 * index), readRoots(level - 1, 2 * index + 1));
    const root = level === tileHeight ? roots[index] : undefined;
    if (root !== undefined) return root;
    throw malformed(`Node ${index} of level ${level} is unknown.`);
  };

  return {
    tile,
    read: readRoots,
    get tiles() {
      return roots.length;
    },
    isKnown: (number) => roots[number] !== undefined,
    endTile(width, known, isFilled) {
      if (!isFilled) tile.fill(known);
      last = { width, known };
      const root = known === tileWidth ? tile.node(tileHeight, 0) : undefined;
      const before = edges[1];
      roots.push(root);
      edges.shift();
      edges.push(before === undefined || root === undefined ? undefined : joinRoot(before, roots.length - 1, root));
    },
    rootInTile(size) {
      if (size === 0) return emptyRoot();
      const start = (roots.length - 1) * tileWidth;
      const [edge] = edges;
      if (edge === undefined || size - start > last.known) return undefined;
      return [...edge, ...subtreesOf(tile, size - start)].reduceRight((right, left) => nodeHash(left, right));
    },
  };
}

/** As a compact range grows by a leaf. */
function joinRoot(edge: readonly Uint8Array[], position: number, root: Uint8Array): readonly Uint8Array[] {
  const hashes = [...edge];
  let hash = root;
  for (let index = position; index % 2 === 1; index = (index - 1) / 2) hash = nodeHash(hashes.pop()!, hash);
  return [...hashes, hash];
}

/** The roots of the perfect subtrees over the first leaves of a tile, the largest first. */
function subtreesOf(tile: TileNodes, width: number): readonly Uint8Array[] {
  const hashes: Uint8Array[] = [];
  let start = 0;
  for (let level = tileHeight; level >= 0; level -= 1) {
    const size = 2 ** level;
    if (width - start < size) continue;
    hashes.push(tile.node(level, start / size));
    start += size;
  }
  return hashes;
}

/** The hash over a range of leaves that is a subtree of some tree, `undefined` where the reader does not have it. */
export function tryRangeHash(read: HashReader, begin: number, end: number): Uint8Array | undefined {
  try {
    return rangeHash(read, begin, end);
  } catch {
    // A reader over what is not trusted may have anything at all in it; that it has no hash is all there is to say.
    return undefined;
  }
}

/** Where a subtree over these leaves splits. */
export function splitOf(begin: number, end: number): number {
  return begin + splitSize(end - begin);
}
