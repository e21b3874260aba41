/**
 * Times in queries: absolute or relative to now, in the reader's zone.
 *
 * Every time is a span: `2026-01` is a month, `now` a microsecond. `time:2026-01` is within it, `after:2026-01` from
 * its beginning on, `before:2026-01` until its beginning.
 */

import { readInstant } from "../base/time.ts";
import type { Comparison, Test } from "./ast.ts";
import type { ParseOptions } from "./parse-query.ts";
import { type CalendarUnit, shiftLocal, startOfLocal } from "./calendar.ts";
import { day, hour, instantOf, offsetAt } from "./zone.ts";

export const timeForms =
  "a time, such as 2026-01-31, 2026-01-31T10:00, 2026-01-31T10:00:00Z, now-2h, today, yesterday or this-week";

interface Span {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** Reads `TIME`, `<TIME`, `TIME..TIME` and so on; `undefined` for what is no time. */
export function parseTimeTest(written: string, options: ParseOptions): (Test & { readonly kind: "time" }) | undefined {
  const operator = /^(<=|>=|<|>)/.exec(written)?.[0] as Comparison | undefined;
  const bounds = operator === undefined ? parseSpans(written, options) : parseCompared(operator, written, options);
  if (bounds === undefined || Object.values(bounds).some((bound) => !Number.isSafeInteger(bound))) return undefined;
  return { kind: "time", ...bounds, written };
}

function parseCompared(operator: Comparison, written: string, options: ParseOptions): Partial<Span> | undefined {
  const span = parseSpan(written.slice(operator.length), options);
  if (span === undefined) return undefined;
  if (operator === ">" || operator === ">=") return { from: operator === ">" ? span.to : span.from };
  return { to: operator === "<" ? span.from : span.to };
}

function parseSpans(written: string, options: ParseOptions): Partial<Span> | undefined {
  const parts = written.split("..");
  if (parts.length > 2 || parts.every((part) => part === "")) return undefined;
  const [first, last = first] = parts.map((part) => (part === "" ? "" : parseSpan(part, options)));
  if (first === undefined || last === undefined) return undefined;
  return { ...(first === "" ? {} : { from: (first as Span).from }), ...(last === "" ? {} : { to: (last as Span).to }) };
}

function parseSpan(text: string, options: ParseOptions): Span | undefined {
  return parseWritten(text, options.zone) ?? parseRelative(text, options);
}

const written =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

function parseWritten(text: string, zone: string): Span | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [, year, month = "01", date = "01", hours = "00", minutes = "00", seconds = "00", fraction = "", offset] =
    match;
  const local = readInstant(`${year}-${month}-${date}T${hours}:${minutes}:${seconds}.${fraction || "0"}Z`);
  if (local === undefined) return undefined;
  if (match[4] === undefined) {
    const unit = match[3] !== undefined ? "d" : match[2] !== undefined ? "mo" : "y";
    return { from: instantOf(local, zone), to: instantOf(shiftLocal(local, 1, unit), zone) };
  }
  const from = offset === undefined ? instantOf(local, zone) : local - (offsetMicros(offset) ?? Number.NaN);
  return { from, to: from + precision(match) };
}

/** How long the unit is to which a time of day was given. */
function precision([, , , , , minutes, seconds, fraction]: RegExpExecArray): number {
  if (minutes === undefined) return hour;
  if (seconds === undefined) return hour / 60;
  return 10 ** (6 - (fraction ?? "").length);
}

function offsetMicros(offset: string): number | undefined {
  const zero = readInstant(`1970-01-02T00:00:00${offset}`);
  return zero === undefined ? undefined : day - zero;
}

const relative =
  /^(now|today|yesterday|tomorrow|(?:this|last)-(?:day|week|month|year))((?:[+-]\d{1,6}(?:s|m|h|d|w|mo|y))*)$/;
const shiftPart = /([+-]\d+)([a-z]+)/g;
const calendarUnits: Readonly<Record<string, CalendarUnit>> = { day: "d", week: "w", month: "mo", year: "y" };

function parseRelative(text: string, { now, zone }: ParseOptions): Span | undefined {
  const match = relative.exec(text);
  if (match === null) return undefined;
  const [, base, shifts] = match;
  const span = base === "now" ? { from: now, to: now + 1 } : namedSpan(base!, now, zone);
  return { from: shift(span.from, shifts!, zone), to: shift(span.to, shifts!, zone) };
}

function namedSpan(name: string, now: number, zone: string): Span {
  const [which, unitName = "day"] = name.split("-");
  const unit = calendarUnits[unitName]!;
  const steps = which === "yesterday" || which === "last" ? -1 : which === "tomorrow" ? 1 : 0;
  const local = shiftLocal(startOfLocal(now + offsetAt(now, zone), unit), steps, unit);
  return { from: instantOf(local, zone), to: instantOf(shiftLocal(local, 1, unit), zone) };
}

const exactUnits: Readonly<Record<string, number>> = { s: hour / 3600, m: hour / 60, h: hour };

/** Hours and less are lengths of time; days and more are the calendar's, so that `now-1d` is the same time of day. */
function shift(micros: number, shifts: string, zone: string): number {
  let shifted = micros;
  for (const [, count, unit] of shifts.matchAll(shiftPart)) {
    const exact = exactUnits[unit!];
    if (exact !== undefined) shifted += Number(count) * exact;
    else {
      const local = shiftLocal(shifted + offsetAt(shifted, zone), Number(count), unit as CalendarUnit);
      shifted = instantOf(local, zone);
    }
  }
  return shifted;
}
