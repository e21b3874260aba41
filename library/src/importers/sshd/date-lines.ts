import { formatInstant } from "../../base/time.ts";
import { day, instantOf } from "../../query/zone.ts";
import type { SyslogLine, YearlessTime } from "./read-syslog-line.ts";

export interface DatingOptions {
  /** The year of the first line. Without it the year is worked out from `latestMicros`. */
  readonly year: number | undefined;
  readonly zone: string;
  /** No line is later than this: when the file was last written. */
  readonly latestMicros: number;
  readonly note: (text: string) => void;
}

/** More than half a year between two lines next to each other is the turn of a year, not a gap. */
const halfYearMonths = 6;

/**
 * Gives each line its instant, in microseconds.
 *
 * With a year, it is the first line's, and counts on at every turn of the year. Without one, each line has the latest
 * year in which it is not in the future of the file, so the log may lie across New Year but not be longer than a year.
 */
export function createDating({ year, zone, latestMicros, note }: DatingOptions): (line: SyslogLine) => number {
  let last: { readonly year: number; readonly month: number } | undefined;
  let lastMicros = Number.NEGATIVE_INFINITY;
  const noted = { inferred: false, backwards: false };

  const infer = (at: YearlessTime): number => {
    if (!noted.inferred) {
      noted.inferred = true;
      note(
        `The log has no years: they were chosen so that no line is after ${formatInstant(latestMicros).slice(0, 10)}. Name the year of the first line to be sure.`,
      );
    }
    // A day of grace, because the zone of the log may not be the one we were told.
    const latest = latestMicros + day;
    let candidate = new Date(latest / 1000).getUTCFullYear() + 1;
    let micros = placeIn(at, candidate, zone);
    for (; micros === undefined || micros > latest; micros = placeIn(at, candidate, zone)) candidate -= 1;
    if (!noted.backwards && micros < lastMicros - 180 * day) {
      noted.backwards = true;
      note(
        "The log jumps back by more than half a year: it seems to be longer than a year, and needs the year of its first line.",
      );
    }
    lastMicros = micros;
    return micros;
  };

  const count = (at: YearlessTime, first: number): number => {
    let next = last?.year ?? first;
    if (last !== undefined && last.month - at.month > halfYearMonths) next += 1;
    else if (last !== undefined && at.month - last.month > halfYearMonths) next -= 1; // out of order, just after New Year
    last = { year: next, month: at.month };
    // 29 February of a year that has none: the day after 28 February is as near as one can say.
    return placeIn(at, next, zone) ?? placeIn({ ...at, day: 28 }, next, zone)! + day;
  };

  return ({ at }) => ("micros" in at ? at.micros : year === undefined ? infer(at) : count(at, year));
}

/** `undefined` where the year has no such day. */
function placeIn({ month, day: dayOfMonth, ofDay }: YearlessTime, year: number, zone: string): number | undefined {
  const midnight = Date.UTC(year, month - 1, dayOfMonth);
  if (new Date(midnight).getUTCMonth() !== month - 1) return undefined;
  return instantOf(midnight * 1000 + ofDay, zone);
}
