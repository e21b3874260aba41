/**
 * Which entries are not those that a checkpoint was signed over.
 *
 * The root of the checkpoint is known to be right. Under a node that is known to be right, two nodes are right when
 * they hash to it; so, from the root down, the right hashes are picked out of what is there to choose from: what the entries lead to,
 * and what the kept tiles and the kept right edge say. Where the entries lead to a right node, everything below is as it was signed. At
 * the leaves, an entry that does not have the right hash was changed. Where nothing hashes to a right node, its
 * entries are unproven.
 */

import { equalBytes } from "../base/bytes.ts";
import { decodeCompactRange } from "./compact-range.ts";
import type { PositionRange, TrailEvidence } from "./evidence.ts";
import { leafHash } from "./leaf.ts";
import { hashSizeBytes, isHash, nodeHash, type HashReader } from "./merkle-tree.ts";
import { createTileHashReader } from "./tile-hash-reader.ts";
import { tileHeight, tileWidth, tileWidthAt } from "./tile.ts";
import { malformed } from "./verification-error.ts";
import type { Findings } from "./verify-findings.ts";
import { splitOf, tryRangeHash, type RecomputedTree } from "./verify-tree.ts";

export interface LocateOptions {
  readonly evidence: TrailEvidence;
  readonly tree: RecomputedTree;
  /** How many entries the trail should have, which says how wide the tiles at the right edge are. */
  readonly treeSize: number;
  /** Positions without an entry, ascending: told of as missing, not as changed. */
  readonly missing: readonly PositionRange[];
  readonly findings: Findings;
}

/** Marks the entries from `from` on that are not, or cannot be shown to be, those under this root. */
export async function locateChanges(
  from: number,
  size: number,
  root: Uint8Array,
  options: LocateOptions,
): Promise<void> {
  const candidatesFor = await openCandidates(options);
  const mark = (reason: "ENTRY_CHANGED" | "ENTRY_UNPROVEN", begin: number, end: number): void => {
    for (const range of presentIn(Math.max(begin, from), Math.min(end, options.treeSize), options.missing)) {
      options.findings.mark(reason, range.from, range.to);
    }
  };
  async function descend(begin: number, end: number, right: Uint8Array): Promise<void> {
    if (end <= from) return;
    const [computed] = await candidatesFor(begin, end);
    if (computed !== undefined && equalBytes(computed, right)) return;
    if (end - begin === 1) return mark("ENTRY_CHANGED", begin, end);
    const split = splitOf(begin, end);
    const lefts = await candidatesFor(begin, split);
    const rights = await candidatesFor(split, end);
    for (const left of lefts) {
      const other = left && rights.find((hash) => hash !== undefined && equalBytes(nodeHash(left, hash), right));
      if (left === undefined || other === undefined) continue;
      await descend(begin, split, left);
      return descend(split, end, other);
    }
    mark("ENTRY_UNPROVEN", begin, end);
  }
  await descend(0, size, root);
}

/** The root over the first `size` entries, `undefined` where it cannot be known. */
export async function recomputeRoot(size: number, options: LocateOptions): Promise<Uint8Array | undefined> {
  if (size === 0 || size > options.treeSize) return undefined;
  const candidatesFor = await openCandidates(options);
  return (await candidatesFor(0, size))[0];
}

/** The hashes that a subtree over some leaves may have: what its entries lead to (first), and what is kept. */
type CandidatesFor = (begin: number, end: number) => Promise<readonly (Uint8Array | undefined)[]>;

async function openCandidates({ evidence, tree, treeSize }: LocateOptions): Promise<CandidatesFor> {
  const upper = await readUpperTiles(evidence, treeSize);
  const edge = await readEdgeNodes(evidence);
  let loaded = { number: -1, computed: noHash, stored: undefined as Uint8Array | undefined };

  const computed: HashReader = (level, index) => (level >= tileHeight ? tree.read : loaded.computed)(level, index);
  const stored = createTileHashReader(treeSize, ({ level, index }) => {
    if (level > 0) return upper.get(`${level}/${index}`);
    return index === loaded.number ? loaded.stored : undefined;
  });

  /** For a range of several nodes, of which one may be known by its entries and the next by the edge. */
  const any: HashReader = (level, index) => {
    for (const read of [computed, edge, stored]) {
      const hash = tryRangeHash(read, index * 2 ** level, (index + 1) * 2 ** level);
      if (hash !== undefined) return hash;
    }
    return noHash(level, index);
  };

  return async (begin, end) => {
    const number = Math.floor((end - 1) / tileWidth);
    if (number !== loaded.number) loaded = { number, ...(await loadTile(evidence, number, treeSize)) };
    return [computed, stored, edge, any].map((read) => tryRangeHash(read, begin, end));
  };
}

const noHash: HashReader = () => {
  throw malformed("The hash is unknown.");
};

/** The leaves of a tile out of its entries; where one is gone, out of the kept tile. */
async function loadTile(evidence: TrailEvidence, number: number, treeSize: number) {
  const start = number * tileWidth;
  const width = tileWidthAt(0, number, treeSize);
  const stored = await evidence.readTile(0, number);
  const leaves: (Uint8Array | undefined)[] = [];
  for await (const block of evidence.readEntries(start, start + width)) {
    for (const { seq, bytes } of block.entries) leaves[seq - start] ??= leafHash(bytes);
  }
  for (let place = 0; place < width; place += 1) {
    const hash =
      stored?.length === width * hashSizeBytes
        ? stored.subarray(place * hashSizeBytes, (place + 1) * hashSizeBytes)
        : undefined;
    if (leaves[place] === undefined && isHash(hash)) leaves[place] = hash;
  }
  const computed: HashReader = (level, index) => {
    if (level > 0) return nodeHash(computed(level - 1, 2 * index), computed(level - 1, 2 * index + 1));
    return leaves[index - start] ?? noHash(level, index);
  };
  return { computed, stored };
}

async function readUpperTiles(evidence: TrailEvidence, treeSize: number): Promise<ReadonlyMap<string, Uint8Array>> {
  const tiles = new Map<string, Uint8Array>();
  for (let level = 1; tileWidthAt(level, 0, treeSize) > 0; level += 1) {
    for (let index = 0; tileWidthAt(level, index, treeSize) > 0; index += 1) {
      const tile = await evidence.readTile(level, index);
      if (tile === undefined) break;
      tiles.set(`${level}/${index}`, tile);
    }
  }
  return tiles;
}

/** A reader of the nodes on the kept right edge; nothing where it is damaged. */
async function readEdgeNodes(evidence: TrailEvidence): Promise<HashReader> {
  const nodes = new Map<string, Uint8Array>();
  try {
    const bytes = await evidence.readEdge();
    const range = bytes === undefined ? { size: 0, hashes: [] } : decodeCompactRange(bytes);
    let start = 0;
    let rest = range.size;
    for (const hash of range.hashes) {
      const level = Math.floor(Math.log2(rest));
      nodes.set(`${level}/${start / 2 ** level}`, hash);
      start += 2 ** level;
      rest -= 2 ** level;
    }
  } catch {
    // That it is damaged is told of where it is compared; here it is one of several places to look.
  }
  return (level, index) => nodes.get(`${level}/${index}`) ?? noHash(level, index);
}

function presentIn(from: number, to: number, missing: readonly PositionRange[]): readonly PositionRange[] {
  const present: PositionRange[] = [];
  let next = from;
  for (const range of missing) {
    if (range.to <= next || range.from >= to) continue;
    if (range.from > next) present.push({ from: next, to: range.from });
    next = range.to;
  }
  if (next < to) present.push({ from: next, to });
  return present;
}
