/** `auditrail_entry.key`: the number of the trail and the position in it, as one integer that orders a trail. */

import { AuditError } from "../../base/errors.ts";

export const entriesPerTrail = 2 ** 32;
const maxTrails = 2 ** 21 - 1;

export function entryKey(trail: number, seq: number): number {
  return trail * entriesPerTrail + seq;
}

export function seqOfKey(key: number): number {
  return key % entriesPerTrail;
}

/** Errors: `STORE_FULL`. */
export function assertEntryFits(seq: number): void {
  if (seq < entriesPerTrail) return;
  throw new AuditError("STORE_FULL", `Cannot add an entry: a trail in SQLite holds ${entriesPerTrail} entries.`);
}

/** Errors: `STORE_FULL`. */
export function assertTrailFits(trail: number): void {
  if (trail <= maxTrails) return;
  throw new AuditError("STORE_FULL", `Cannot add a trail for another tenant: a SQLite store holds ${maxTrails}.`);
}
