import type { ReactNode } from "react";

import type { Entry, Json } from "../api/types.ts";
import { markAt } from "../kit/changes.ts";
import { ValueTree } from "./value-tree.tsx";

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="section" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A value of the event under its name; nothing where the event has none and nothing was taken out. */
export function ValueFact({
  entry,
  name,
  pointer,
  value,
}: {
  readonly entry: Entry;
  readonly name: string;
  readonly pointer: string;
  readonly value: Json | undefined;
}) {
  if (value === undefined && markAt(entry, pointer) === undefined) return null;
  return (
    <Fact name={name}>
      <ValueTree entry={entry} pointer={pointer} value={value} />
    </Fact>
  );
}
