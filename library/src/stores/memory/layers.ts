/**
 * The trails of a memory store as layers: what is committed, above it what an open transaction adds, above that a batch
 * while it is written. A layer is put down on the one below when its work is done, or dropped.
 */

import { AuditError, quote } from "../../base/errors.ts";
import { equalBytes } from "../../base/bytes.ts";
import type { Clock } from "../../base/time.ts";
import { openEntry, type StoredEntry } from "../../event/entry.ts";
import { leafHash } from "../../integrity/leaf.ts";
import { trailOrigin, type Appended, type PreparedEntry } from "../../trail/contracts.ts";

/** What a layer holds of one trail: entries in order, and where each id is. */
export interface LayerTrail {
  readonly entries: StoredEntry[];
  readonly positions: Map<string, number>;
}

export type Layer = Map<string, LayerTrail>;

export interface WriteOptions {
  readonly origin: string;
  readonly clock: Clock;
}

/** Writes a batch upon these layers, lowest first: into the last of them, or, where it fails, nowhere. */
export function writeBatch(
  entries: readonly PreparedEntry[],
  layers: readonly Layer[],
  options: WriteOptions,
): Appended[] {
  const batch: Layer = new Map();
  const appended = entries.map((entry) => writeOne(entry, [...layers, batch], options));
  putDown(batch, layers.at(-1)!);
  return appended;
}

/** Adds what an upper layer holds to the one below it. */
export function putDown(upper: Layer, lower: Layer): void {
  for (const [tenant, { entries, positions }] of upper) {
    const below = trailIn(lower, tenant);
    for (const entry of entries) below.entries.push(entry);
    for (const [id, seq] of positions) below.positions.set(id, seq);
  }
}

function trailIn(layer: Layer, tenant: string): LayerTrail {
  const trail = layer.get(tenant) ?? { entries: [], positions: new Map() };
  layer.set(tenant, trail);
  return trail;
}

function writeOne(entry: PreparedEntry, layers: readonly Layer[], { origin, clock }: WriteOptions): Appended {
  assertWellPrepared(entry, origin);
  const trails = layers.map((layer) => layer.get(entry.tenant)).filter((trail) => trail !== undefined);
  const holder = trails.find(({ positions }) => positions.has(entry.id));
  if (holder !== undefined) {
    const seq = holder.positions.get(entry.id)!;
    const existing = holder.entries[seq - holder.entries[0]!.seq]!;
    return { seq, recordedAtMicros: existing.recordedAtMicros, existing };
  }
  const seq = trails.reduce((size, trail) => size + trail.entries.length, 0);
  const last = trails.findLast((trail) => trail.entries.length > 0)?.entries.at(-1);
  // The clock may step back; the order of a trail must not.
  const recordedAtMicros = Math.max(clock.nowMicros(), last?.recordedAtMicros ?? 0);
  const { hash, text, sealed } = entry;
  const top = trailIn(layers.at(-1)!, entry.tenant);
  top.entries.push(Object.freeze({ seq, recordedAtMicros, hash, text, sealed }));
  top.positions.set(entry.id, seq);
  return { seq, recordedAtMicros };
}

/** What every store may rely on; this one checks it, so that a mistake of the engine fails a test. */
function assertWellPrepared(entry: PreparedEntry, origin: string): void {
  const { event } = openEntry({ seq: 0, recordedAtMicros: 0, ...entry });
  const { origin: named, id, tenant } = event;
  const right = named === trailOrigin(origin, entry.tenant) && id === entry.id && tenant === entry.tenant;
  if (right && equalBytes(leafHash(entry.text), entry.hash)) return;
  throw new AuditError(
    "STORE_CORRUPT",
    `Cannot append event ${quote(entry.id)}: its bytes do not say what is handed over with them. This is a bug in auditrail.`,
  );
}
