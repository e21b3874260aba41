/** Days are dates (`2026-11-26`) in the zone of the bot; between them only the calendar counts, so no change of clocks matters. */

import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

export type Day = string;

const dayMs = 86_400_000;

/** What day an instant is on. */
export function dayOf(micros: number, zone: string): Day {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return format.format(micros / 1000);
}

export const today = ({ clock, zone }: World): Day => dayOf(clock.nowMicros(), zone);

const noon = (day: Day): number => Date.parse(`${day}T12:00:00Z`);

export function addDays(day: Day, days: number): Day {
  return new Date(noon(day) + days * dayMs).toISOString().slice(0, 10);
}

export const daysBetween = (from: Day, to: Day): number => Math.round((noon(to) - noon(from)) / dayMs);

/** 1 is Monday, 7 is Sunday. */
export const weekdayOf = (day: Day): number => new Date(noon(day)).getUTCDay() || 7;

/** Errors: a refusal. */
export function readDay(text: string): Day {
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(noon(text)) && addDays(text, 0) === text) return text;
  throw new Refusal("day-invalid", { given: text });
}
