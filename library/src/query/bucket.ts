/** Time buckets in a zone: the minutes, hours, days, weeks, months and years that counts are grouped by. */

import { type CalendarUnit, modulo, startOfLocal } from "./calendar.ts";
import type { BucketUnit } from "./request.ts";
import { day, hour, instantOf, offsetAt } from "./zone.ts";

export interface Bucket {
  readonly unit: BucketUnit;
  /** Of the IANA database. */
  readonly zone: string;
}

/** Units whose buckets are all equally long; the others are the calendar's. */
const lengths: Readonly<Partial<Record<BucketUnit, number>>> = { minute: hour / 60, hour };
const calendarUnits = { day: "d", week: "w", month: "mo", year: "y" } as const satisfies Partial<
  Record<BucketUnit, CalendarUnit>
>;

/** How long a bucket is, in microseconds; `undefined` for those of the calendar. */
export function bucketLength(unit: BucketUnit): number | undefined {
  return lengths[unit];
}

/**
 * The instant at which the bucket of an instant begins, both in microseconds. Weeks begin on Monday.
 *
 * Minutes and hours begin where the zone's clocks show whole ones, and come twice where those are set back, so that
 * all are equally long; days and longer are the calendar's, 23 or 25 hours where the clock is changed.
 * Errors: `OPTION_INVALID` for an unknown zone.
 */
export function bucketOf(micros: number, { unit, zone }: Bucket): number {
  const local = micros + offsetAt(micros, zone);
  const length = bucketLength(unit);
  return length === undefined
    ? calendarBucket(Math.floor(local / day), { unit, zone })
    : micros - modulo(local, length);
}

/** The beginning of the day, week, month or year of a local day, which is given in days since 1970-01-01. */
export function calendarBucket(localDay: number, { unit, zone }: Bucket): number {
  return instantOf(startOfLocal(localDay * day, calendarUnits[unit as keyof typeof calendarUnits]), zone);
}
