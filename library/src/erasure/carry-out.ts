/**
 * The order of an erasure, in which every step is safe to stop after:
 *
 * 1. Its entry is recorded. Until the next step nothing may be removed; a crash leaves an announcement.
 * 2. A signed checkpoint covers the entry. From now on the absence of what it names is explained, and `resume()` goes on.
 * 3. The rows are deleted. A crash in between leaves some of them, and `resume()` removes the rest.
 * 4. The store's files are rewritten. A crash before leaves bytes behind, and `resume()` rewrites them.
 *
 * Never the reverse: data that is gone before a checkpoint says so looks like tampering, and is reported as such.
 */

import { isAuditError } from "../base/errors.ts";
import type { ErasureOptions, ErasureReport, ResumedErasure } from "./erasure-types.ts";

/** Steps 2 to 4 for entries that were recorded already. Errors: `ERASURE_UNSEALED`, `ERASURE_HELD`, those of the store. */
export async function carryOut(
  { store, checkpoint }: ErasureOptions,
  tenant: string,
  announcedBy: readonly number[],
  compact: boolean,
): Promise<ErasureReport> {
  if (announcedBy.length > 0) await checkpoint();
  const total = { entries: 0, parts: 0 };
  for (const by of announcedBy) {
    const { entries, parts } = await store.erase(tenant, by);
    total.entries += entries;
    total.parts += parts;
  }
  if (compact) await store.compact();
  return { announcedBy, ...total, compacted: compact };
}

/** Finishes what was announced in all trails and is covered by a checkpoint. Errors: those of the store. */
export async function resumeErasures({ store }: ErasureOptions): Promise<readonly ResumedErasure[]> {
  const resumed: ResumedErasure[] = [];
  for (const { tenant } of await store.listTrails()) {
    for (const { seq, state } of await store.listErasures(tenant)) {
      const outcome = state === "removed" ? "done" : await resumeOne(store, tenant, seq);
      resumed.push({ tenant, seq, outcome });
    }
  }
  await store.compact();
  return resumed;
}

const waiting = { ERASURE_UNSEALED: "unsealed", ERASURE_HELD: "held", ERASURE_INVALID: "invalid" } as const;

async function resumeOne(
  store: ErasureOptions["store"],
  tenant: string,
  by: number,
): Promise<ResumedErasure["outcome"]> {
  try {
    await store.erase(tenant, by);
    return "done";
  } catch (error) {
    const outcome = isAuditError(error) ? waiting[error.code as keyof typeof waiting] : undefined;
    if (outcome === undefined) throw error;
    return outcome;
  }
}
