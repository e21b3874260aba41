/** Instants: microseconds since 1970-01-01T00:00:00Z as a safe integer, and their RFC 3339 text in UTC. */

import { AuditError, quote } from "./errors.ts";

/** Where the time comes from; tests and replays pass their own. */
export interface Clock {
  /** Microseconds since 1970-01-01T00:00:00Z. It may go backwards: real clocks do. */
  nowMicros(): number;
}

export const systemClock: Clock = { nowMicros: () => Date.now() * 1000 };

/** `2026-11-22T09:26:00.123456Z`: always UTC, always six digits, so that text order is time order. */
export function formatInstant(micros: number): string {
  const second = Math.floor(micros / 1_000_000);
  if (second !== formatted.second) {
    formatted.text = new Date(second * 1000).toISOString().slice(0, -"000Z".length);
    formatted.second = second;
  }
  return `${formatted.text}${String(micros - second * 1_000_000).padStart(6, "0")}Z`;
}

/** Instants that are written one after the other are mostly of one second. */
const formatted = { second: Number.NaN, text: "" };

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Reads an RFC 3339 instant with any offset; digits beyond the microsecond are cut.
 * Answers `undefined` for anything else: for an impossible date, and for one before 1684 or after 2255, whose microseconds
 * are no safe integer.
 */
export function readInstant(text: string): number | undefined {
  // An event's time is checked, read, and read again by whoever stores it.
  if (text === lastRead.text) return lastRead.instant;
  const instant = parseRfc3339(text);
  if (instant !== undefined) [lastRead.text, lastRead.instant] = [text, instant];
  return instant;
}

const lastRead: { text: string; instant: number | undefined } = { text: "", instant: undefined };

function parseRfc3339(text: string): number | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", offset] = match;
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isRealTime(fields)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(fields[0], fields[1] - 1, fields[2]);
  date.setUTCHours(fields[3], fields[4], Math.min(fields[5], 59));
  const micros = Number(fraction.padEnd(6, "0").slice(0, 6));
  const shift = offsetMinutes(offset!);
  if (shift === undefined) return undefined;
  const instant = (date.getTime() - shift * 60_000) * 1000 + micros;
  return Number.isSafeInteger(instant) ? instant : undefined;
}

/** Errors: `VALUE_INVALID`. */
export function parseInstant(text: string): number {
  const micros = readInstant(text);
  if (micros !== undefined) return micros;
  throw new AuditError(
    "VALUE_INVALID",
    `Cannot read ${quote(text)} as a time: expected RFC 3339 with an offset, such as 2026-11-22T09:26:00.123Z, from 1685 to 2254.`,
  );
}

/** A leap second (`:60`) is accepted and read as `:59`, as JavaScript and POSIX clocks have no place for it. */
function isRealTime([year, month, day, hour, minute, second]: readonly [
  number,
  number,
  number,
  number,
  number,
  number,
]): boolean {
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return false;
  const lastDay = new Date(Date.UTC(year % 400 === 0 ? 2000 : 2000 + (year % 400), month, 0)).getUTCDate();
  return day >= 1 && day <= lastDay;
}

function offsetMinutes(offset: string): number | undefined {
  if (offset === "Z" || offset === "z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
