import type { ReactNode } from "react";

import type { Entry, Json } from "../api/types.ts";
import { listChanges, markAt, stepsOfPointer } from "../kit/changes.ts";
import { EventText } from "../kit/event-text.tsx";
import { fieldTitle, readField, stepsOf } from "../kit/field-values.ts";
import { OutcomeBadge } from "../kit/outcome.tsx";
import { Time } from "../kit/time.tsx";
import { ActorChips, TargetChips, type AddTerm } from "./chips.tsx";
import { MarkChip } from "./value-tree.tsx";

export interface Column {
  readonly name: string;
  readonly title: string;
  /** A track of the grid. */
  readonly width: string;
  cell(entry: Entry, onAdd: AddTerm | undefined): ReactNode;
}

/** Where the catalogue names no columns. */
export const defaultColumns = ["time", "outcome", "sentence", "actor", "target"] as const;

const composed: Readonly<Record<string, Pick<Column, "width" | "cell">>> = {
  time: { width: "minmax(88px, 0.55fr)", cell: ({ event }) => <Time at={event.occurredAt} /> },
  recorded: { width: "minmax(88px, 0.55fr)", cell: ({ recordedAt }) => <Time at={recordedAt} /> },
  outcome: { width: "92px", cell: ({ event }) => <OutcomeBadge outcome={event.outcome} /> },
  sentence: { width: "minmax(240px, 3fr)", cell: (entry) => <Sentence entry={entry} /> },
  actor: { width: "minmax(130px, 1.2fr)", cell: (entry, onAdd) => <ActorChips entry={entry} onAdd={onAdd} /> },
  target: { width: "minmax(130px, 1.2fr)", cell: (entry, onAdd) => <TargetChips entry={entry} onAdd={onAdd} /> },
  changes: { width: "minmax(180px, 1.6fr)", cell: (entry) => <Changes entry={entry} /> },
  action: {
    width: "minmax(130px, 1fr)",
    cell: ({ event }) => (
      <code>
        <EventText text={event.action} cuts />
      </code>
    ),
  },
};

/** A column of the catalogue, or of the column picker: a field of the query language, or one that puts several together. */
export function columnOf(name: string): Column {
  const known = Object.hasOwn(composed, name) ? composed[name] : undefined;
  const title = fieldTitle(name);
  if (known !== undefined) return { name, title, ...known };
  return { name, title, width: "minmax(90px, 1fr)", cell: (entry) => <FieldCell entry={entry} name={name} /> };
}

function Sentence({ entry }: { readonly entry: Entry }) {
  return (
    <span className="sentence-cell">
      <span className="sentence">
        <EventText text={entry.sentence} atMost={240} cuts />
      </span>
      <code className="action">
        <EventText text={entry.event.action} atMost={80} cuts />
      </code>
    </span>
  );
}

/** How many changes fit into a row; the entry has them all. */
const shownChanges = 3;

function Changes({ entry }: { readonly entry: Entry }) {
  const changes = listChanges(entry.event);
  return (
    <span className="changes-cell">
      {changes.slice(0, shownChanges).map(({ path, before, after }) => (
        <span key={path}>
          <span className="muted">
            <EventText text={stepsOfPointer(path).join(".")} atMost={40} cuts />{" "}
          </span>
          <EventText text={`${showShort(before)} → ${showShort(after)}`} atMost={80} cuts />
        </span>
      ))}
      {changes.length > shownChanges && <span className="muted small">+{changes.length - shownChanges}</span>}
    </span>
  );
}

function FieldCell({ entry, name }: { readonly entry: Entry; readonly name: string }) {
  const values = readField(entry, name);
  const pointer = `/${stepsOf(name).join("/")}`;
  const mark = markAt(entry, values[0]?.pointer ?? pointer);
  return (
    <span className="field-cell">
      {mark?.kind !== "redacted" && values.length > 0 && (
        <EventText text={values.map(({ value }) => showShort(value)).join(", ")} atMost={160} cuts />
      )}
      {mark !== undefined && <MarkChip mark={mark} />}
    </span>
  );
}

function showShort(value: Json | undefined): string {
  if (value === undefined || value === null) return "–";
  if (typeof value !== "object") return String(value);
  const { type, id } = value as { readonly type?: Json; readonly id?: Json };
  if (typeof type === "string") return typeof id === "string" ? `${type}/${id}` : type;
  return JSON.stringify(value);
}
