/** What the anchor trail of a store says of its other trails, as proofs. */

import { encodeUtf8 } from "../base/bytes.ts";
import type { StoredEntry } from "../event/entry.ts";
import { anchorTenant } from "../event/system-log.ts";
import type { AnchorProof } from "../integrity/evidence.ts";
import { makeInclusionProof } from "../integrity/inclusion-proof.ts";
import type { HashReader } from "../integrity/merkle-tree.ts";
import { parseSignedNote } from "../integrity/signed-note.ts";
import { createTileHashReader, listTilesForReads } from "../integrity/tile-hash-reader.ts";
import { formatTlogProof } from "../integrity/tlog-proof.ts";
import { asMembers, parseEntry } from "../integrity/verify-entry.ts";
import type { Store, StoredCheckpoint } from "../trail/contracts.ts";

const entriesPerRead = 256;
const checkpointsPerRead = 500;

/**
 * The proof that the newest anchored checkpoint of a tenant's trail, of at most `maxSize` entries, is in the newest
 * checkpoint of the anchor trail that somebody else has vouched for, or else in the newest. `undefined` where there is none.
 * Errors: those of the store.
 */
export async function findAnchorProof(
  store: Store<unknown>,
  tenant: string,
  maxSize: number,
): Promise<AnchorProof | undefined> {
  if (tenant === anchorTenant) return undefined;
  const anchor = await findAnchorCheckpoint(store);
  const entry = anchor === undefined ? undefined : await findAnchored(store, tenant, maxSize, anchor.size);
  if (anchor === undefined || entry === undefined) return undefined;
  const proof = await proveInclusion(store, anchorTenant, entry.seq, anchor.size);
  return {
    entry: encodeUtf8(entry.text),
    proof: formatTlogProof({ index: entry.seq, proof, checkpoint: anchor.note }),
    ...(anchor.timestamp === undefined ? {} : { timestamp: anchor.timestamp }),
  };
}

async function findAnchorCheckpoint(store: Store<unknown>): Promise<StoredCheckpoint | undefined> {
  let newest: StoredCheckpoint | undefined;
  let vouched: StoredCheckpoint | undefined;
  for await (const checkpoint of listAll(store, anchorTenant)) {
    newest = checkpoint;
    if (checkpoint.timestamp !== undefined || countSignatures(checkpoint) > 1) vouched = checkpoint;
  }
  return vouched ?? newest;
}

function countSignatures({ note }: StoredCheckpoint): number {
  try {
    return parseSignedNote(note).signatures.length;
  } catch {
    // A note that cannot be read is found when the anchor trail is verified itself.
    return 0;
  }
}

/** All checkpoints of a trail, oldest first. */
export async function* listAll(store: Store<unknown>, tenant: string): AsyncIterable<StoredCheckpoint> {
  for (let after = 0; ;) {
    const page = await store.listCheckpoints(tenant, after, checkpointsPerRead);
    yield* page;
    if (page.length < checkpointsPerRead) return;
    after = page.at(-1)!.number;
  }
}

/** From the newest on: what is looked for is among the last, unless the tenant has been idle for long. */
async function findAnchored(
  store: Store<unknown>,
  tenant: string,
  maxSize: number,
  anchorSize: number,
): Promise<StoredEntry | undefined> {
  const quoted = JSON.stringify(tenant);
  for (let end = anchorSize; end > 0; end -= entriesPerRead) {
    const entries = await store.read(anchorTenant, Math.max(0, end - entriesPerRead), end);
    const found = entries.toReversed().find(({ text }) => text.includes(quoted) && isAnchored(text, tenant, maxSize));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isAnchored(text: string, tenant: string, maxSize: number): boolean {
  const event = parseEntry(text);
  const { action, data } = { action: event?.["action"], data: asMembers(event?.["data"]) };
  return action === "auditrail.checkpointed" && data?.["tenant"] === tenant && Number(data["size"]) <= maxSize;
}

/** The inclusion proof of an entry in its trail at a size. Errors: `VERIFY_MALFORMED` where a tile is missing; those of the store. */
export async function proveInclusion(
  store: Store<unknown>,
  tenant: string,
  seq: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  const run = (read: HashReader): readonly Uint8Array[] => makeInclusionProof(seq, size, read);
  const tiles = new Map<string, Uint8Array | undefined>();
  for (const { level, index } of listTilesForReads(size, run))
    tiles.set(`${level}/${index}`, await store.readTile(tenant, level, index));
  return run(createTileHashReader(size, ({ level, index }) => tiles.get(`${level}/${index}`)));
}
