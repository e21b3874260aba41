/** A live store as evidence: what lies in it now, while it may go on growing. */

import { AuditError, isAuditError, quote } from "../base/errors.ts";
import { encodeCompactRange } from "../integrity/compact-range.ts";
import { asVerificationError } from "../integrity/verification-error.ts";
import type {
  AnchorProof,
  EntryBlock,
  EvidenceCheckpoint,
  EvidenceEntry,
  TrailEvidence,
} from "../integrity/evidence.ts";
import { tileWidth, tileWidthAt } from "../integrity/tile.ts";
import type { StoredEntry } from "../event/entry.ts";
import type { Store, TrailHead } from "../trail/contracts.ts";
import { findAnchorProof } from "./anchor-proofs.ts";

/** What is read at once: a few tiles. */
const entriesPerRead = 4 * tileWidth;
const checkpointsPerRead = 500;
/** Leaf hashes are 32 bytes. */
const hashSizeBytes = 32;

/**
 * Opens a tenant's trail as it is at this moment; what is recorded afterwards is left out.
 * Errors: `ENTRY_NOT_FOUND` where the tenant has no trail; those of the store.
 */
export async function openStoreEvidence(store: Store<unknown>, tenant: string): Promise<TrailEvidence> {
  const { size, origin } = await readHead(store, tenant);

  async function* readEntries(from: number, to: number): AsyncIterable<EntryBlock> {
    for (let start = from; start < Math.min(to, size); start += entriesPerRead) {
      const end = Math.min(start + entriesPerRead, to, size);
      try {
        yield { entries: (await store.read(tenant, start, end)).map(toEvidence) };
      } catch (error) {
        if (!isDamage(error)) throw error;
        yield* readOneByOne(store, tenant, start, end);
      }
    }
    if (to > size) yield* readBeyond(store, tenant, Math.max(from, size), to);
  }

  return {
    origin,
    size,
    readEntries,
    async readTile(level, index) {
      const width = tileWidthAt(level, index, size);
      // A partial tile may have grown since.
      return width === 0 ? undefined : (await store.readTile(tenant, level, index))?.subarray(0, width * hashSizeBytes);
    },
    async readEdge() {
      const edge = await store.readTree(tenant);
      // One that has grown is not the one of our size; the tiles and checkpoints say the same. By now the trail may have grown again.
      const isGrown = edge.size > size && (await readHead(store, tenant)).size >= edge.size;
      return isGrown ? undefined : encodeCompactRange(edge);
    },
    readCheckpoints: () => readCheckpoints(store, tenant, size),
    async *readAnchorProofs() {
      const proof = await findAnchorProof(store, tenant, size).catch(asBrokenProof);
      if (proof !== undefined) yield proof;
    },
    checkDerived: async (from, to) => (await store.checkDerived?.(tenant, from, to)) ?? [],
    checkTotals: async () => (await store.checkTotals?.(tenant)) ?? [],
  };
}

async function readHead(store: Store<unknown>, tenant: string): Promise<TrailHead> {
  const head = (await store.listTrails()).find((each) => each.tenant === tenant);
  if (head !== undefined) return head;
  throw new AuditError(
    "ENTRY_NOT_FOUND",
    `Cannot verify the trail of ${quote(tenant)}: nothing was recorded for that tenant.`,
  );
}

/** What a store that works says of data that it cannot make sense of. */
function isDamage(error: unknown): boolean {
  return isAuditError(error) && (error.code === "STORE_CORRUPT" || error.code === "STORE_FAILED");
}

/** Where a block cannot be read whole: everything of it that can. */
async function* readOneByOne(
  store: Store<unknown>,
  tenant: string,
  from: number,
  to: number,
): AsyncIterable<EntryBlock> {
  for (let seq = from; seq < to; seq += 1) {
    try {
      yield { entries: (await store.read(tenant, seq, seq + 1)).map(toEvidence) };
    } catch (error) {
      if (!isDamage(error)) throw error;
      yield { entries: [], unreadable: [{ from: seq, to: seq + 1 }] };
    }
  }
}

/**
 * Entries after the end. Those that the trail has grown by meanwhile are none, and not gone after: where others write faster than
 * we read, that has no end.
 */
async function* readBeyond(store: Store<unknown>, tenant: string, from: number, to: number): AsyncIterable<EntryBlock> {
  for (let start = from; ;) {
    start = Math.max(start, (await readHead(store, tenant)).size);
    if (start >= to) return;
    const found = await store.read(tenant, start, Math.min(start + entriesPerRead, to));
    const { size } = await readHead(store, tenant);
    const beyond = found.filter(({ seq }) => seq >= size);
    if (beyond.length === 0) return;
    yield { entries: beyond.map(toEvidence) };
    start = beyond.at(-1)!.seq + 1;
  }
}

async function* readCheckpoints(
  store: Store<unknown>,
  tenant: string,
  size: number,
): AsyncIterable<EvidenceCheckpoint> {
  for (let after = 0; ;) {
    const page = await store.listCheckpoints(tenant, after, checkpointsPerRead);
    const isLater = page.some((checkpoint) => checkpoint.size > size);
    const now = isLater ? (await readHead(store, tenant)).size : size;
    for (const checkpoint of page) {
      // Signed since we opened; one that is larger than the trail is now is a sign of tampering, and stays.
      if (checkpoint.size > size && checkpoint.size <= now) continue;
      const { note, root, timestamp } = checkpoint;
      yield { note, size: checkpoint.size, root, ...(timestamp === undefined ? {} : { timestamp }) };
    }
    if (page.length < checkpointsPerRead) return;
    after = page.at(-1)!.number;
  }
}

function toEvidence({ seq, text, hash, sealed }: StoredEntry): EvidenceEntry {
  return { seq, bytes: text, leafHash: hash, parts: sealed };
}

/** Where the anchor trail is too damaged to prove anything, that is something to tell. */
function asBrokenProof(error: unknown): AnchorProof {
  asVerificationError(error);
  return { entry: new Uint8Array(0), proof: "" };
}
