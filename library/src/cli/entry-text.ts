/** Outcomes as marks in colour. */

import type { Outcome } from "../event/event.ts";
import type { Paint } from "./paint.ts";

const marks: Readonly<Record<Outcome, string>> = { success: "✓", failure: "✗", denied: "⊘", unknown: "?" };

export function outcomeMark(outcome: Outcome): string {
  return marks[outcome] ?? "?";
}

export function paintOutcome(outcome: Outcome, paint: Paint): (text: string) => string {
  if (outcome === "success") return paint.good;
  return outcome === "unknown" ? paint.dim : paint.bad;
}
