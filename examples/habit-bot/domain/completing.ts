import { addDays, daysBetween, today, type Day } from "./days.ts";
import { drawReward } from "./draw.ts";
import { findHabit, habitTarget, type Habit } from "./habits.ts";
import { findPerson, type Person } from "./people.ts";
import { Refusal } from "./refusal.ts";
import {
  listRewards,
  progressOf,
  rewardTarget,
  setProgress,
  stateOfProgress,
  type Progress,
  type Reward,
} from "./rewards.ts";
import { streakAt, totalWeight } from "./streak.ts";
import { all, change, one, run, type World } from "./world.ts";

export const furthestBackDays = 7;

export interface Completion {
  readonly habit: Habit;
  readonly log: number;
  readonly day: Day;
  readonly streak: number;
  readonly reward: Reward | undefined;
  readonly progress: Progress | undefined;
}

interface LogRow {
  readonly id: number;
  readonly habit: number;
  readonly reward: number | null;
  readonly streak: number;
  readonly weight: number;
  readonly total_weight: number;
  readonly day: Day;
  readonly habit_name: string;
}

/**
 * A habit is done: its log, its reward and the events of both are kept together, or not at all.
 * Errors: a refusal.
 */
export function completeHabit(world: World, person: Person, habitId: number, day: Day = today(world)): Completion {
  return change(world, (record) => {
    assertActive(world, person);
    const habit = findHabit(world, person, habitId);
    assertDay(world, habit, day);
    const streak = streakAt(day, doneDays(world, habit), habit);
    const total = totalWeight(habit.weight, streak);
    const candidates = drawable(world, person);
    const factor = total / habit.weight;
    const reward = drawReward({
      ...{ candidates, factor, random: world.random },
      noRewardPercent: person.no_reward_percent,
    });
    const log = run(
      world,
      `INSERT INTO habit_log (habit, person, reward, got_reward, streak, weight, total_weight, day, made_at, made_day)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...([
        habit.id,
        person.id,
        reward?.id ?? null,
        reward === undefined ? 0 : 1,
        streak,
        habit.weight,
        total,
      ] as const),
      ...([day, new Date(world.clock.nowMicros() / 1000).toISOString(), today(world)] as const),
    );
    record("bot.habit-completed", {
      target: habitTarget(habit),
      data: { log, day, streak, weight: habit.weight, totalWeight: total, gotReward: reward !== undefined },
    });
    if (reward === undefined) return { habit, log, day, streak, reward, progress: undefined };
    const before = progressOf(world, person, reward);
    const progress = { ...before, pieces: before.pieces + 1 };
    setProgress(world, person, reward, progress);
    record("bot.reward-selected", {
      target: rewardTarget(reward),
      ...{ before, after: progress },
      data: {
        log,
        noRewardPercent: person.no_reward_percent,
        candidates: candidates.length,
        maxDaily: reward.maxDaily,
      },
    });
    return { habit, log, day, streak, reward, progress };
  });
}

function assertActive(world: World, person: Person): void {
  if (findPerson(world, person.id)?.active !== 1) throw new Refusal("person-inactive");
}

function assertDay(world: World, habit: Habit, day: Day): void {
  const target = habitTarget(habit);
  const ago = daysBetween(day, today(world));
  if (ago < 0) throw new Refusal("day-future", { given: day, target });
  if (ago > furthestBackDays) throw new Refusal("day-too-old", { given: day, target });
  if (day < habit.createdDay) throw new Refusal("day-before-habit", { given: day, target });
  if (one(world, "SELECT 1 FROM habit_log WHERE habit = ? AND day = ?", habit.id, day) !== undefined)
    throw new Refusal("habit-done", { given: day, target });
}

export function doneDays(world: World, habit: Pick<Habit, "id">): ReadonlySet<Day> {
  const rows = all<{ readonly day: Day }>(world, "SELECT day FROM habit_log WHERE habit = ?", habit.id);
  return new Set(rows.map(({ day }) => day));
}

/** The streak as it stands: up to the last time it was done, if that is not too long ago. */
export function currentStreak(world: World, habit: Habit): number {
  const done = doneDays(world, habit);
  const now = today(world);
  if (done.size === 0) return 0;
  if (done.has(now)) return streakAt(now, done, habit);
  // As if it were done today, less today.
  return streakAt(now, done, habit) - 1;
}

/** Achieved rewards wait to be claimed; those at their daily limit wait for tomorrow. */
function drawable(world: World, person: Person): readonly Reward[] {
  const counts = all<{ readonly reward: number; readonly count: number }>(
    world,
    "SELECT reward, count(*) AS count FROM habit_log WHERE person = ? AND made_day = ? AND reward IS NOT NULL GROUP BY reward",
    person.id,
    today(world),
  );
  const drawnToday = new Map(counts.map(({ reward, count }) => [reward, count]));
  return listRewards(world, person).filter(
    (reward) =>
      (drawnToday.get(reward.id) ?? 0) < (reward.maxDaily ?? Infinity) &&
      stateOfProgress(progressOf(world, person, reward), reward) === "pending",
  );
}

/** The days that a habit can still be completed for, the latest first. */
export function openDays(world: World, habit: Habit): readonly Day[] {
  const done = doneDays(world, habit);
  const days = Array.from({ length: 7 }, (_, index) => addDays(today(world), -index));
  return days.filter((day) => day >= habit.createdDay && !done.has(day));
}

const logSql = `SELECT l.*, h.name AS habit_name FROM habit_log l JOIN habit h ON h.id = l.habit WHERE l.person = ?`;

export const listLogs = (world: World, person: Person): readonly LogRow[] =>
  all<LogRow>(world, `${logSql} ORDER BY l.id DESC LIMIT 8`, person.id);

/** Errors: a refusal. */
export function findLog(world: World, person: Person, id: number): LogRow {
  const log = one<LogRow>(world, `${logSql} AND l.id = ?`, person.id, id);
  if (log === undefined) throw new Refusal("log-gone", { target: { type: "habit-log", id: String(id) } });
  return log;
}

export interface Reverted {
  readonly habitName: string;
  readonly day: Day;
  readonly rewardName: string | undefined;
}

/** Takes a completion back, and the piece it earned. A piece that was claimed cannot be taken back. Errors: a refusal. */
export function revertHabit(world: World, person: Person, logId: number): Reverted {
  return change(world, (record) => {
    const log = findLog(world, person, logId);
    run(world, "DELETE FROM habit_log WHERE id = ?", logId);
    const { day, streak, weight, total_weight: total, reward, habit_name: habitName } = log;
    const target = habitTarget({ id: log.habit, name: habitName });
    const data = { log: logId, day, streak, weight, totalWeight: total, gotReward: reward !== null };
    record("bot.habit-reverted", { target, data });
    const rewardName = reward === null ? undefined : takePieceBack({ world, person, logId, record }, reward);
    return { habitName, day, rewardName };
  });
}

interface Taking {
  readonly world: World;
  readonly person: Person;
  readonly logId: number;
  readonly record: Parameters<Parameters<typeof change>[1]>[0];
}

function takePieceBack({ world, person, logId, record }: Taking, rewardId: number): string {
  const row = one<{ readonly name: string }>(world, "SELECT name FROM reward WHERE id = ?", rewardId)!;
  const target = rewardTarget({ id: rewardId, name: row.name });
  const before = progressOf(world, person, { id: rewardId });
  if (before.pieces === 0) throw new Refusal("piece-claimed", { target });
  const after = { ...before, pieces: before.pieces - 1 };
  setProgress(world, person, { id: rewardId }, after);
  record("bot.reward-reverted", { target, before, after, data: { log: logId } });
  return row.name;
}
