/** Times for people: in a zone, and as distances. All instants are microseconds since 1970. */

import { formatInstant } from "../base/time.ts";
import { offsetAt } from "../query/zone.ts";

const second = 1_000_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `2026-11-22 09:41:03` as clocks in the zone show it. Errors: `OPTION_INVALID` for an unknown zone. */
export function showTime(micros: number, zone: string): string {
  return local(micros, zone).slice(0, 19).replace("T", " ");
}

/** `2026-11-22 09:41:03.123456`. */
export function showExactTime(micros: number, zone: string): string {
  return local(micros, zone)
    .slice(0, -1)
    .replace("T", " ")
    .replace(/\.0+$|(?<=\.\d*?[1-9])0+$/, "");
}

/** `09:41:03`. */
export function showClock(micros: number, zone: string): string {
  return local(micros, zone).slice(11, 19);
}

const months = "January February March April May June July August September October November December".split(" ");
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** `Sunday 22 November 2026`. */
export function showDay(micros: number, zone: string): string {
  const date = new Date(Math.floor((micros + offsetAt(micros, zone)) / 1000));
  return `${weekdays[date.getUTCDay()]} ${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** A distance in its two largest units: `1 h 26 min`, `12 min`, `3 days`, `850 ms`. */
export function showSpan(micros: number): string {
  if (micros < second) return `${Math.round(micros / 1000)} ms`;
  if (micros < minute) return `${Math.floor(micros / second)} s`;
  if (micros < hour) return pair(micros, [minute, "min"], [second, "s"]);
  if (micros < day) return pair(micros, [hour, "h"], [minute, "min"]);
  const days = Math.floor(micros / day);
  if (days >= 730) return `${Math.floor(days / 365.25)} years`;
  if (days >= 60) return `${Math.floor(days / 30)} months`;
  return days === 1 ? "1 day" : `${days} days`;
}

/** `3 min ago`, `in 2 h`, `just now`. */
export function showRelative(micros: number, nowMicros: number): string {
  const distance = nowMicros - micros;
  if (Math.abs(distance) < second) return "just now";
  const [span] = /^\d+ \w+/.exec(showSpan(Math.abs(distance)))!;
  return distance > 0 ? `${span} ago` : `in ${span}`;
}

function pair(
  micros: number,
  [large, largeName]: readonly [number, string],
  [small, smallName]: readonly [number, string],
): string {
  const rest = Math.floor((micros % large) / small);
  return `${Math.floor(micros / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** The instant that a UTC clock would have to show what the zone's clocks do. */
function local(micros: number, zone: string): string {
  return formatInstant(micros + offsetAt(micros, zone));
}
