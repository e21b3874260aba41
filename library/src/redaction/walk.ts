import type { Redaction } from "../event/event.ts";
import { formatPointer, type Step } from "./plain-json.ts";
import type { RedactionRule } from "./rules.ts";

/** Where a walk through the event is, and the marks it has left so far. */
export interface Walk {
  readonly steps: Step[];
  readonly marks: Redaction[];
  /** Characters of all paths in `marks`: paths can be long, and marks take room in the entry. */
  markLength: number;
}

const mostMarks = 256;
const longestMarks = 8192;

export function startWalk(): Walk {
  return { steps: [], marks: [], markLength: 0 };
}

/** Leaves a mark at the place where the walk is. Once the list is full, one last mark says that there was more. */
export function note(walk: Walk, rule: RedactionRule): void {
  const { marks } = walk;
  const last = marks.at(-1);
  if (last?.rule === "more-marks") return;
  const path = formatPointer(walk.steps);
  if (last !== undefined && last.path === path && last.rule === rule) return;
  walk.markLength += path.length;
  const full = marks.length >= mostMarks || walk.markLength > longestMarks;
  marks.push(full ? { path: "", rule: "more-marks" } : { path, rule });
}
