/** Announcing an erasure: its entry, recorded and held against what was meant, and the checkpoint that covers it. */

import { canonicalize, type Json, type JsonObject } from "../base/canonical-json.ts";
import { AuditError } from "../base/errors.ts";
import { parseEventText } from "../event/entry.ts";
import type { Receipt } from "../trail/types.ts";
import type { ErasureOptions, Ordered } from "./erasure-types.ts";

export type ErasureAction = "redacted" | "shredded" | "pruned" | "held" | "hold-released";

/** Records one entry of the trail's own log; answers its position. Errors: `ERASURE_UNSEALED`, `ERASURE_INVALID`, those of recording. */
export async function recordOrder(
  { trail, store }: ErasureOptions,
  action: ErasureAction,
  data: JsonObject,
  { reason, actor, tenant }: Ordered & { readonly tenant: string },
): Promise<number> {
  const fields = { tenant, reason, data, ...(actor === undefined ? {} : { actor }) };
  const { seq }: Receipt = await trail.record(`auditrail.${action}` as never, fields as never);
  if (seq === null) {
    throw new AuditError(
      "ERASURE_UNSEALED",
      "Cannot erase now: the entry that announces it waits in the spool because the store fails. Nothing was removed; do it again when the store works.",
    );
  }
  const [entry] = await store.read(tenant, seq, seq + 1);
  // The redaction of events may have masked a subject whose id looks like a secret, and a wrong subject erases wrongly.
  const kept = entry === undefined ? undefined : parseEventText(entry.text).data;
  if (kept === undefined || canonicalize(kept as Json) !== canonicalize(data)) {
    throw new AuditError(
      "ERASURE_INVALID",
      `Cannot carry out the erasure that entry ${seq} announces: it does not say what was ordered, because a value in it was taken for a secret. Nothing was removed.`,
      {
        details: { by: seq },
      },
    );
  }
  return seq;
}
