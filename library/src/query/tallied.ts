/**
 * What counts can be read from a store's hourly tally, which has entries by log, action and outcome for each hour of UTC,
 * and where no tally is needed.
 */

import type { Query } from "./ast.ts";
import { type Bucket, bucketLength, calendarBucket } from "./bucket.ts";
import { bucketKey } from "./count-entries.ts";
import type { CountRequest } from "./request.ts";
import { intersect, requiredWords, type TimeBounds } from "./top-level.ts";
import { hour, type OffsetChange, offsetsBetween } from "./zone.ts";

/** A question, with what is asked for at the top level taken apart. */
export interface AskedCount {
  readonly request: CountRequest;
  readonly asked: { readonly bounds: TimeBounds; readonly rest: readonly Query[] };
}

/** The zone's offsets in the times that are counted; none where there are no buckets. */
export function offsetsWithin(
  bounds: TimeBounds,
  times: TimeBounds,
  { bucket }: CountRequest,
): readonly OffsetChange[] {
  const { from, to } = intersect(bounds, times);
  return bucket === undefined || from! >= to! ? [] : offsetsBetween(from!, to!, bucket.zone);
}

/** Whether the full-text index alone knows the answer. */
export function isTotalOfWords({ request: { by, bucket }, asked: { bounds, rest } }: AskedCount): boolean {
  const unbounded = bounds.from === undefined && bounds.to === undefined;
  return (
    by.length === 0 &&
    bucket === undefined &&
    unbounded &&
    rest.length > 0 &&
    rest.length === requiredWords(rest).length
  );
}

const tallied = new Set(["log", "action", "outcome"]);

/** Whether the hours of the tally say enough: they know log, action and outcome, and no zone of half hours. */
export function canTally({ request, asked }: AskedCount, offsets: readonly OffsetChange[]): boolean {
  if (!request.by.every((field) => tallied.has(field)) || !asked.rest.every(isTallied)) return false;
  if (request.bucket === undefined) return true;
  return (
    request.bucket.unit !== "minute" &&
    offsets.every(({ from, offset }, index) => offset % hour === 0 && (index === 0 || from % hour === 0))
  );
}

function isTallied(query: Query): boolean {
  switch (query.kind) {
    case "everything":
      return true;
    case "and":
    case "or":
      return query.parts.every(isTallied);
    case "not":
      return isTallied(query.part);
    case "words":
      return false;
    case "field":
      return tallied.has(query.field);
  }
}

/** The fields that a query names. */
export function fieldsOf(query: Query): readonly string[] {
  if (query.kind === "field") return [query.field];
  if (query.kind === "not") return fieldsOf(query.part);
  return query.kind === "and" || query.kind === "or" ? query.parts.flatMap(fieldsOf) : [];
}

/** Times are moved by so many days, so that none is negative and division rounds all of them down. */
export const longAgoDays = 200_000n;

/** The key of a bucket that a database made: an instant, or for longer buckets the local day. */
export function writeBucket(key: number, bucket: Bucket): string {
  return bucketKey(bucketLength(bucket.unit) === undefined ? calendarBucket(key, bucket) : key);
}
