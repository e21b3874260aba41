/**
 * What an entry of the trail's own log orders to be erased, and what may not be.
 *
 * - `auditrail.redacted`: the listed compartments (`event.sealed[part]`) of the listed entries.
 * - `auditrail.shredded`: every compartment of a subject in the entries before position `to`, and the subject's key.
 * - `auditrail.pruned`: the entries from `from` to before `to`, with everything that belongs to them.
 *
 * An order reaches only backwards: what it names lies before its own entry.
 */

import type { Json } from "../base/canonical-json.ts";
import { reference, type AuditEvent } from "./event.ts";

export type ErasureOrder =
  | { readonly kind: "redacted"; readonly entries: readonly RedactedEntry[] }
  | { readonly kind: "shredded"; readonly subject: string; readonly to: number }
  | { readonly kind: "pruned"; readonly from: number; readonly to: number };

export interface RedactedEntry {
  readonly seq: number;
  readonly parts: readonly number[];
}

/** The actions of {@link ErasureOrder}, as a query writes them. */
export const erasureActions = ["auditrail.redacted", "auditrail.shredded", "auditrail.pruned"] as const;

/** Tiles are kept whole, so entries are removed in whole tiles. */
export const prunedMultiple = 256;

/**
 * The order of the event at position `seq`, or `undefined` where it is none, or none that can be carried out: an event
 * may have been recorded by hand.
 */
export function readErasureOrder(
  { action, data }: Pick<AuditEvent, "action" | "data">,
  seq: number,
): ErasureOrder | undefined {
  const { entries, subject, from, to } = data ?? {};
  if (action === "auditrail.redacted") return readRedacted(entries, seq);
  if (!isPosition(to) || to > seq) return undefined;
  if (action === "auditrail.shredded")
    return typeof subject === "string" ? { kind: "shredded", subject, to } : undefined;
  if (action !== "auditrail.pruned" || !isPosition(from) || from >= to) return undefined;
  return from % prunedMultiple === 0 && to % prunedMultiple === 0 ? { kind: "pruned", from, to } : undefined;
}

function readRedacted(entries: Json | undefined, before: number): ErasureOrder | undefined {
  if (!Array.isArray(entries)) return undefined;
  const listed = entries as readonly Partial<RedactedEntry>[];
  const isListed = (entry: Partial<RedactedEntry> | null): entry is RedactedEntry =>
    isPosition(entry?.seq) && entry.seq < before && Array.isArray(entry.parts) && entry.parts.every(isPosition);
  return listed.length > 0 && listed.every(isListed) ? { kind: "redacted", entries: listed } : undefined;
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether an event is about a subject (`type/id`): a legal hold on the subject then keeps its entry. */
export function concerns(event: AuditEvent, subject: string): boolean {
  const named = [event.actor, ...(event.onBehalfOf ?? []), ...(event.targets ?? [])].map(reference);
  const sealed = event.sealed?.map((seal) => seal.subject) ?? [];
  return [...named, ...sealed, ...(event.subjects ?? [])].includes(subject);
}
