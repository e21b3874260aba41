/** What the commands print. */

import { renderSentence, type Entry } from "auditrail";

import { catalogue } from "../catalogue.ts";
import type { RewardTrace, TraceStep } from "./trace-reward.ts";

/** Names are what people typed: whatever would draw on a screen is shown as what it is. */
const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`);

const marks = { success: "✓", failure: "✗", denied: "✗", unknown: "?" } as const;

export function tellTimeline(entries: readonly Entry[]): string {
  const lines = entries.map(({ seq, event }) => {
    const says = catalogue.lookup(event.action)?.definition.says ?? event.action;
    const why = event.error === undefined ? "" : ` · ${event.error.message}`;
    const time = event.occurredAt.slice(0, 19).replace("T", " ");
    return `${time}  ${marks[event.outcome]}  ${visible(renderSentence(says, event) + why)}  #${seq}`;
  });
  return [...lines, `${entries.length} events, times in UTC`].join("\n");
}

export function tellTrace({ steps, stored, problem, first }: RewardTrace): string {
  const counts = ({ pieces, claimed }: TraceStep["after"]): string => `${pieces}/${claimed}`;
  const lines = steps.map(
    ({ seq, time, action, before, after, problem: wrong }) =>
      `${time.slice(0, 19).replace("T", " ")}  ${action.padEnd(20)}  ${counts(before)} → ${counts(after)}  #${seq}${wrong === undefined ? "" : `\n    ✗ ${wrong}`}`,
  );
  const verdict =
    problem === undefined
      ? `Everything adds up: ${counts(stored)} in the table.`
      : `✗ It does not add up${first === undefined ? "" : ` from #${first.seq} on`}: ${problem}.`;
  return ["TIME (UTC)           WHAT                  PIECES/CLAIMS", ...lines, verdict].join("\n");
}
