import type { InventoryKind } from "../event/inventory.ts";
import type { ChangeKind, SilentWrite } from "./observation.ts";

/**
 * - `recorded`: it ran, and every run that was counted has an event; a table: its rows changed, and an event speaks of each change
 * - `excluded`: left out on purpose, for a written reason
 * - `unexercised`: nothing is wrong with it, and it did not run: whether it is recorded was not shown
 * - `gap`: it can run, or did run, without being recorded
 */
export type CoverageState = "recorded" | "excluded" | "unexercised" | "gap";

export const coverageStates: readonly CoverageState[] = ["gap", "unexercised", "excluded", "recorded"];

export interface CoverageLine {
  readonly kind: InventoryKind;
  readonly name: string;
  readonly listedBy: readonly string[];
  readonly state: CoverageState;
  /** What is wrong, why it is excluded, or what it means that it did not run. */
  readonly says?: string;
  /** How often it ran; of a table, how many changes were seen. */
  readonly runs: number;
  /** Actions of the events that were seen, most frequent first. */
  readonly actions: readonly string[];
  /** Tables whose rows its runs changed. */
  readonly writes: readonly string[];
  /** Of a table. */
  readonly changes?: Readonly<Record<ChangeKind, number>>;
}

export interface CoverageReport {
  readonly counts: Readonly<Record<CoverageState, number>>;
  /** Gaps first, within a kind by name. */
  readonly lines: readonly CoverageLine[];
  readonly silent: readonly SilentWrite[];
  /** Routes that events name and no capture lists: something runs that is on nobody's list. */
  readonly unlisted: readonly { readonly route: string; readonly runs: number; readonly actions: readonly string[] }[];
  readonly observations: number;
  readonly entries: number;
}

/** What `--fail-on-gap` fails on. */
export function hasGap({ counts, silent }: CoverageReport): boolean {
  return counts.gap > 0 || silent.length > 0;
}
