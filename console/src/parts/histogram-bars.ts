import type { Bar, BucketUnit, Histogram } from "../api/types.ts";
import { bucketLengthMs } from "../kit/times.ts";

/** A bar in its place, from 0 to 1 of the width and of the height. */
export interface PlacedBar {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedHistogram {
  readonly bars: readonly PlacedBar[];
  readonly from: number;
  readonly until: number;
  readonly most: number;
}

/** Times are a scale, not a list: where nothing happened there is nothing. */
export function placeBars({ bars, bucket }: Histogram): PlacedHistogram | undefined {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const length = bucketLengthMs(bucket);
  const from = Date.parse(first.begins);
  // A single bar would fill the width: it gets room for as many as make it look like one.
  const until = Math.max(Date.parse(last.begins) + length, from + 8 * length);
  const most = Math.max(...bars.map(({ count }) => count));
  const place = (bar: Bar): PlacedBar => ({
    bar,
    x: (Date.parse(bar.begins) - from) / (until - from),
    width: length / (until - from),
    height: bar.count / most,
  });
  return { bars: bars.map(place), from, until, most };
}

/** Instants worth a label below the bars, at most six of them. */
export function axisTicks({ from, until }: PlacedHistogram): readonly number[] {
  return [0.02, 0.22, 0.42, 0.62, 0.82].map((share) => from + share * (until - from));
}

/** How a bucket is named: to the minute where it is shorter than a day. */
export function bucketName(begins: string | number, bucket: BucketUnit, zone: string): string {
  const date = { day: "numeric", month: "short" } as const;
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const parts = bucket === "minute" ? clock : bucket === "hour" ? { ...date, ...clock } : date;
  return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: zone }).format(new Date(begins));
}
