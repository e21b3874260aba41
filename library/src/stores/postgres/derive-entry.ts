/** What is put into the database of an event: its text, and beside it all that is derived, worked out by the writer. */

import { encodeHex } from "../../base/bytes.ts";
import type { DerivedColumns } from "../../event/derived-columns.ts";
import { openEvent } from "../../event/entry.ts";
import type { PreparedEntry } from "../../trail/contracts.ts";
import { derive } from "../../trail/derive.ts";
import { withoutNul, writtenText } from "./names.ts";

/** As JSON, the one parameter that every driver binds in the same way. Errors: `STORE_CORRUPT` where a text is no event. */
export function writeEntries(entries: readonly PreparedEntry[]): string {
  return JSON.stringify(entries.map((entry, n) => ({ n, ...deriveEntry(entry) })));
}

/** By the names of the columns, with bytes in hexadecimal. Errors: `STORE_CORRUPT` where the text is no event. */
export function deriveEntry({ tenant, id, hash, text, sealed, derived }: PreparedEntry) {
  const found = derived ?? derive(openEvent(text, sealed).event);
  return {
    ...{ tenant, id, hash: encodeHex(hash), entry: text },
    ...columnsOf(found),
    ...{ op: found.op, severity: found.severity },
    words: found.words,
    sealed: sealed.map(({ index, subject, salt, bytes }) => ({
      ...{ part: index, subject: writtenText(subject) },
      ...{ salt: encodeHex(salt), bytes: encodeHex(bytes) },
    })),
  };
}

/** Derived columns by the names they have in the database. */
export function columnsOf({
  timeMicros,
  log,
  action,
  outcome,
  actorType,
  actorId,
  operationId,
  targets,
}: DerivedColumns) {
  return {
    ...{ time: timeMicros, log, action: withoutNul(action), outcome, actor_type: withoutNul(actorType) },
    actor_id: actorId === null ? null : withoutNul(actorId),
    operation: operationId === null ? null : withoutNul(operationId),
    targets: targets.map(({ type, id }) => ({ type: withoutNul(type), id: withoutNul(id) })),
  };
}
