/**
 * Time zones: the offset from UTC at an instant, and the instant of a wall-clock time.
 *
 * Built on `Intl`, which knows the IANA database in Node and in browsers alike. Offsets are looked up in a table of
 * the year's changes, found once to the quarter hour: no change since 1972 lies elsewhere, and older ones are placed
 * up to 15 minutes early. A store that groups in SQL takes the same changes, so both agree about every instant.
 */

import { AuditError, quote } from "../base/errors.ts";

const second = 1_000_000;
const minute = 60 * second;
const quarter = 15 * minute;
export const hour = 60 * minute;
export const day = 24 * hour;

/** From this instant on (microseconds), local time is UTC plus the offset (microseconds). */
export interface OffsetChange {
  readonly from: number;
  readonly offset: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    } catch (cause) {
      throw new AuditError(
        "OPTION_INVALID",
        `There is no time zone ${quote(zone)}: expected a name of the IANA database, such as Europe/Bucharest, or UTC.`,
        { cause, details: { zone } },
      );
    }
    formats.set(zone, format);
  }
  return format;
}

/** Errors: `OPTION_INVALID` for what is no time zone. */
export function assertZone(zone: string): void {
  formatOf(zone);
}

const offsetText = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

function askOffset(zone: string, micros: number): number {
  const [, sign, hours, minutes, seconds = "0"] = offsetText.exec(formatOf(zone).format(Math.floor(micros / 1000)))!;
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * hour + Number(minutes) * minute + Number(seconds) * second);
}

const years = new Map<string, readonly OffsetChange[]>();
/** Enough for decades of a few zones; a table is a few numbers. */
const maximumYears = 1000;

/** The changes within a UTC year; the first begins with the year. */
function changesInYear(zone: string, year: number): readonly OffsetChange[] {
  const key = `${year} ${zone}`;
  let changes = years.get(key);
  if (changes === undefined) {
    changes = findChanges(zone, startOfUtcYear(year), startOfUtcYear(year + 1));
    if (years.size >= maximumYears) years.clear();
    years.set(key, changes);
  }
  return changes;
}

function findChanges(zone: string, start: number, end: number): readonly OffsetChange[] {
  const changes = [{ from: start, offset: askOffset(zone, start) }];
  for (let from = start; from < end; from += day) {
    const until = Math.min(from + day, end - quarter);
    const offset = askOffset(zone, until);
    const before = changes.at(-1)!.offset;
    if (offset !== before) changes.push({ from: bisect(zone, from, until, before), offset });
  }
  return changes;
}

/** The first quarter hour after `low`, up to `high`, with another offset than `offset`. */
function bisect(zone: string, low: number, high: number, offset: number): number {
  while (high - low > quarter) {
    const middle = low + Math.floor((high - low) / 2 / quarter) * quarter;
    if (askOffset(zone, middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function startOfUtcYear(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1) * 1000;
}

function utcYear(micros: number): number {
  return new Date(Math.floor(micros / 1000)).getUTCFullYear();
}

/**
 * How far local time is ahead of UTC at an instant, in microseconds; not a number for what no exact instant can be.
 * Errors: `OPTION_INVALID`.
 */
export function offsetAt(micros: number, zone: string): number {
  if (!(Math.abs(micros) <= Number.MAX_SAFE_INTEGER)) return Number.NaN;
  if (zone === "UTC") return 0;
  const changes = changesInYear(zone, utcYear(micros));
  let index = changes.length - 1;
  while (index > 0 && changes[index]!.from > micros) index -= 1;
  return changes[index]!.offset;
}

/** All offsets in force from the first instant to the second, in order; the first begins at or before `from`. */
export function offsetsBetween(from: number, to: number, zone: string): readonly OffsetChange[] {
  if (zone === "UTC") return [{ from, offset: 0 }];
  const all: OffsetChange[] = [{ from, offset: offsetAt(from, zone) }];
  for (let year = utcYear(from); year <= utcYear(to); year += 1) {
    for (const change of changesInYear(zone, year)) {
      if (change.from > from && change.from <= to && change.offset !== all.at(-1)!.offset) all.push(change);
    }
  }
  return all;
}

/**
 * The instant at which a clock in the zone shows this local time (both in microseconds). Where it shows it twice, the
 * first; where it never does, as if the clock had not been moved forward yet.
 */
export function instantOf(local: number, zone: string): number {
  const before = offsetAt(local - day, zone);
  const after = offsetAt(local + day, zone);
  for (const offset of [before, after]) if (offsetAt(local - offset, zone) === offset) return local - offset;
  return local - before;
}
