/** The columns of lists: fields of the query language, and a few that put several of them together. */

import type { Json } from "../base/canonical-json.ts";
import { parseInstant } from "../base/time.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { Entry } from "../event/entry.ts";
import { reference } from "../event/event.ts";
import { fieldReader } from "../formats/entry-csv.ts";
import { listChanges } from "../formats/changes.ts";
import { showChange, showLabel, showNotes, showSentence, showTargets } from "../formats/entry-text.ts";
import { outcomeMark, paintOutcome } from "./entry-text.ts";
import type { Paint } from "./paint.ts";
import type { Cell, Column } from "./table.ts";
import { showClock, showTime } from "./times.ts";
import { visibleText } from "../formats/visible-text.ts";

export interface ColumnContext {
  readonly zone: string;
  /** The application's; none where the trail has none. */
  readonly catalogue: Catalogue | undefined;
  readonly paint: Paint;
}

export interface EntryColumn extends Column {
  cell(entry: Entry, context: ColumnContext): Cell;
}

/** Columns that are not fields. `clock`, `mark` and `story` are for lists only. */
const composed: Readonly<Record<string, EntryColumn>> = {
  seq: { title: "seq", right: true, cell: ({ seq }, { paint }) => ({ text: String(seq), paint: paint.dim }) },
  clock: { title: "time", least: 8, cell: ({ event }, { zone }) => showClock(parseInstant(event.occurredAt), zone) },
  time: { title: "time", least: 19, cell: ({ event }, { zone }) => showTime(parseInstant(event.occurredAt), zone) },
  recorded: {
    title: "recorded",
    least: 19,
    cell: ({ recordedAt }, { zone }) => showTime(parseInstant(recordedAt), zone),
  },
  mark: {
    title: "",
    cell: ({ event }, { paint }) => ({ text: outcomeMark(event.outcome), paint: paintOutcome(event.outcome, paint) }),
  },
  outcome: {
    title: "outcome",
    cell: ({ event }, { paint }) => ({ text: visibleText(event.outcome), paint: paintOutcome(event.outcome, paint) }),
  },
  actor: { title: "actor", cell: ({ event }) => showLabel(event.actor) },
  target: { title: "target", cell: ({ event }) => showTargets(event) },
  action: {
    title: "action",
    least: 28,
    cell: ({ event }, { paint }) => ({ text: visibleText(event.action), paint: paint.accent }),
  },
  sentence: { title: "what happened", least: 20, cell: ({ event }, { catalogue }) => showSentence(event, catalogue) },
  changes: { title: "changes", least: 8, cell: ({ event }) => listChanges(event).map(showChange).join(" · ") },
  story: {
    title: "what happened",
    least: 20,
    cell: ({ event }, { catalogue }) => {
      const sentence = showSentence(event, catalogue);
      const notes = showNotes(event, { sentence });
      return notes === "" ? sentence : `${sentence} · ${notes}`;
    },
  },
  notes: { title: "notes", least: 8, cell: ({ event }) => showNotes(event) },
};

/** Errors: `QUERY_INVALID` for a name that is neither a field nor a column of ours. */
export function findColumn(name: string): EntryColumn {
  const known = composed[name];
  return known !== undefined && Object.hasOwn(composed, name) ? known : fieldColumn(name);
}

function fieldColumn(name: string): EntryColumn {
  const read = fieldReader(name);
  return {
    title: visibleText(name),
    cell: (entry, { zone }) =>
      read(entry)
        .map((value) => (read.isTime ? showTime(value as number, zone) : showPlain(value)))
        .join(", "),
  };
}

/** Actors and targets as `type/id`, lists of anything else as JSON. */
function showPlain(value: Json): string {
  if (typeof value === "string") return visibleText(value);
  if (typeof value === "object" && value !== null && "type" in value)
    return visibleText(reference(value as { readonly type: string }));
  return visibleText(JSON.stringify(value));
}
