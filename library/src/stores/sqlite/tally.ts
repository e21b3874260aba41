/** Counting entries by what a row of `auditrail_tally` is about. */

import type { DerivedColumns } from "../../event/derived-columns.ts";

/** How many entries of a batch go to which row of `auditrail_tally`. */
export type Tally = Map<string, { readonly columns: readonly (string | number)[]; count: number }>;

const microsPerHour = 3_600_000_000;

export function hourOf(timeMicros: number): number {
  return Math.floor(timeMicros / microsPerHour);
}

export function countIn(tally: Tally, trail: number, { timeMicros, log, action, outcome }: DerivedColumns): void {
  const columns = [trail, hourOf(timeMicros), log, action, outcome];
  const name = columns.join("\n");
  const known = tally.get(name);
  if (known === undefined) tally.set(name, { columns, count: 1 });
  else known.count += 1;
}
