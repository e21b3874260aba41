/** The messages of failed expectations: what was recorded, and what came nearest to what was expected. */

import { nearest } from "../base/errors.ts";
import { reference } from "../event/event.ts";
import type { Entry } from "../event/entry.ts";
import { listDifferences, show } from "./differences.ts";

const mostShown = 20;

/** Why nothing in `entries` is the event that was expected. */
export function describeMiss(action: string, expected: unknown, entries: readonly Entry[]): string {
  const said = isEmpty(expected) ? "" : ` with ${show(expected)}`;
  return [`Expected ${action}${said}.`, nearestMiss(action, expected, entries), describeRecorded(entries)]
    .filter(Boolean)
    .join("\n\n");
}

function nearestMiss(action: string, expected: unknown, entries: readonly Entry[]): string {
  const misses = entries
    .filter(({ event }) => event.action === action)
    .map((entry) => ({
      entry,
      differences: listDifferences(expected, { ...entry.event, target: entry.event.targets?.[0] }),
    }))
    .sort((a, b) => a.differences.length - b.differences.length);
  const best = misses[0];
  if (best !== undefined)
    return `Nearest, entry ${best.entry.seq}:\n${best.differences.map((line) => `  ${line}`).join("\n")}`;
  const name = nearest(action, new Set(entries.map(({ event }) => event.action)));
  return name === undefined ? "" : `There is none of this action. Was ${name} meant, which there is?`;
}

/** Every event on a line of its own. */
export function describeRecorded(entries: readonly Entry[]): string {
  if (entries.length === 0) return "Nothing was recorded.";
  const lines = entries.slice(0, mostShown).map(describeEntry);
  const more = entries.length > mostShown ? [`  … and ${entries.length - mostShown} more`] : [];
  return ["Recorded:", ...lines, ...more].join("\n");
}

function describeEntry({ seq, event }: Entry): string {
  const targets = (event.targets ?? []).map(reference).join(", ");
  const parts = [
    event.action,
    event.outcome,
    `by ${reference(event.actor)}`,
    targets && `on ${targets}`,
    event.data && show(event.data),
  ];
  return `  ${seq}. ${parts.filter(Boolean).join(" ")}`;
}

function isEmpty(expected: unknown): boolean {
  return typeof expected === "object" && expected !== null && Object.keys(expected).length === 0;
}
