/** Erasing from trails in memory: what an entry announces, if a checkpoint covers it and no legal hold vetoes. */

import { AuditError, quote } from "../../base/errors.ts";
import { parseEventText, type StoredEntry } from "../../event/entry.ts";
import { concerns, readErasureOrder, type ErasureOrder } from "../../event/erasure-order.ts";
import type { Erased, LegalHold, PendingErasure, Store, StoredCheckpoint } from "../../trail/contracts.ts";
import type { LayerTrail } from "./layers.ts";

/** What erasing keeps of a trail besides its entries. */
export interface ErasedTrail {
  /** The first position that is still there. */
  first: number;
  /** Erasures that were carried out, by the position of their entry. */
  readonly done: Map<number, PendingErasure["state"] | "done">;
  readonly keys: Map<string, Uint8Array>;
}

/** What was erased, of all trails. */
export interface Erasures {
  of(tenant: string): ErasedTrail;
  readonly all: Iterable<ErasedTrail>;
}

export function createErasures(): Erasures {
  const trails = new Map<string, ErasedTrail>();
  return {
    of(tenant) {
      const erased = trails.get(tenant) ?? { first: 0, done: new Map(), keys: new Map() };
      trails.set(tenant, erased);
      return erased;
    },
    all: { [Symbol.iterator]: () => trails.values() },
  };
}

export interface ErasingOptions {
  readonly inTurn: <Result>(work: () => Result) => Promise<Result>;
  readonly assertOpen: () => void;
  readonly trailOf: (tenant: string) => LayerTrail;
  readonly erasures: Erasures;
  readonly checkpoints: readonly (StoredCheckpoint & { readonly tenant: string })[];
}

type Erasing = Pick<Store<unknown>, "erase" | "compact" | "listErasures" | "listHolds" | "readSubjectKeys">;

/** Erasing as the store offers it. */
export function createErasing({ inTurn, assertOpen, trailOf, erasures, checkpoints }: ErasingOptions): Erasing {
  return {
    erase: (tenant, by) =>
      inTurn(() => {
        assertOpen();
        const sealedSize = Math.max(0, ...checkpoints.filter((each) => each.tenant === tenant).map(({ size }) => size));
        return eraseFrom(trailOf(tenant), erasures.of(tenant), by, sealedSize);
      }),
    compact: () =>
      inTurn(() => {
        assertOpen();
        for (const { done } of erasures.all) for (const by of done.keys()) done.set(by, "done");
      }),
    async listErasures(tenant) {
      assertOpen();
      return listErasures(trailOf(tenant), erasures.of(tenant));
    },
    async listHolds(tenant) {
      assertOpen();
      return listHolds(trailOf(tenant), erasures.of(tenant));
    },
    async readSubjectKeys(tenant, subjects, create) {
      assertOpen();
      const { keys } = erasures.of(tenant);
      for (const subject of subjects)
        if (create && !keys.has(subject)) keys.set(subject, crypto.getRandomValues(new Uint8Array(32)));
      return new Map([...keys].filter(([subject]) => subjects.includes(subject)));
    },
  };
}

/** Errors: `ERASURE_INVALID`, `ERASURE_UNSEALED`, `ERASURE_HELD`. */
function eraseFrom(trail: LayerTrail, erased: ErasedTrail, by: number, sealedSize: number): Erased {
  const entry = by < erased.first ? undefined : trail.entries[by];
  const order = entry && readErasureOrder(parseEventText(entry.text), by);
  if (order === undefined || (order.kind === "pruned" && order.from > erased.first)) {
    throw new AuditError(
      "ERASURE_INVALID",
      `Cannot carry out the erasure that entry ${by} announces: it announces none that can be.`,
      { details: { by } },
    );
  }
  if (sealedSize <= by) {
    throw new AuditError(
      "ERASURE_UNSEALED",
      `Cannot erase yet: entry ${by}, which announces it, is in no signed checkpoint. Publish one first.`,
      { details: { by } },
    );
  }
  assertNotHeld(order, trail, erased, by);
  const removed = order.kind === "pruned" ? prune(trail, erased, order.to) : eraseParts(trail, order);
  if (order.kind === "shredded") erased.keys.delete(order.subject);
  if (!erased.done.has(by)) erased.done.set(by, "removed");
  return removed;
}

function eraseParts({ entries }: LayerTrail, order: Exclude<ErasureOrder, { kind: "pruned" }>): Erased {
  let parts = 0;
  for (const [seq, entry] of entries.entries()) {
    const sealed = entry.sealed.filter((part) => !isOrdered(order, seq, part.index, part.subject));
    if (sealed.length === entry.sealed.length) continue;
    parts += entry.sealed.length - sealed.length;
    entries[seq] = Object.freeze({ ...entry, sealed });
  }
  return { entries: 0, parts };
}

function isOrdered(
  order: Exclude<ErasureOrder, { kind: "pruned" }>,
  seq: number,
  part: number,
  subject: string,
): boolean {
  if (order.kind === "shredded") return subject === order.subject && seq < order.to;
  return order.entries.some((listed) => listed.seq === seq && listed.parts.includes(part));
}

/** The places stay, with their hashes, so that positions and the tree do. */
function prune({ entries, positions }: LayerTrail, erased: ErasedTrail, to: number): Erased {
  let parts = 0;
  const count = Math.max(0, to - erased.first);
  for (let seq = erased.first; seq < to; seq += 1) {
    const { text, sealed, ...rest } = entries[seq]!;
    parts += sealed.length;
    positions.delete(parseEventText(text).id);
    entries[seq] = Object.freeze({ ...rest, text: "", sealed: [] });
  }
  erased.first = Math.max(erased.first, to);
  return { entries: count, parts };
}

function listHolds({ entries }: LayerTrail, { first }: ErasedTrail, before = entries.length): readonly LegalHold[] {
  let holds: readonly LegalHold[] = [];
  for (const { seq, text } of entries.slice(first, before)) {
    const { action, data } = parseEventText(text);
    const { hold, subject } = data ?? {};
    if (typeof hold !== "string") continue;
    if (action === "auditrail.held")
      holds = [...holds, { hold, seq, ...(typeof subject === "string" ? { subject } : {}) }];
    if (action === "auditrail.hold-released") holds = holds.filter((each) => each.hold !== hold);
  }
  return holds;
}

function assertNotHeld(order: ErasureOrder, trail: LayerTrail, erased: ErasedTrail, by: number): void {
  const covers = (hold: LegalHold): boolean => {
    if (hold.subject === undefined) return true;
    if (order.kind === "shredded") return hold.subject === order.subject;
    if (order.kind === "pruned")
      return trail.entries
        .slice(erased.first, order.to)
        .some((entry) => entry.seq === hold.seq || concerns(parseEventText(entry.text), hold.subject!));
    return order.entries.some(({ seq, parts }) =>
      partsOf(trail.entries[seq], parts).some(({ subject }) => subject === hold.subject),
    );
  };
  const veto = listHolds(trail, erased).find(covers);
  if (veto !== undefined) {
    throw new AuditError(
      "ERASURE_HELD",
      `Cannot erase: legal hold ${quote(veto.hold)} (entry ${veto.seq}) is in force. It can be carried out once the hold is released.`,
      {
        details: { ...veto },
      },
    );
  }
  const vetoThen = listHolds(trail, erased, by).find(covers);
  if (vetoThen === undefined) return;
  throw new AuditError(
    "ERASURE_INVALID",
    `Cannot carry out the erasure that entry ${by} announces: legal hold ${quote(vetoThen.hold)} was in force then. Order it again.`,
    { details: { by } },
  );
}

function partsOf(entry: StoredEntry | undefined, parts: readonly number[]) {
  return entry?.sealed.filter(({ index }) => parts.includes(index)) ?? [];
}

function listErasures({ entries }: LayerTrail, { first, done }: ErasedTrail): readonly PendingErasure[] {
  return entries.slice(first).flatMap(({ seq, text }) => {
    const isErasure = readErasureOrder(parseEventText(text), seq) !== undefined;
    const state = done.get(seq) ?? "announced";
    return isErasure && state !== "done" ? [{ seq, state }] : [];
  });
}
