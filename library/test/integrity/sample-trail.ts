/** A small trail with everything that can be tampered with: a full tile, sealed parts, checkpoints, an erasure, pending entries. */

import { z } from "zod";

import { fixedClock } from "../../src/testing/fixed-clock.ts";
import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import {
  createLogPolicy,
  createSignerKey,
  decodeTile,
  encodeCompactRange,
  leafHash,
  parseSignedNote,
  rangeRoot,
  signCheckpoint,
  verifierKeyOf,
  type EntryBlock,
  type EvidenceCheckpoint,
  type EvidenceEntry,
  type TrailEvidence,
  type VerificationReport,
} from "../../src/integrity/index.ts";
import { emptyRange, extendRange } from "../../src/integrity/compact-range.ts";
import { createLeafHashReader } from "../../src/integrity/merkle-tree.ts";
import { encodeTile, listTiles } from "../../src/integrity/tile.ts";
import { trailOrigin, type Store } from "../../src/trail/contracts.ts";
import { openTrail } from "../../src/trail/open-trail.ts";

export const storeOrigin = "auditrail.example/shop";
export const tenant = "default";
export const origin = trailOrigin(storeOrigin, tenant);
export const signer = createSignerKey(origin, new Uint8Array(32).fill(7));
export const otherSigner = createSignerKey(origin, new Uint8Array(32).fill(8));
export const policy = createLogPolicy([verifierKeyOf(signer)]);

const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: {
      placed: action({ op: "create", says: "{actor} placed {target}", data: z.object({ total: z.string() }) }),
    },
  }),
);

export const sampleSize = 300;
/** The last leaves some entries pending. */
export const checkpointSizes: readonly number[] = [1, 100, 256, 257, 290];

/** Records the sample into an empty store of origin {@link storeOrigin}, and signs its checkpoints. */
export async function recordSample(store: Store<never>): Promise<void> {
  const trail = await openTrail({
    catalogue,
    store: { ...store, close: async () => undefined },
    clock: fixedClock(),
    exitHooks: false,
  });
  for (let index = 0; index < sampleSize; index += 1) {
    const isPersonal = index % 50 === 7;
    await trail.record("order.placed", {
      actor: {
        type: "user",
        id: `u${index % 9}`,
        ...(isPersonal ? { name: `Anna ${index}`, email: `anna${index}@example.com` } : {}),
      },
      target: { type: "order", id: `o${index}` },
      data: { total: `${index}.00` },
    });
    if (checkpointSizes.includes(index + 1)) await signNow(store);
  }
  await trail.close();
}

export async function signNow(store: Store<never>): Promise<void> {
  const edge = await store.readTree(tenant);
  const root = rangeRoot(edge);
  const note = signCheckpoint({ origin, size: edge.size, root }, [signer]);
  await store.putCheckpoint(tenant, { size: edge.size, root, createdAtMicros: 0, note });
}

/** Evidence in plain arrays, for a test to change. */
export interface EvidenceCopy {
  origin: string;
  size: number;
  entries: EvidenceEntry[];
  tiles: Map<string, Uint8Array>;
  edge: Uint8Array | undefined;
  checkpoints: EvidenceCheckpoint[];
}

export async function copyEvidence(evidence: TrailEvidence): Promise<EvidenceCopy> {
  const entries: EvidenceEntry[] = [];
  for await (const block of evidence.readEntries(0, evidence.size)) entries.push(...block.entries);
  const tiles = new Map<string, Uint8Array>();
  for (const { level, index } of listTiles(evidence.size))
    tiles.set(`${level}/${index}`, (await evidence.readTile(level, index))!);
  const checkpoints: EvidenceCheckpoint[] = [];
  for await (const checkpoint of evidence.readCheckpoints()) checkpoints.push(checkpoint);
  return { origin: evidence.origin, size: evidence.size, entries, tiles, edge: await evidence.readEdge(), checkpoints };
}

export function openCopy(copy: EvidenceCopy): TrailEvidence {
  async function* readEntries(from: number, to: number): AsyncIterable<EntryBlock> {
    yield { entries: copy.entries.filter(({ seq }) => seq >= from && seq < to) };
  }
  return {
    ...{ origin: copy.origin, size: copy.size, readEntries },
    readTile: async (level, index) => copy.tiles.get(`${level}/${index}`),
    readEdge: async () => copy.edge,
    async *readCheckpoints() {
      yield* copy.checkpoints;
    },
  };
}

/** The copy with other entries, made to fit in everything but the signatures: what an intruder with the database would write. */
export function rewrite(copy: EvidenceCopy, entries: readonly EvidenceEntry[], signWith?: typeof signer): EvidenceCopy {
  const leaves = entries.map(({ bytes }) => leafHash(bytes));
  const read = createLeafHashReader(leaves);
  const tiles = listTiles(leaves.length).map(({ level, index, width }) => {
    const hashes = Array.from({ length: width }, (_, place) => read(8 * level, 256 * index + place));
    return [`${level}/${index}`, encodeTile(hashes)] as const;
  });
  const rootOf = (size: number): Uint8Array => rangeRoot(extendRange(emptyRange, leaves.slice(0, size)));
  const resign = (checkpoint: EvidenceCheckpoint): EvidenceCheckpoint => {
    if (signWith === undefined || checkpoint.size! > leaves.length) return checkpoint;
    const { size } = checkpoint as { size: number };
    return { size, root: rootOf(size), note: signCheckpoint({ origin, size, root: rootOf(size) }, [signWith]) };
  };
  return {
    ...{ origin: copy.origin, size: leaves.length, tiles: new Map(tiles) },
    entries: entries.map((entry, seq) => ({ ...entry, seq, leafHash: leaves[seq]! })),
    edge: encodeCompactRange(extendRange(emptyRange, leaves)),
    checkpoints: copy.checkpoints.map(resign),
  };
}

/** Every position by its class, for tests: `OK` is left out. */
export function classesOf(report: VerificationReport): Record<number, string> {
  const classes: Record<number, string> = {};
  for (const { from, to, reason } of report.positions) for (let seq = from; seq < to; seq += 1) classes[seq] ??= reason;
  return classes;
}

export { decodeTile, parseSignedNote };
