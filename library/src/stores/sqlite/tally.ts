/** Counting entries by what a row of `auditrail_tally` is about. */

import type { DerivedColumns } from "../../event/derived-columns.ts";

/** How many entries of a batch go to which row of `auditrail_tally`, by the columns of its key. */
export type Tally = Map<string, { readonly columns: readonly (string | number)[]; count: number }>;

/** The key of `auditrail_tally`, in the order of {@link Tally}. */
export const tallyKey = ["trail", "log", "hour", "action", "op", "severity", "outcome"] as const;

const microsPerHour = 3_600_000_000;

export function hourOf(timeMicros: number): number {
  return Math.floor(timeMicros / microsPerHour);
}

export function countIn(
  tally: Tally,
  trail: number,
  { timeMicros, log, action, op, severity, outcome }: DerivedColumns,
): void {
  // A text that is no whole event may lack these; its hour has an empty one then, as in the migration that counted them first.
  const columns = [trail, log, hourOf(timeMicros), action, op ?? "", severity ?? "", outcome];
  const name = columns.join("\n");
  const known = tally.get(name);
  if (known === undefined) tally.set(name, { columns, count: 1 });
  else known.count += 1;
}
