import type { Actor } from "auditrail";
import type { Erasure } from "auditrail/erasure";

import { addDays, today } from "../domain/days.ts";
import { change, type World } from "../domain/world.ts";

export interface CleanUpOptions {
  readonly world: World;
  /** Prunes the trail; needs signed checkpoints, so that what is left can still be proved. */
  readonly erasure: Pick<Erasure, "prune">;
  readonly days: number;
  readonly actor: Actor;
  readonly reason: string;
}

export interface CleanedUp {
  readonly habitLogs: number;
  /** Entries go in whole tiles of 256, so some that are older may stay. */
  readonly entries: number;
}

/**
 * Removes what is older than so many days: habit logs, and entries of the trail. Progress is kept: it is the sum of what was
 * removed. A streak that is longer than that is counted from there. Days are 24 hours for the trail, and calendar days for
 * logs.
 */
export async function cleanUp({ world, erasure, days, actor, reason }: CleanUpOptions): Promise<CleanedUp> {
  const before = addDays(today(world), -days);
  const habitLogs = world.trail.with({ actor, context: { source: "job", route: "clean-up" } }, () =>
    change(world, (record) => {
      const { changes } = world.database.prepare("DELETE FROM habit_log WHERE day < ?").run(before);
      record("bot.cleaned-up", { reason, data: { before, habitLogs: Number(changes) } });
      return Number(changes);
    }),
  );
  const oldest = new Date(world.clock.nowMicros() / 1000 - days * 86_400_000);
  const { entries } = await erasure.prune({ before: oldest, actor, reason });
  return { habitLogs, entries };
}
