/** How far a trail may be pruned: to whole tiles, and by a time only where everything before it is older. */

import { AuditError, quote } from "../base/errors.ts";
import { parseInstant } from "../base/time.ts";
import { prunedMultiple } from "../event/erasure-order.ts";
import type { Store, TrailHead } from "../trail/contracts.ts";
import type { PruneOptions } from "./erasure-types.ts";

/** The position before which entries go: a multiple of 256, or 0. Errors: `OPTION_INVALID`, `VALUE_INVALID`. */
export async function findPruneEnd(
  store: Store<never>,
  head: TrailHead,
  { to, before }: PruneOptions,
): Promise<number> {
  if ((to === undefined) === (before === undefined))
    throw new AuditError("OPTION_INVALID", "Cannot prune: give either to or before, to say how far.");
  if (to !== undefined && (!Number.isSafeInteger(to) || to < 0 || to > head.size)) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot prune to position ${quote(to)}: expected a whole number from 0 to ${head.size}, the size of the trail.`,
    );
  }
  const end = to ?? (await firstRecordedFrom(store, head, instant(before!)));
  return end - (end % prunedMultiple);
}

function instant(before: string | Date): number {
  return before instanceof Date ? before.getTime() * 1_000 : parseInstant(before);
}

/** The first position that was recorded at that time or later. Within a trail recording times never go back. */
async function firstRecordedFrom(
  store: Store<never>,
  { tenant, first, size }: TrailHead,
  micros: number,
): Promise<number> {
  let [low, high] = [first, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await store.read(tenant, middle, middle + 1);
    if ((entry?.recordedAtMicros ?? 0) < micros) low = middle + 1;
    else high = middle;
  }
  return low;
}
