import { encodeHex } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { formatInstant } from "../base/time.ts";
import type { Appended, PreparedEntry } from "./contracts.ts";
import type { Prepared } from "./prepare-event.ts";
import { isSameEvent } from "./same-event.ts";
import type { Receipt } from "./types.ts";

/** What the caller gets: with a position where there is one. Also for events that were there before. */
export function receiptOf({ entry, hashHex }: Prepared, appended: Appended | undefined): Receipt {
  if (appended === undefined) return { id: entry.id, hash: hashHex, seq: null, recordedAt: null };
  const { existing, seq, recordedAtMicros } = appended;
  const hash = existing === undefined ? hashHex : encodeHex(existing.hash);
  return { id: entry.id, hash, seq, recordedAt: recordedAtMicros === null ? null : formatInstant(recordedAtMicros) };
}

/** That what the store has under the entry's id is this event. Errors: `ID_CONFLICT`, `STORE_CORRUPT`. */
export function assertSameEvent(entry: PreparedEntry, { existing, seq }: Appended): void {
  if (existing === undefined || isSameEvent(existing, entry)) return;
  const { id, tenant } = entry;
  throw new AuditError(
    "ID_CONFLICT",
    `Cannot record event ${id}: ${seq === null ? "another event" : `entry ${seq}`} of trail ${quote(tenant)} has that id and says something else. Make a new id for a new event; to try again, pass the same fields.`,
    { details: { id, seq } },
  );
}
