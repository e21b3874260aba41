/** What a verification answers. */

import type { FindingCode, PositionClass, PositionReasonCode } from "./verify-reasons.ts";

/**
 * - `verified`: nothing contradicts itself, and a checkpoint that the policy accepts covers the entries (but the pending ones);
 * - `tampered`: something was altered, removed or slipped in, or is damaged;
 * - `unproven`: nothing contradicts itself, but nobody whom the caller trusts has signed it.
 */
export type Verdict = "verified" | "tampered" | "unproven";

/** Positions that are not `OK`, and why. */
export interface PositionFinding {
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly class: PositionClass;
  readonly reason: PositionReasonCode;
  /** The position of the entry that says so, for what was erased. */
  readonly by?: number;
  /** Which part, column or subject. */
  readonly detail?: string;
}

/** What is wrong with the trail as a whole. */
export interface TrailFinding {
  readonly reason: FindingCode;
  readonly says: string;
  /** The notes that show it, so that somebody else can check the accusation. */
  readonly checkpoints?: readonly string[];
}

/** One of the things a trail can be asked to prove. */
export interface Property {
  readonly established: boolean;
  /** For the entries before this position. */
  readonly upTo: number;
  /** What establishes it: an anchor, in words. */
  readonly by: readonly string[];
  /** What it does not say, and what was not there to say it. */
  readonly open: readonly string[];
}

export interface Properties {
  /** Nothing that was once shown to somebody else was changed or removed since. */
  readonly appendOnly: Property;
  /** Each entry is the one that was signed. */
  readonly inclusion: Property;
  /** No position is without its entry, other than those lawfully erased. */
  readonly completeness: Property;
  /** Everybody is shown the same trail. */
  readonly sameView: Property;
  /** The entries existed at a time that somebody else vouches for. */
  readonly time: Property;
}

export interface EpochStart {
  readonly epoch: number;
  /** The position of the entry that began it. */
  readonly seq: number;
  /** The last checkpoint signed before it. */
  readonly oldSize: number;
  /** Whether the entries are still those of that checkpoint: if not, entries that were signed are no longer here. */
  readonly continues: boolean;
}

export interface VerificationReport {
  readonly verdict: Verdict;
  readonly origin: string;
  /** How many entries there are or were: the next position. */
  readonly size: number;
  /** The size of the largest checkpoint that the policy accepts and that the entries lead to. */
  readonly provenSize: number;
  /** How many positions are of each class. */
  readonly counts: Readonly<Record<PositionClass, number>>;
  /** Positions that are neither `OK` nor `PENDING`, in the order they were found; the first ones only. */
  readonly positions: readonly PositionFinding[];
  readonly findings: readonly TrailFinding[];
  /** How many more positions and findings there are than are listed. */
  readonly omitted: number;
  /** How many checkpoints there are, and how many of them the policy accepts. */
  readonly checkpoints: { readonly kept: number; readonly accepted: number };
  /** The largest checkpoint that the policy accepts and that the entries lead to: remember it for the next time. */
  readonly newest?: string;
  readonly epochs: readonly EpochStart[];
  /** What the trail itself says that it could not keep. */
  readonly gaps: { readonly entries: number; readonly events: number };
  /** Sealed parts that are encrypted, and were not looked at. */
  readonly lockedParts: number;
  readonly properties: Properties;
}
