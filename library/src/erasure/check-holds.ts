/**
 * Asking legal holds before an erasure is announced, so that what is refused leaves no entry. The store asks again in
 * the transaction that deletes: a hold that is placed in between counts.
 */

import { AuditError, quote } from "../base/errors.ts";
import { parseEventText } from "../event/entry.ts";
import { concerns } from "../event/erasure-order.ts";
import type { LegalHold, Store } from "../trail/contracts.ts";

const batch = 1_000;

/** Errors: `ERASURE_HELD`. */
export async function assertSubjectsFree(
  store: Store<never>,
  tenant: string,
  subjects: readonly string[],
): Promise<void> {
  const veto = (await store.listHolds(tenant)).find(
    ({ subject }) => subject === undefined || subjects.includes(subject),
  );
  if (veto !== undefined) throw held(veto);
}

/** Entries are looked at one by one, but only where there is a hold on a subject. Errors: `ERASURE_HELD`. */
export async function assertRangeFree(store: Store<never>, tenant: string, from: number, to: number): Promise<void> {
  const holds = await store.listHolds(tenant);
  const veto = holds.find(({ subject, seq }) => subject === undefined || (seq >= from && seq < to));
  if (veto !== undefined) throw held(veto);
  for (let position = from; holds.length > 0 && position < to; position += batch) {
    for (const { text } of await store.read(tenant, position, Math.min(position + batch, to))) {
      const event = parseEventText(text);
      const found = holds.find(({ subject }) => concerns(event, subject!));
      if (found !== undefined) throw held(found);
    }
  }
}

function held({ hold, subject, seq }: LegalHold): AuditError {
  const on = subject === undefined ? "the whole trail" : quote(subject);
  return new AuditError(
    "ERASURE_HELD",
    `Cannot erase: legal hold ${quote(hold)} on ${on} (entry ${seq}) is in force. Nothing was announced or removed; release the hold first.`,
    {
      details: { hold, seq, ...(subject === undefined ? {} : { subject }) },
    },
  );
}
