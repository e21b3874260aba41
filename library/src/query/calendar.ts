/** Steps on the calendar in local time: microseconds since 1970-01-01T00:00 on the wall clock. */

import { day } from "./zone.ts";

export type CalendarUnit = "d" | "w" | "mo" | "y";

/** So many days, weeks, months or years on; a day that the month does not have becomes its last. */
export function shiftLocal(local: number, count: number, unit: CalendarUnit): number {
  if (unit === "d" || unit === "w") return local + count * (unit === "w" ? 7 : 1) * day;
  const dayNumber = Math.floor(local / day);
  const date = new Date(dayNumber * 86_400_000);
  const dayOfMonth = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count * (unit === "y" ? 12 : 1));
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(dayOfMonth, lastDay));
  return date.getTime() * 1000 + (local - dayNumber * day);
}

/** The beginning of the day, week (on Monday), month or year. */
export function startOfLocal(local: number, unit: CalendarUnit): number {
  const dayNumber = Math.floor(local / day);
  if (unit === "d") return dayNumber * day;
  // 1970-01-01 was a Thursday.
  if (unit === "w") return (dayNumber - modulo(dayNumber + 3, 7)) * day;
  const date = new Date(dayNumber * 86_400_000);
  date.setUTCDate(1);
  if (unit === "y") date.setUTCMonth(0);
  return date.getTime() * 1000;
}

/** The remainder that is never negative. */
export function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
