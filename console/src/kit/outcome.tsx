import type { Outcome } from "../api/types.ts";
import { Icon } from "./icon.tsx";

const words: Readonly<Record<Outcome, string>> = {
  success: "Success",
  failure: "Failure",
  denied: "Denied",
  unknown: "Unknown",
};

export const outcomes = ["success", "failure", "denied", "unknown"] as const satisfies readonly Outcome[];

/** Icon, colour and word: none of them has to be seen alone. */
export function OutcomeBadge({ outcome }: { readonly outcome: Outcome }) {
  const known = outcomes.includes(outcome) ? outcome : "unknown";
  return (
    <span className={`outcome outcome-${known}`}>
      <Icon name={known} />
      {words[known]}
    </span>
  );
}
