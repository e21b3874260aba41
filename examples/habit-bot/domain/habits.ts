import type { Target } from "auditrail";

import { today, type Day } from "./days.ts";
import type { Person } from "./people.ts";
import { Refusal } from "./refusal.ts";
import { all, change, one, run, type World } from "./world.ts";

export interface HabitFields {
  readonly name: string;
  readonly weight: number;
  readonly category: string;
  readonly skipDays: number;
  readonly exemptWeekdays: readonly number[];
}

export interface Habit extends HabitFields {
  readonly id: number;
  readonly person: number;
  readonly active: boolean;
  readonly createdDay: Day;
}

interface HabitRow {
  readonly id: number;
  readonly person: number;
  readonly name: string;
  readonly weight: number;
  readonly category: string;
  readonly skip_days: number;
  readonly exempt_weekdays: string;
  readonly active: number;
  readonly created_day: Day;
}

const habitOf = ({ skip_days, exempt_weekdays, active, created_day, ...row }: HabitRow): Habit => ({
  ...row,
  skipDays: skip_days,
  exemptWeekdays: exempt_weekdays === "" ? [] : exempt_weekdays.split(",").map(Number),
  active: active === 1,
  createdDay: created_day,
});

const stateOf = ({ name, weight, category, skipDays, exemptWeekdays, active }: Habit) => ({
  ...{ name, weight, category, skipDays, active },
  exemptWeekdays: [...exemptWeekdays],
});

export const habitTarget = ({ id, name }: Pick<Habit, "id" | "name">): Target => ({
  type: "habit",
  id: String(id),
  name,
});

export const listHabits = (world: World, person: Person): readonly Habit[] =>
  all<HabitRow>(world, "SELECT * FROM habit WHERE person = ? AND active = 1 ORDER BY name", person.id).map(habitOf);

/** A habit of this person that was not removed. Errors: a refusal. */
export function findHabit(world: World, person: Person, id: number): Habit {
  const row = one<HabitRow>(world, "SELECT * FROM habit WHERE id = ? AND person = ? AND active = 1", id, person.id);
  if (row === undefined) throw new Refusal("habit-gone", { target: { type: "habit", id: String(id) } });
  return habitOf(row);
}

function assertNameFree(world: World, person: Person, name: string, besides = 0): void {
  const taken = one(world, "SELECT 1 FROM habit WHERE person = ? AND name = ? AND id <> ?", person.id, name, besides);
  if (taken !== undefined) throw new Refusal("name-taken", { given: name });
}

/** Errors: a refusal. */
export function createHabit(world: World, person: Person, fields: HabitFields): Habit {
  const { name, weight, category, skipDays, exemptWeekdays } = fields;
  return change(world, (record) => {
    assertNameFree(world, person, name);
    const id = run(
      world,
      `INSERT INTO habit (person, name, weight, category, skip_days, exempt_weekdays, created_day) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...([person.id, name, weight, category, skipDays, exemptWeekdays.join(","), today(world)] as const),
    );
    const habit = findHabit(world, person, id);
    record("bot.habit-created", { target: habitTarget(habit), after: stateOf(habit) });
    return habit;
  });
}

/** Errors: a refusal. */
export function editHabit(world: World, person: Person, id: number, fields: Partial<HabitFields>): Habit {
  return change(world, (record) => {
    const before = findHabit(world, person, id);
    const after = { ...before, ...fields };
    assertNameFree(world, person, after.name, id);
    run(
      world,
      "UPDATE habit SET name = ?, weight = ?, category = ?, skip_days = ?, exempt_weekdays = ? WHERE id = ?",
      ...([after.name, after.weight, after.category, after.skipDays, after.exemptWeekdays.join(","), id] as const),
    );
    record("bot.habit-edited", { target: habitTarget(after), before: stateOf(before), after: stateOf(after) });
    return after;
  });
}

/** Its history stays, and so does its name. Errors: a refusal. */
export function removeHabit(world: World, person: Person, id: number): Habit {
  return change(world, (record) => {
    const habit = findHabit(world, person, id);
    run(world, "UPDATE habit SET active = 0 WHERE id = ?", id);
    const after = stateOf({ ...habit, active: false });
    record("bot.habit-removed", { target: habitTarget(habit), before: stateOf(habit), after });
    return habit;
  });
}
