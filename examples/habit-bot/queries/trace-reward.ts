import type { DatabaseSync } from "node:sqlite";

import type { HabitTrail } from "../domain/world.ts";

export interface Pieces {
  readonly pieces: number;
  readonly claimed: number;
}

/** One thing that touched a person's progress to a reward. */
export interface TraceStep {
  readonly seq: number;
  readonly time: string;
  readonly action: string;
  readonly before: Pieces;
  readonly after: Pieces;
  /** What does not add up, in words. */
  readonly problem?: string;
}

export interface RewardTrace {
  readonly steps: readonly TraceStep[];
  /** What the table says now. */
  readonly stored: Pieces;
  /** What the steps add up to. */
  readonly recorded: Pieces;
  /** The first step whose arithmetic does not add up. Where all steps do and the table differs, `problem` says so. */
  readonly first: TraceStep | undefined;
  readonly problem: string | undefined;
}

const nothing: Pieces = { pieces: 0, claimed: 0 };

/** What each action does to what was there before. */
const rules: Readonly<Record<string, (before: Pieces) => Pieces>> = {
  "bot.reward-selected": ({ pieces, claimed }) => ({ pieces: pieces + 1, claimed }),
  "bot.reward-claimed": ({ claimed }) => ({ pieces: 0, claimed: claimed + 1 }),
  "bot.reward-reverted": ({ pieces, claimed }) => ({ pieces: pieces - 1, claimed }),
};

export interface TraceOptions {
  readonly trail: HabitTrail;
  readonly database: DatabaseSync;
  readonly person: number;
  readonly reward: number;
}

/**
 * Everything that touched a person's pieces of a reward, with the state before and after each step, and the first step
 * where that does not add up: with its own action, or with the step before.
 */
export async function traceReward({ trail, database, person, reward }: TraceOptions): Promise<RewardTrace> {
  await trail.flush();
  const actions = Object.keys(rules).map((name) => `action:${name}`);
  const query = `(${actions.join(" OR ")}) target:reward/${reward} actor:user/${person}`;
  const steps: TraceStep[] = [];
  let last = nothing;
  for await (const { seq, event } of trail.entries(query, { order: { by: "seq", direction: "oldest" } })) {
    const [before, after] = [event.before, event.after] as unknown as [Pieces, Pieces];
    // Retention takes the oldest steps; what is left begins wherever it begins.
    const isFirst = steps.length === 0;
    const problem = problemOf(event.action, isFirst ? before : last, before, after);
    steps.push({ seq, time: event.occurredAt, action: event.action, before, after, ...(problem && { problem }) });
    last = after;
  }
  const sql = "SELECT pieces, claimed FROM progress WHERE person = ? AND reward = ?";
  const row = database.prepare(sql).get(person, reward) as unknown as Pieces | undefined;
  const stored = row === undefined ? nothing : { pieces: row.pieces, claimed: row.claimed };
  const first = steps.find(({ problem }) => problem !== undefined);
  return { steps, stored, recorded: last, first, problem: first?.problem ?? differ(last, stored) };
}

function problemOf(action: string, last: Pieces, before: Pieces, after: Pieces): string | undefined {
  if (!same(last, before)) return `it found ${tell(before)}, the step before left ${tell(last)}`;
  const expected = rules[action]!(before);
  return same(expected, after) ? undefined : `${tell(before)} became ${tell(after)}, not ${tell(expected)}`;
}

function differ(recorded: Pieces, stored: Pieces): string | undefined {
  if (same(recorded, stored)) return undefined;
  return `the table has ${tell(stored)}, the steps add up to ${tell(recorded)}: it was changed behind the bot's back`;
}

const same = (a: Pieces, b: Pieces): boolean => a.pieces === b.pieces && a.claimed === b.claimed;
const tell = ({ pieces, claimed }: Pieces): string => `${pieces} pieces and ${claimed} claims`;
