import type { Target } from "auditrail";

export type Rule =
  | "name-empty"
  | "name-long"
  | "name-taken"
  | "weight-invalid"
  | "reward-weight-invalid"
  | "pieces-invalid"
  | "value-invalid"
  | "percent-invalid"
  | "limit-invalid"
  | "skip-days-invalid"
  | "weekdays-invalid"
  | "language-unknown"
  | "person-inactive"
  | "habit-gone"
  | "habit-done"
  | "day-invalid"
  | "day-future"
  | "day-too-old"
  | "day-before-habit"
  | "log-gone"
  | "piece-claimed"
  | "reward-gone"
  | "reward-unfinished";

export interface RefusalDetails {
  /** What was typed or asked for: personal data of whoever did. */
  readonly given?: string;
  /** What it was about, as far as it is still known. */
  readonly target?: Target;
}

/** A rule says no. Its message is for the log; people are told in their own language. */
export class Refusal extends Error {
  readonly code: Rule;
  readonly details: RefusalDetails;

  constructor(rule: Rule, details: RefusalDetails = {}) {
    super(`refused: ${rule}`);
    this.name = "Refusal";
    this.code = rule;
    this.details = details;
  }
}
