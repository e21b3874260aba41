/**
 * The one pass over a trail, from the left: every entry is hashed and looked into, every tile is recomputed and held
 * against the one that is kept, and the tree's root is taken wherever a checkpoint was signed.
 */

import { equalBytes } from "../base/bytes.ts";
import type { EvidenceEntry, TrailEvidence } from "./evidence.ts";
import { hashSizeBytes, isHash, isTreeSize } from "./merkle-tree.ts";
import { tileWidth, tileWidthAt } from "./tile.ts";
import type { InspectEntry } from "./verify-entry.ts";
import type { Erasures } from "./verify-erasures.ts";
import type { Findings } from "./verify-findings.ts";
import { createRecomputedTree, type RecomputedTree } from "./verify-tree.ts";

export interface WalkOptions {
  readonly evidence: TrailEvidence;
  /** How many entries the trail should have; what is there beyond is too much. */
  readonly size: number;
  /** Sizes at which the root is wanted, ascending, none above `size`. */
  readonly sizes: readonly number[];
  readonly inspect: InspectEntry;
  readonly erasures: Erasures;
  readonly findings: Findings;
  readonly signal: AbortSignal | undefined;
}

export interface Walked {
  readonly tree: RecomputedTree;
  /** The root of the entries at each size asked for; `undefined` where it cannot be known. */
  readonly roots: ReadonlyMap<number, Uint8Array | undefined>;
  /** How many entries there are, those too many included. */
  readonly entries: number;
}

export async function walkTrail(options: WalkOptions): Promise<Walked> {
  const { evidence, size, inspect, findings, signal } = options;
  const tiles = createTileWalk(options);
  let next = 0;
  let entries = 0;
  for await (const block of evidence.readEntries(0, Number.MAX_SAFE_INTEGER)) {
    signal?.throwIfAborted();
    for (const { from, to } of block.unreadable ?? []) findings.mark("ENTRY_UNREADABLE", from, to);
    for (const entry of block.entries) {
      const { seq } = entry;
      entries += 1;
      if (!isTreeSize(seq) || seq < next) {
        findings.mark("ENTRY_DUPLICATE", Math.max(0, next - 1), next);
        continue;
      }
      next = seq + 1;
      if (seq >= size) {
        findings.mark("ENTRY_BEYOND_END", seq, seq + 1);
        continue;
      }
      while (seq >= tiles.end) await tiles.finish();
      tiles.put(entry);
      inspect(entry);
    }
  }
  await tiles.finishAll();
  return { tree: tiles.tree, roots: tiles.roots, entries };
}

function createTileWalk({ evidence, size, sizes, erasures, findings }: WalkOptions) {
  const tree = createRecomputedTree();
  const roots = new Map<number, Uint8Array | undefined>();
  const present = new Uint8Array(tileWidth);
  let begun = 0;
  let placed = 0;

  /** Leaves whose entries are gone come from the kept tile: the checkpoint's root says whether they are right. */
  function fillFrom(stored: Uint8Array | undefined, width: number): number {
    // One of another size has its hashes at other places.
    const isWhole = stored?.length === width * hashSizeBytes;
    let known = width;
    for (let place = width - 1; place >= 0; place -= 1) {
      if (present[place] !== 0) continue;
      const hash = isWhole ? stored.subarray(place * hashSizeBytes, (place + 1) * hashSizeBytes) : undefined;
      if (isHash(hash)) tree.tile.putLeaf(place, hash);
      else known = place;
    }
    return known;
  }

  function addMissing(start: number, width: number): void {
    let from: number | undefined;
    for (let place = 0; place <= width; place += 1) {
      const isMissing = place < width && present[place] === 0;
      if (isMissing && from === undefined) from = place;
      if (isMissing || from === undefined) continue;
      erasures.addMissingEntries({ from: start + from, to: start + place });
      from = undefined;
    }
  }

  async function finish(): Promise<void> {
    const number = tree.tiles;
    const start = number * tileWidth;
    const width = tileWidthAt(0, number, size);
    const stored = await evidence.readTile(0, number);
    const known = placed === width ? width : fillFrom(stored, width);
    if (placed < width) addMissing(start, width);
    if (stored === undefined) findings.report("TILE_MISSING", `It is tile ${number} of level 0.`);
    else if (known === width && !tree.tile.equalsTile(stored, width)) {
      findings.report("TILE_CHANGED", `It is tile ${number} of level 0.`);
    }
    tree.endTile(width, known);
    while (begun < sizes.length && sizes[begun]! <= start + width) {
      roots.set(sizes[begun]!, tree.rootInTile(sizes[begun]!));
      begun += 1;
    }
    present.fill(0);
    placed = 0;
  }

  return {
    tree,
    roots,
    get end() {
      return (tree.tiles + 1) * tileWidth;
    },
    put({ seq, bytes, leafHash }: EvidenceEntry): void {
      const place = seq % tileWidth;
      tree.tile.putEntry(place, bytes);
      if (leafHash !== undefined && !tree.tile.isLeaf(place, leafHash)) findings.mark("LEAF_HASH_CHANGED", seq, seq + 1);
      present[place] = 1;
      placed += 1;
    },
    finish,
    /** Ends the tile that is begun, and those of which nothing but the tile itself is left. */
    async finishAll(): Promise<void> {
      if (placed > 0) await finish();
      while (tree.tiles * tileWidth < size && isHash((await evidence.readTile(0, tree.tiles))?.subarray(0, hashSizeBytes))) await finish();
      // What is claimed beyond may be any number that somebody wrote into a column: it is not walked.
      const end = tree.tiles * tileWidth;
      if (end < size) erasures.addMissingEntries({ from: end, to: size });
      for (const each of sizes.slice(begun)) roots.set(each, each === 0 ? tree.rootInTile(0) : undefined);
    },
  };
}

/** Holds the kept tiles above level 0 against the roots of the tiles under them. */
export async function checkUpperTiles(evidence: TrailEvidence, size: number, tree: RecomputedTree, findings: Findings): Promise<void> {
  for (let level = 1; tileWidthAt(level, 0, size) > 0; level += 1) {
    for (let index = 0; ; index += 1) {
      const width = tileWidthAt(level, index, size);
      const expected = width === 0 ? undefined : readRow(tree, level, index, width);
      if (expected === undefined) break;
      const stored = await evidence.readTile(level, index);
      const what = `It is tile ${index} of level ${level}.`;
      if (stored === undefined) findings.report("TILE_MISSING", what);
      else if (!equalBytes(stored, expected)) findings.report("TILE_CHANGED", what);
    }
  }
}

/** `undefined` where a tile under it is not known. */
function readRow(tree: RecomputedTree, level: number, index: number, width: number): Uint8Array | undefined {
  const below = tileWidth ** (level - 1);
  const first = index * tileWidth;
  const row = new Uint8Array(width * hashSizeBytes);
  for (let place = 0; place < width; place += 1) {
    const start = (first + place) * below;
    for (let tile = start; tile < start + below; tile += 1) if (!tree.isKnown(tile)) return undefined;
    row.set(tree.read(level * 8, first + place), place * hashSizeBytes);
  }
  return row;
}
