import { useState } from "react";

import type { Entry, Json } from "../api/types.ts";
import { compareTexts, listChanges, markAt, stepsOfPointer, type Change } from "../kit/changes.ts";
import { EventText } from "../kit/event-text.tsx";
import { MarkChip, ValueTree } from "./value-tree.tsx";

/** Before and after, path by path, and the whole states for whoever wants them. */
export function ChangeTable({ entry }: { readonly entry: Entry }) {
  const { event } = entry;
  const changes = listChanges(event);
  const [isWhole, setWhole] = useState(false);
  if (event.before === undefined && event.after === undefined) return null;
  return (
    <section className="section" aria-labelledby="changes-title">
      <header className="section-head">
        <h3 id="changes-title">{changes.length === 0 ? "State" : `What changed (${changes.length})`}</h3>
        {changes.length > 0 && (
          <button type="button" className="link-button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Only what changed" : "Whole snapshots"}
          </button>
        )}
      </header>
      {changes.length === 0 && <p className="hint">{noChange(entry)}</p>}
      {changes.length > 0 && !isWhole && (
        <table className="changes">
          <thead>
            <tr>
              <th scope="col">Path</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <ChangeRow key={change.path} entry={entry} change={change} />
            ))}
          </tbody>
        </table>
      )}
      {(isWhole || changes.length === 0) && <Snapshots entry={entry} />}
    </section>
  );
}

function noChange({ event: { before, after, outcome } }: Entry): string {
  if (outcome === "failure" || outcome === "denied")
    return `It ended in ${outcome}, so nothing changed. This is the state it met.`;
  return before !== undefined && after !== undefined ? "Before and after are the same." : "The state at that moment.";
}

function ChangeRow({ entry, change }: { readonly entry: Entry; readonly change: Change }) {
  const { path, before, after } = change;
  const isLongText = isText(before) && isText(after) && Math.max(before.length, after.length) > 60;
  const kinds = [kindOf(before), kindOf(after)];
  const turned = kinds[0] !== kinds[1] && !kinds.includes("") ? `${kinds[0]} → ${kinds[1]}` : "";
  return (
    <tr>
      <th scope="row">
        <PathText pointer={path} />
        {turned !== "" && <span className="muted small">{turned}</span>}
      </th>
      {isLongText ? (
        <td colSpan={2}>
          <LongTextChange before={before} after={after} />
        </td>
      ) : (
        <>
          <td className="was" data-label="Before">
            <Side entry={entry} root="/before" path={path} value={before} />
          </td>
          <td className="is" data-label="After">
            <Side entry={entry} root="/after" path={path} value={after} />
          </td>
        </>
      )}
    </tr>
  );
}

interface SideProps {
  readonly entry: Entry;
  readonly root: "/before" | "/after";
  readonly path: string;
  readonly value: Json | undefined;
}

function Side({ entry, root, path, value }: SideProps) {
  const pointer = `${root}${path}`;
  const mark = markAt(entry, pointer);
  if (value === undefined && mark !== undefined) return <MarkChip mark={mark} />;
  if (value === undefined) return <span className="value-empty">{root === "/before" ? "not there" : "gone"}</span>;
  return <ValueTree entry={entry} pointer={pointer} value={value} />;
}

const isText = (value: Json | undefined): value is string => typeof value === "string";

function kindOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? "list" : typeof value === "string" ? "text" : typeof value;
}

/** How much of what stayed the same is shown around a change. */
const around = 60;

function LongTextChange({ before, after }: { readonly before: string; readonly after: string }) {
  const { start, removed, added, end } = compareTexts(before, after);
  return (
    <div className="text-change">
      {start.length > around && "…"}
      <EventText text={start.slice(-around)} lines="marked" />
      {removed !== "" && (
        <del>
          <EventText text={removed} lines="marked" />
        </del>
      )}
      {added !== "" && (
        <ins>
          <EventText text={added} lines="marked" />
        </ins>
      )}
      <EventText text={end.slice(0, around)} lines="marked" />
      {end.length > around && "…"}
    </div>
  );
}

/** A pointer as people write it: `address › street`, with nothing that a name could forge. */
function PathText({ pointer }: { readonly pointer: string }) {
  const steps = stepsOfPointer(pointer);
  if (steps.length === 0) return <span className="path">the whole</span>;
  return (
    <span className="path">
      {steps.map((step, index) => (
        <span key={index}>
          {index > 0 && <span className="muted"> › </span>}
          <EventText text={step} atMost={120} />
        </span>
      ))}
    </span>
  );
}

function Snapshots({ entry }: { readonly entry: Entry }) {
  const { before, after } = entry.event;
  return (
    <div className="snapshots">
      {before !== undefined && (
        <div>
          <h4>Before</h4>
          <ValueTree entry={entry} pointer="/before" value={before} />
        </div>
      )}
      {after !== undefined && (
        <div>
          <h4>After</h4>
          <ValueTree entry={entry} pointer="/after" value={after} />
        </div>
      )}
    </div>
  );
}
