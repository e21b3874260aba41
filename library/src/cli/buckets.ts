/** Time buckets that nothing fell into: a row of bars without them would hide the silence. */

import { formatInstant, parseInstant } from "../base/time.ts";
import { bucketLength, bucketOf } from "../query/bucket.ts";
import type { BucketUnit, CountRow } from "../query/request.ts";

/** More rows than anybody looks through; then the gaps stay gaps. */
const mostRows = 400;

const minute = 60_000_000;
const day = 24 * 60 * minute;
/** More than any bucket of the calendar and less than two, so that a step lands in the next one. */
const steps: Partial<Record<BucketUnit, number>> = { day: 1.5 * day, week: 10 * day, month: 45 * day, year: 500 * day };

/** The rows, with a zero for each empty bucket between the first and the last. Only where time is all they are grouped by. */
export function fillBuckets(rows: readonly CountRow[], unit: BucketUnit, zone: string): readonly CountRow[] {
  if (rows.length < 2 || rows.some(({ keys }) => keys.length !== 1 || keys[0] === null)) return rows;
  const filled: CountRow[] = [];
  for (const row of rows) {
    const begins = parseInstant(row.keys[0]!);
    const last = filled.at(-1);
    let next = last === undefined ? begins : nextBucket(parseInstant(last.keys[0]!), unit, zone);
    for (; next < begins; next = nextBucket(next, unit, zone)) {
      if (filled.length >= mostRows) return rows;
      filled.push({ keys: [formatInstant(next)], count: 0 });
    }
    filled.push(row);
  }
  return filled;
}

function nextBucket(begins: number, unit: BucketUnit, zone: string): number {
  const length = bucketLength(unit);
  return length === undefined ? bucketOf(begins + steps[unit]!, { unit, zone }) : begins + length;
}
