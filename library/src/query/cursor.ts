/**
 * Keyset cursors: a page goes on behind the place of the last entry shown, not at a number of entries.
 *
 * So paging is stable while events arrive: what sorts before the cursor is not shown by later pages, and nothing that
 * was there is skipped or shown twice.
 */

import { encodeHex } from "../base/bytes.ts";
import { AuditError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { formatQuery } from "./format-query.ts";
import type { EntryPlace } from "./order.ts";
import type { PageRequest } from "./request.ts";

type Asked = Pick<PageRequest, "tenant" | "query" | "order" | "cursor">;

/** The cursor for the page behind `last`, bound to what was asked. */
export function encodeCursor(asked: Asked, last: EntryPlace): string {
  return ["1", fingerprint(asked), last.seq.toString(36), last.timeMicros.toString(36)].join("_");
}

const cursorText = /^1_([0-9a-f]{24})_([0-9a-z]{1,11})_(-?[0-9a-z]{1,11})$/;

/** The place that a request's cursor stands for; `undefined` without a cursor. Errors: `CURSOR_INVALID`. */
export function decodeCursor(asked: Asked): EntryPlace | undefined {
  if (asked.cursor === undefined) return undefined;
  const match = cursorText.exec(asked.cursor);
  if (match === null) throw invalid("it is not one of ours");
  const [, print, seq, timeMicros] = match;
  if (print !== fingerprint(asked)) throw invalid("it belongs to another query, order or tenant");
  const place = { seq: Number.parseInt(seq!, 36), timeMicros: Number.parseInt(timeMicros!, 36) };
  if (!Number.isSafeInteger(place.seq) || !Number.isSafeInteger(place.timeMicros))
    throw invalid("it is not one of ours");
  return place;
}

function invalid(found: string): AuditError {
  return new AuditError("CURSOR_INVALID", `Cannot go on from this cursor: ${found}. Ask for the first page again.`);
}

/**
 * Times count as they were written: `after:now-2h` is a later time on every page that is asked for, and still the same
 * query.
 */
function fingerprint({ tenant, query, order }: Asked): string {
  const asked = JSON.stringify([tenant, order.by, order.direction, formatQuery(query)]);
  return encodeHex(sha256(asked).subarray(0, 12));
}
