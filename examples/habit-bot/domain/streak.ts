import { addDays, weekdayOf, type Day } from "./days.ts";

export interface StreakRules {
  /** How many days in a row may be missed. */
  readonly skipDays: number;
  /** Weekdays that need not be done: 1 is Monday. */
  readonly exemptWeekdays: readonly number[];
}

/**
 * How many times a habit was done without a break, up to and with `day`, which counts as done. A missed day breaks it when
 * more than `skipDays` are missed in a row; exempt weekdays are not missed, and count when they are done.
 */
export function streakAt(day: Day, done: ReadonlySet<Day>, { skipDays, exemptWeekdays }: StreakRules): number {
  const first = [...done].reduce((earliest, each) => (each < earliest ? each : earliest), day);
  let streak = 1;
  let missed = 0;
  for (let each = addDays(day, -1); each >= first && missed <= skipDays; each = addDays(each, -1)) {
    if (done.has(each)) {
      streak += 1;
      missed = 0;
    } else if (!exemptWeekdays.includes(weekdayOf(each))) missed += 1;
  }
  return streak;
}

/** A habit weighs a tenth more for each day of its streak after the first, up to four times its weight. */
export function totalWeight(weight: number, streak: number): number {
  return (weight * (9 + Math.min(streak, 31))) / 10;
}
