/**
 * What counts can be read from a store's hourly tally, which has entries by a few of their fields for each hour of UTC,
 * and where no tally is needed.
 */

import type { Query } from "./ast.ts";
import { type Bucket, bucketLength, calendarBucket } from "./bucket.ts";
import { bucketKey } from "./count-entries.ts";
import type { CountRequest } from "./request.ts";
import { intersect, requiredWords, type TimeBounds, topLevel } from "./top-level.ts";
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
export function isTotalOfWords({ request: { by, bucket, newest }, asked: { bounds, rest } }: AskedCount): boolean {
  const unbounded = bounds.from === undefined && bounds.to === undefined;
  return (
    newest === undefined &&
    by.length === 0 &&
    bucket === undefined &&
    unbounded &&
    rest.length > 0 &&
    rest.length === requiredWords(rest).length
  );
}

/** What the hours of a tally know of their entries. */
export const talliedFields = ["log", "action", "op", "severity", "outcome"] as const;

/** Whether a tally knows all that is asked, so that however large the trail is, there is an answer at once. */
export function isTallied({ query, by }: Pick<CountRequest, "query" | "by">): boolean {
  const { rest } = topLevel(query);
  const known: readonly string[] = talliedFields;
  return !rest.some(hasWords) && [...by, ...rest.flatMap(fieldsOf)].every((field) => known.includes(field));
}

/** Whether the hours of a tally say enough: they know what is asked, all of it is wanted, and the zone has no half hours. */
export function canTally(request: CountRequest, offsets: readonly OffsetChange[]): boolean {
  if (request.newest !== undefined || !isTallied(request)) return false;
  if (request.bucket === undefined) return true;
  return (
    request.bucket.unit !== "minute" &&
    offsets.every(({ from, offset }, index) => offset % hour === 0 && (index === 0 || from % hour === 0))
  );
}

function hasWords(query: Query): boolean {
  if (query.kind === "not") return hasWords(query.part);
  return query.kind === "and" || query.kind === "or" ? query.parts.some(hasWords) : query.kind === "words";
}

/** Whether hours without actions and severities say enough, which are fewer: charts over a list ask for no more. */
export function canTallyLogs({ request, asked }: AskedCount): boolean {
  const named = [...request.by, ...asked.rest.flatMap(fieldsOf)];
  return !named.includes("action") && !named.includes("severity");
}

/** The fields that a query names. */
function fieldsOf(query: Query): readonly string[] {
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
