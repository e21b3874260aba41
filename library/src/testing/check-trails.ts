import { assert } from "./assert.ts";

import { decodeBase64, encodeHex } from "../base/bytes.ts";
import { canonicalize, type Json } from "../base/canonical-json.ts";
import { parseEventText, type StoredEntry } from "../event/entry.ts";
import { verifyCommitment } from "../integrity/commitment.ts";
import { emptyRange, extendRange, type CompactRange } from "../integrity/compact-range.ts";
import { leafHash } from "../integrity/leaf.ts";
import { decodeTile, tileWidth } from "../integrity/tile.ts";
import { trailOrigin, type Store, type TrailHead } from "../trail/contracts.ts";
import { readAll } from "./contract/assertions.ts";

/**
 * Verifies all trails of a store from outside, through what it answers alone: positions without gaps, times that
 * never go back, canonical texts, leaf hashes, the tree over them, origins,
 * ids that occur once, and commitments. Throws an
 * `AssertionError` for the first thing that is not as it has to be; resolves with the number of entries.
 */
export async function checkTrails(store: Store<unknown>): Promise<number> {
  const heads = await store.listTrails();
  const tenants = heads.map(({ tenant }) => tenant);
  assert.deepEqual(tenants, [...new Set(tenants)].sort(), "trails are listed once each, sorted by tenant");
  let count = 0;
  for (const head of heads) count += await checkTrail(store, head);
  return count;
}

async function checkTrail(store: Store<unknown>, head: TrailHead): Promise<number> {
  const { tenant } = head;
  const entries = await readAll(store, tenant);
  assert.equal(head.size - head.first, entries.length, `size of trail ${tenant}`);
  assert.equal(head.origin, trailOrigin(store.origin, tenant));
  assert.equal(head.recordedAtMicros, entries.at(-1)?.recordedAtMicros ?? 0);
  let before = 0;
  for (const [position, entry] of entries.entries()) {
    assert.equal(entry.seq, head.first + position, `positions of trail ${tenant} have no gaps`);
    assert.ok(
      entry.recordedAtMicros >= before,
      `recordedAt of entry ${position} is not before that of the entry before`,
    );
    before = entry.recordedAtMicros;
    checkEntry(entry, head);
  }
  const ids = entries.map(({ text }) => parseEventText(text).id);
  assert.equal(new Set(ids).size, ids.length, `every id occurs once in trail ${tenant}`);
  await checkIds(store, head, ids);
  const tree = extendRange(emptyRange, [...(await readPrunedLeaves(store, head)), ...entries.map(({ hash }) => hash)]);
  assert.deepEqual(
    plainRange(await store.readTree(tenant)),
    plainRange(tree),
    `the tree of ${tenant} is that of its entries`,
  );
  return entries.length;
}

function checkEntry({ seq, text, hash, sealed }: StoredEntry, { tenant, origin }: TrailHead): void {
  const at = `entry ${seq} of ${tenant}`;
  const event = parseEventText(text);
  assert.equal(canonicalize(event as unknown as Json), text, `text of ${at} is canonical`);
  assert.deepEqual(Buffer.from(hash), Buffer.from(leafHash(text)), `hash of ${at} is the leaf hash of its text`);
  assert.equal(event.origin, origin, `origin of ${at}`);
  assert.equal(event.tenant, tenant, `tenant of ${at}`);
  for (const { index, salt, bytes, subject } of sealed) {
    const seal = event.sealed?.[index];
    assert.equal(seal?.subject, subject, `subject of sealed part ${index} of ${at}`);
    verifyCommitment(decodeBase64(seal!.commitment), salt, bytes);
  }
}

/** The hashes of entries that were pruned: their tiles stay. */
async function readPrunedLeaves(store: Store<unknown>, { tenant, first }: TrailHead): Promise<readonly Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  while (leaves.length < first)
    leaves.push(...decodeTile((await store.readTile(tenant, 0, leaves.length / tileWidth))!));
  return leaves;
}

function plainRange({ size, hashes }: CompactRange) {
  return { size, hashes: hashes.map(encodeHex) };
}

/** All of a short trail, and a sample of a long one. */
async function checkIds(store: Store<unknown>, { tenant, first }: TrailHead, ids: readonly string[]): Promise<void> {
  const step = Math.ceil(ids.length / 100);
  for (const [position, id] of ids.entries()) {
    if (position % step !== 0) continue;
    assert.equal(
      (await store.readById(tenant, id))?.seq,
      first + position,
      `entry ${first + position} of ${tenant} is found by its id`,
    );
  }
}
