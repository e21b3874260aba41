import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { useSurrounding } from "../api/reading.ts";
import { address } from "../api/request.ts";
import type { Entry } from "../api/types.ts";
import { CopyButton } from "../kit/copy-button.tsx";
import { EventText } from "../kit/event-text.tsx";
import { OutcomeBadge } from "../kit/outcome.tsx";
import { Time } from "../kit/time.tsx";
import { visibleText } from "../kit/visible-text.ts";
import { fullAddress, linkTo } from "../state/address.ts";
import { ChangeTable } from "./change-table.tsx";
import { ResultError, What, When, Where, Why } from "./entry-sections.tsx";
import { Who } from "./entry-who.tsx";
import { ProofPanel } from "./proof-panel.tsx";

interface EntryDetailProps {
  readonly entry: Entry;
  readonly tenant: string | undefined;
  /** Closing, and going to the next one: what the place around it offers. */
  readonly tools?: ReactNode;
  readonly logTitle: string;
}

/** One entry, whole: first what a person asks, last what a machine reads. */
export function EntryDetail({ entry, tenant, tools, logTitle }: EntryDetailProps) {
  const { event, seq } = entry;
  return (
    <article className="detail" aria-labelledby="entry-sentence">
      <header className="detail-head">
        <div className="detail-tools">
          <OutcomeBadge outcome={event.outcome} />
          <Link className="quiet-link" href={`/log/${encodeURIComponent(entry.log)}`}>
            <EventText text={logTitle} atMost={60} cuts />
          </Link>
          <span className="muted">#{seq}</span>
          <span className="spacer" />
          <CopyButton bare icon="link" label="Copy the link" text={() => fullAddress(entryLink(entry, tenant))} />
          {tools}
        </div>
        <h2 id="entry-sentence" tabIndex={-1}>
          <EventText text={entry.sentence} atMost={400} />
        </h2>
        <p className="muted">
          <Time at={event.occurredAt} as="both" />
        </p>
      </header>
      <ResultError entry={entry} />
      <ChangeTable entry={entry} />
      <Who entry={entry} />
      <What entry={entry} />
      <Why entry={entry} />
      <When entry={entry} />
      <Where entry={entry} />
      <ProofPanel entry={entry} tenant={tenant} />
      <Surrounding entry={entry} tenant={tenant} />
      <Raw entry={entry} tenant={tenant} />
    </article>
  );
}

export function entryLink({ event }: Entry, tenant: string | undefined): string {
  return linkTo(`/entry/${encodeURIComponent(event.id)}`, { tenant });
}

function Surrounding({ entry, tenant }: { readonly entry: Entry; readonly tenant: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const { data } = useSurrounding(tenant, entry.event.id, isOpen);
  const near = data === undefined ? [] : [...data.before, data.entry, ...data.after];
  return (
    <section className="section" aria-label="Around it">
      <header className="section-head">
        <h3>Around it</h3>
        <button type="button" className="link-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : "Show what was recorded before and after"}
        </button>
      </header>
      {isOpen && (
        <ol className="near">
          {near.map((one) => (
            <li key={one.seq} className={one.seq === entry.seq ? "is-this" : ""}>
              <span className={`dot dot-${one.event.outcome}`} />
              <Link href={entryLink(one, tenant)}>
                <EventText text={one.sentence} atMost={120} cuts />
              </Link>
              <span className="muted small">
                <Time at={one.event.occurredAt} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Raw({ entry, tenant }: { readonly entry: Entry; readonly tenant: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const json = () => JSON.stringify(entry, undefined, 2);
  const { event, seq } = entry;
  const curl = `curl -H "Authorization: Bearer $AUDITRAIL_KEY" '${address(`entries/${encodeURIComponent(event.id)}`, { tenant })}'`;
  const cli = `auditrail show ${seq}${tenant === undefined ? "" : ` --tenant '${tenant.replaceAll("'", String.raw`'\''`)}'`}`;
  return (
    <section className="section" aria-label="Raw">
      <header className="section-head">
        <h3>Raw</h3>
        <button type="button" className="link-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : "Show JSON"}
        </button>
      </header>
      <div className="buttons">
        <CopyButton label="Copy JSON" text={json} />
        <CopyButton label="Copy cURL" text={curl} />
        <CopyButton label="Copy CLI" text={cli} />
      </div>
      {isOpen && <pre className="raw">{visibleLines(json().slice(0, 200_000))}</pre>}
    </section>
  );
}

/** JSON with its own line breaks kept: those inside of texts are escaped by JSON already. */
function visibleLines(json: string): string {
  return json.split("\n").map(visibleText).join("\n");
}
