import { canonicalize, type Json } from "../base/canonical-json.ts";
import { equalBytes } from "../base/bytes.ts";
import { parseEventText, type SealedPart } from "../event/entry.ts";
import type { AuditEvent } from "../event/event.ts";
import type { KeptEvent, PreparedEntry } from "./contracts.ts";

/**
 * Whether an event that comes with a known id is the one that is there already. Recording again makes new salts, and
 * may happen in another process: commitments and producer may differ, nothing else. Personal data is compared where
 * it was not erased.
 */
export function isSameEvent(existing: KeptEvent, candidate: PreparedEntry): boolean {
  if (existing.text === candidate.text) return true;
  const kept = parseEventText(existing.text);
  const came = parseEventText(candidate.text);
  return comparable(kept) === comparable(came) && sameSealed(existing.sealed, candidate.sealed);
}

function comparable(event: AuditEvent): string {
  const { producer: _, sealed, ...rest } = event;
  const seals = (sealed ?? []).map(({ subject, paths }) => ({ subject, paths }));
  return canonicalize({ ...rest, seals } as unknown as Json);
}

function sameSealed(kept: readonly SealedPart[], came: readonly SealedPart[]): boolean {
  return kept.every((part) => {
    const other = came.find(({ index }) => index === part.index);
    return other !== undefined && equalBytes(other.bytes, part.bytes);
  });
}
