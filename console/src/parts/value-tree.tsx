import { useState } from "react";

import type { Entry, Json } from "../api/types.ts";
import { absentMembers, markAt, pointerStep, type Mark } from "../kit/changes.ts";
import { EventText } from "../kit/event-text.tsx";

export function MarkChip({ mark }: { readonly mark: Mark }) {
  return (
    <span className={`mark mark-${mark.kind}`} title={mark.says}>
      {mark.kind}
    </span>
  );
}

/** One value that holds no others, coloured by its type. */
export function PlainValue({ value }: { readonly value: Json }) {
  if (typeof value === "string") {
    return value === "" ? <span className="value-empty">empty text</span> : <EventText text={value} lines="marked" />;
  }
  if (value === null) return <span className="value-null">null</span>;
  if (typeof value === "object")
    return <span className="value-empty">{Array.isArray(value) ? "empty list" : "empty object"}</span>;
  return <span className={`value-${typeof value}`}>{String(value)}</span>;
}

interface ValueTreeProps {
  readonly entry: Entry;
  /** JSON Pointer into the event. */
  readonly pointer: string;
  readonly value: Json | undefined;
}

/** A value of an event with all that is in it; what was masked, erased, redacted or cut says so in its place. */
export function ValueTree({ entry, pointer, value }: ValueTreeProps) {
  const mark = markAt(entry, pointer);
  const absent = absentMembers(entry, pointer);
  if (value === undefined && absent.length === 0) return mark === undefined ? null : <MarkChip mark={mark} />;
  const isTree = (typeof value === "object" && value !== null && Object.keys(value).length > 0) || absent.length > 0;
  if (!isTree) {
    return (
      <span className="value">
        {mark?.kind !== "redacted" && <PlainValue value={value ?? null} />}{" "}
        {mark !== undefined && <MarkChip mark={mark} />}
      </span>
    );
  }
  const members = Object.entries((value ?? {}) as { readonly [name: string]: Json });
  const hidden = absent.filter((name) => !members.some(([known]) => known === name));
  return <Members entry={entry} pointer={pointer} members={members} hidden={hidden} />;
}

interface MembersProps {
  readonly entry: Entry;
  readonly pointer: string;
  readonly members: readonly (readonly [string, Json])[];
  readonly hidden: readonly string[];
}

/** More than a person reads at once. */
const shownAtFirst = 30;

function Members({ entry, pointer, members, hidden }: MembersProps) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? members : members.slice(0, shownAtFirst);
  return (
    <dl className="tree">
      {shown.map(([name, child]) => (
        <div key={name}>
          <dt>
            <EventText text={name} atMost={120} />
          </dt>
          <dd>
            <ValueTree entry={entry} pointer={`${pointer}/${pointerStep(name)}`} value={child} />
          </dd>
        </div>
      ))}
      {hidden.map((name) => (
        <div key={`hidden ${name}`}>
          <dt>
            <EventText text={name} atMost={120} />
          </dt>
          <dd>
            <ValueTree entry={entry} pointer={`${pointer}/${pointerStep(name)}`} value={undefined} />
          </dd>
        </div>
      ))}
      {shown.length < members.length && (
        <button type="button" className="link-button" onClick={() => setWhole(true)}>
          {members.length - shown.length} more
        </button>
      )}
    </dl>
  );
}
