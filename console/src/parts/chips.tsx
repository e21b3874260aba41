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
        <span className="chip-kind">
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
    <button
      type="button"
      className="chip chip-button"
      title={`${visibleText(named.slice(0, 200))} · show only these`}
      onClick={add}
    >
      {inside}
    </button>
  );
}

/** `voucher V-7` says what it is already. */
function startsWithKind({ type, name }: Actor | Target): boolean {
  return name?.toLowerCase().startsWith(type.toLowerCase()) === true;
}

export function ActorChips({ entry, onAdd }: { readonly entry: Entry; readonly onAdd: AddTerm | undefined }) {
  const { actor, onBehalfOf = [] } = entry.event;
  return (
    <span className="chips">
      <ReferenceChip of={actor} field="actor" onAdd={onAdd} />
      {onBehalfOf.map((one, index) => (
        <span key={index} className="behalf">
          <span className="muted small">for</span> <ReferenceChip of={one} field="onBehalfOf" onAdd={onAdd} />
        </span>
      ))}
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
      {others.length > 0 && (
        <span className="muted small" title={others.map((one) => visibleText(labelOf(one).slice(0, 80))).join(", ")}>
          +{others.length}
        </span>
      )}
    </span>
  );
}
