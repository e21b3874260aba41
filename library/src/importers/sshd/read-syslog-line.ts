/** The frame of a line that syslog wrote: RFC 3164 as rsyslog and syslog-ng write it to files, with either kind of time. */

import { readInstant } from "../../base/time.ts";

/** A wall-clock time without a year. */
export interface YearlessTime {
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** Microseconds since midnight. */
  readonly ofDay: number;
}

export interface SyslogLine {
  readonly at: { readonly micros: number } | YearlessTime;
  readonly host: string;
  /** Absent from lines that syslog itself writes. */
  readonly program?: string;
  readonly pid?: string;
  readonly message: string;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const longestMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const yearless = /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))? (\S+) (.*)$/s;
const dated = /^(?:<\d{1,3}>)?(\d{4}-\d{2}-\d{2}T\S+) (\S+) (.*)$/s;
const tagged = /^([^\s:[\]]+)(?:\[(\d+)\])?: ?(.*)$/s;

/** `undefined` for what is no such line. */
export function readSyslogLine(text: string): SyslogLine | undefined {
  const match = yearless.exec(text);
  if (match !== null) {
    const [, month, day, hour, minute, second, fraction = "", host, rest] = match;
    const ofDay =
      (Number(hour) * 3600 + Number(minute) * 60 + Math.min(Number(second), 59)) * 1_000_000 +
      Number(fraction.padEnd(6, "0"));
    const at = { month: months.indexOf(month!) + 1, day: Number(day), ofDay };
    const isTime =
      at.month > 0 &&
      at.day >= 1 &&
      at.day <= longestMonth[at.month - 1]! &&
      Number(hour) < 24 &&
      Number(minute) < 60 &&
      Number(second) < 61;
    return isTime ? { at, host: host!, ...readTag(rest!) } : undefined;
  }
  const [, time, host, rest] = dated.exec(text) ?? [];
  const micros = time === undefined ? undefined : readInstant(time);
  return micros === undefined ? undefined : { at: { micros }, host: host!, ...readTag(rest!) };
}

function readTag(rest: string): Pick<SyslogLine, "program" | "pid" | "message"> {
  const [, program, pid, message] = tagged.exec(rest) ?? [];
  if (program === undefined) return { message: rest };
  return { program, message: message!, ...(pid === undefined ? {} : { pid }) };
}
