/**
 * The one pass over a trail, from the left: every entry is hashed and looked into, every tile is recomputed and held
 * against the one that is kept, and the tree's root is taken wherever a checkpoint was signed.
 */

import { equalBytes } from "../base/bytes.ts";
import { keepEntry, type EvidenceEntry, type PositionRange, type TrailEvidence } from "./evidence.ts";
import { emptyRoot, hashSizeBytes, isTreeSize } from "./merkle-tree.ts";
import { tileWidth, tileWidthAt } from "./tile.ts";
import type { InspectEntry } from "./verify-entry.ts";
import type { Erasures } from "./verify-erasures.ts";
import type { Findings } from "./verify-findings.ts";
import { createTileNodes, type HashTile, type TileNodes } from "./verify-tile.ts";
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
  readonly hashTile: HashTile | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface Walked {
  readonly tree: RecomputedTree;
  /** The root of the entries at each size asked for; `undefined` where it cannot be known. */
  readonly roots: ReadonlyMap<number, Uint8Array | undefined>;
}

export async function walkTrail(options: WalkOptions): Promise<Walked> {
  const { evidence, size, inspect, findings, signal } = options;
  const tiles = createTileQueue(options);
  let next = 0;
  for await (const block of evidence.readEntries(0, Number.MAX_SAFE_INTEGER)) {
    signal?.throwIfAborted();
    for (const { from, to } of block.unreadable ?? []) findings.mark("ENTRY_UNREADABLE", from, to);
    for (const entry of block.entries) {
      const { seq } = entry;
      if (!isTreeSize(seq) || seq < next) {
        findings.mark("ENTRY_DUPLICATE", Math.max(0, next - 1), Math.max(1, next));
        continue;
      }
      next = seq + 1;
      if (seq >= size) findings.mark("ENTRY_BEYOND_END", seq, seq + 1);
      else {
        if (tiles.isBehind(seq)) await tiles.makeRoom(seq);
        inspect(entry);
        tiles.put(entry);
        // At once: the bytes are ours only until the next block.
        if (tiles.isFull()) await tiles.close();
      }
    }
    tiles.keep();
  }
  return tiles.end();
}

/** An entry that has been read: whether it is there, and the leaf hash that is kept beside it. */
type ReadEntry = Pick<EvidenceEntry, "seq" | "leafHash">;

/** A tile whose entries have been read and hashed, or are being hashed in another thread. */
interface ReadTile {
  readonly entries: readonly (ReadEntry | undefined)[];
  /** As {@link TileNodes.bytes} has them: all of them from another thread, else the leaves of the entries that are there. */
  readonly nodes: Promise<Uint8Array> | Uint8Array;
}

/** So many tiles are read before the first of them has to be hashed: what other threads need to be kept busy. */
const tilesAhead = 8;

function createTileQueue(options: WalkOptions) {
  const { evidence, size, sizes, erasures, hashTile } = options;
  const ledger = createTileLedger(options);
  const waiting: ReadTile[] = [];
  let entries: (EvidenceEntry | undefined)[] = [];
  /** Where the tile ends that is being read. */
  let end = tileWidth;

  async function close(): Promise<void> {
    const isWhole = entries.length === tileWidth && !entries.includes(undefined);
    const nodes = isWhole ? hashTile?.(entries.map((entry) => entry!.bytes)) : undefined;
    waiting.push({ entries, nodes: nodes ?? hashLeaves(entries) });
    end += tileWidth;
    entries = [];
    if (hashTile === undefined || waiting.length > tilesAhead) await ledger.settle(waiting.shift()!);
  }

  return {
    close,
    isFull: (): boolean => entries.length === tileWidth,
    isBehind: (seq: number): boolean => seq >= end,
    async makeRoom(seq: number): Promise<void> {
      while (seq >= end) await close();
    },
    put(entry: EvidenceEntry): void {
      const place = entry.seq % tileWidth;
      while (entries.length < place) entries.push(undefined);
      entries.push(entry);
    },
    /** A block ends within a tile: what the tile holds of it has to outlast it. */
    keep(): void {
      entries = entries.map((entry) => entry && keepEntry(entry));
    },
    async end(): Promise<Walked> {
      if (entries.length > 0) await close();
      for (const tile of waiting) await ledger.settle(tile);
      const { tree } = ledger;
      // What is left of entries that were removed; and no more than that, as a size is a number that anybody may have written.
      while (tree.tiles * tileWidth < size && (await evidence.readTile(0, tree.tiles)) !== undefined)
        await ledger.settle({ entries: [], nodes: hashLeaves([]) });
      if (tree.tiles * tileWidth < size) erasures.addMissingEntries({ from: tree.tiles * tileWidth, to: size });
      return { tree, roots: ledger.rootsAt(sizes) };
    },
  };
}

/** Hashes the entries that are there in this thread. */
function hashLeaves(entries: readonly (EvidenceEntry | undefined)[]): Uint8Array {
  const tile = createTileNodes();
  for (const [place, entry] of entries.entries()) if (entry !== undefined) tile.putEntry(place, entry.bytes);
  return tile.bytes();
}

/** Takes tiles from the left, one after the other. */
function createTileLedger({ evidence, size, sizes, erasures, findings }: WalkOptions) {
  const tree = createRecomputedTree();
  const roots = new Map<number, Uint8Array | undefined>();
  let begun = 0;

  return {
    tree,
    async settle({ entries, nodes }: ReadTile): Promise<void> {
      const number = tree.tiles;
      const start = number * tileWidth;
      const width = tileWidthAt(0, number, size);
      const stored = await evidence.readTile(0, number);
      tree.tile.adopt(await nodes);
      for (const entry of entries) {
        if (entry?.leafHash !== undefined && !tree.tile.isLeaf(entry.seq - start, entry.leafHash))
          findings.mark("LEAF_HASH_CHANGED", entry.seq, entry.seq + 1);
      }
      const known = fillGaps(tree.tile, entries, stored, width);
      for (const range of gapsOf(entries, start, width, findings)) erasures.addMissingEntries(range);
      if (stored === undefined) findings.report("TILE_MISSING", `It is tile ${number} of level 0.`);
      else if (known === width && !tree.tile.equalsTile(stored, width))
        findings.report("TILE_CHANGED", `It is tile ${number} of level 0.`);
      tree.endTile(width, known, nodes instanceof Promise);
      for (; begun < sizes.length && sizes[begun]! <= start + width; begun += 1)
        roots.set(sizes[begun]!, tree.rootInTile(sizes[begun]!));
    },
    rootsAt(wanted: readonly number[]): Walked["roots"] {
      for (const each of wanted) if (!roots.has(each)) roots.set(each, each === 0 ? emptyRoot() : undefined);
      return roots;
    },
  };
}

/**
 * Puts leaves whose entries are gone out of the kept tile: the checkpoint's root says whether they are right. Answers how many leaves
 * from the left are known.
 */
function fillGaps(
  tile: TileNodes,
  entries: readonly (ReadEntry | undefined)[],
  stored: Uint8Array | undefined,
  width: number,
): number {
  // One of another size has its hashes at other places.
  const isWhole = stored?.length === width * hashSizeBytes;
  let known = width;
  for (let place = width - 1; place >= 0; place -= 1) {
    if (entries[place] !== undefined) continue;
    if (isWhole) tile.putLeaf(place, stored.subarray(place * hashSizeBytes, (place + 1) * hashSizeBytes));
    else known = place;
  }
  return known;
}

/** What is there and cannot be read is told of as that, not as missing. */
function gapsOf(
  entries: readonly (ReadEntry | undefined)[],
  start: number,
  width: number,
  findings: Findings,
): readonly PositionRange[] {
  const gaps: PositionRange[] = [];
  let from: number | undefined;
  for (let place = 0; place <= width; place += 1) {
    const isGap = place < width && entries[place] === undefined && findings.classOf(start + place) !== "ALTERED";
    if (isGap && from === undefined) from = place;
    if (isGap || from === undefined) continue;
    gaps.push({ from: start + from, to: start + place });
    from = undefined;
  }
  return gaps;
}

/** Holds the kept tiles above level 0 against the roots of the tiles under them. */
export async function checkUpperTiles(
  evidence: TrailEvidence,
  size: number,
  tree: RecomputedTree,
  findings: Findings,
): Promise<void> {
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
