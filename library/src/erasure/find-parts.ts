/** Which compartments of personal data a redaction is about: those that are still there. */

import { AuditError, quote } from "../base/errors.ts";
import type { SealedPart } from "../event/entry.ts";
import type { RedactedEntry } from "../event/erasure-order.ts";
import type { ErasureOptions, RedactOptions } from "./erasure-types.ts";

/** An entry with the compartments to erase, and whose they are. */
export interface FoundParts extends RedactedEntry {
  readonly subjects: readonly string[];
}

/** Errors: `OPTION_INVALID`, `ENTRY_NOT_FOUND`, `QUERY_INVALID`. */
export async function findParts(
  erasure: ErasureOptions,
  options: RedactOptions,
  tenant: string,
): Promise<readonly FoundParts[]> {
  const { entries, query, subject } = options;
  if ((entries === undefined) === (query === undefined)) {
    throw new AuditError("OPTION_INVALID", "Cannot redact: give either entries or query, to say which entries.");
  }
  const found = new Map<number, Set<SealedPart>>();
  for await (const { seq, parts } of entries ?? matching(erasure, query!, tenant)) {
    const there = await partsOf(erasure, tenant, seq);
    const chosen = there.filter(
      (part) => (parts?.includes(part.index) ?? true) && (subject === undefined || part.subject === subject),
    );
    const known = found.get(seq) ?? new Set();
    for (const part of chosen) known.add(part);
    if (known.size > 0) found.set(seq, known);
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([seq, parts]) => describe(seq, [...parts]));
}

function describe(seq: number, parts: readonly SealedPart[]): FoundParts {
  return {
    seq,
    parts: [...new Set(parts.map(({ index }) => index))].toSorted((a, b) => a - b),
    subjects: parts.map((part) => part.subject),
  };
}

async function* matching(
  { trail }: ErasureOptions,
  query: string,
  tenant: string,
): AsyncIterable<{ seq: number; parts?: readonly number[] }> {
  for await (const { seq } of trail.entries(query, { tenant, order: { by: "seq", direction: "oldest" } }))
    yield { seq };
}

async function partsOf({ store }: ErasureOptions, tenant: string, seq: number): Promise<readonly SealedPart[]> {
  const [entry] = await store.read(tenant, seq, seq + 1);
  if (entry !== undefined) return entry.sealed;
  throw new AuditError(
    "ENTRY_NOT_FOUND",
    `Cannot redact entry ${seq}: trail ${quote(tenant)} has none at that position any more, or yet.`,
  );
}
