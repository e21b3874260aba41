import type { MouseEvent } from "react";

import type { Actor, Entry, Target } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { labelOf, reference } from "../kit/reference.ts";
import { visibleText } from "../kit/visible-text.ts";
import { termOf } from "../state/query-text.ts";

/** Adds a term to the query that the reader is in. */
export type AddTerm = (term: string) => void;

interface ReferenceChipProps {
  readonly of: Actor | Target;
  /** The query field whose value it is. */
  readonly field: "actor" | "onBehalfOf" | "target";
  readonly onAdd: AddTerm | undefined;
}

/** An actor or a target: its name, what kind of thing it is, and a click that filters by it. */
export function ReferenceChip({ of, field, onAdd }: ReferenceChipProps) {
  const named = reference(of);
  const inside = (
    <>
      {!startsWithKind(of) && (
        <span className={`chip-kind${of.name === undefined ? "" : " may-go"}`}>
          <EventText text={of.type} atMost={24} cuts />
        </span>
      )}
      <EventText text={of.name ?? of.id ?? "unnamed"} atMost={60} cuts />
    </>
  );
  if (onAdd === undefined) return <span className="chip">{inside}</span>;
  function add(event: MouseEvent): void {
    event.stopPropagation();
    onAdd?.(termOf(field, named));
  }
  return (
    <button type="button" className="chip chip-button" title={`${wholeLabel(of)} · show only these`} onClick={add}>
      {inside}
    </button>
  );
}

/** What a narrow column cuts. */
const wholeLabel = (of: Actor | Target): string =>
  [...new Set([of.name ?? "", reference(of)])]
    .filter((part) => part !== "")
    .map((part) => visibleText(part.slice(0, 200)))
    .join(" · ");

/** `voucher V-7` says what it is already. */
function startsWithKind({ type, name }: Actor | Target): boolean {
  return name?.toLowerCase().startsWith(type.toLowerCase()) === true;
}

export function ActorChips({ entry, onAdd }: { readonly entry: Entry; readonly onAdd: AddTerm | undefined }) {
  const [first, ...others] = entry.event.onBehalfOf ?? [];
  return (
    <span className="chips">
      <ReferenceChip of={entry.event.actor} field="actor" onAdd={onAdd} />
      {first !== undefined && (
        <span className="behalf">
          <span className="muted small">for</span> <ReferenceChip of={first} field="onBehalfOf" onAdd={onAdd} />
          <More of={others} />
        </span>
      )}
    </span>
  );
}

export function TargetChips({ entry, onAdd }: { readonly entry: Entry; readonly onAdd: AddTerm | undefined }) {
  const { targets = [] } = entry.event;
  const [first, ...others] = targets;
  if (first === undefined) return null;
  return (
    <span className="chips">
      <ReferenceChip of={first} field="target" onAdd={onAdd} />
      <More of={others} />
    </span>
  );
}

/** A row has room for the first; the entry has them all. */
function More({ of }: { readonly of: readonly (Actor | Target)[] }) {
  if (of.length === 0) return null;
  return (
    <span className="muted small" title={of.map((one) => visibleText(labelOf(one).slice(0, 80))).join(", ")}>
      +{of.length}
    </span>
  );
}
