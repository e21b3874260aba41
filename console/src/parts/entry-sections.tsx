import { useState } from "react";
import { Link } from "wouter";

import type { Entry, Target } from "../api/types.ts";
import { markAt } from "../kit/changes.ts";
import { EventText } from "../kit/event-text.tsx";
import { labelOf, reference } from "../kit/reference.ts";
import { Time } from "../kit/time.tsx";
import { showDuration } from "../kit/times.ts";
import { linkTo } from "../state/address.ts";
import { termOf } from "../state/query-text.ts";
import { Fact, Facts, Section, ValueFact } from "./facts.tsx";
import { MarkChip, ValueTree } from "./value-tree.tsx";

export function What({ entry }: { readonly entry: Entry }) {
  const { event } = entry;
  const { targets = [], data, message } = event;
  return (
    <Section title="What">
      {targets.map((target, index) => (
        <TargetCard key={index} entry={entry} target={target} pointer={`/targets/${index}`} />
      ))}
      <Facts>
        <Fact name="Action">
          <code>
            <EventText text={event.action} />
          </code>{" "}
          <span className="muted">
            {event.op}, version {event.version}
          </span>
        </Fact>
        <Fact name="Severity">{event.severity}</Fact>
        {message !== undefined && (
          <Fact name="Message">
            <ValueTree entry={entry} pointer="/message" value={message} />
          </Fact>
        )}
        <ValueFact entry={entry} name="Data" pointer="/data" value={data} />
        {event.collapsed !== undefined && (
          <Fact name="Stands for">{event.collapsed.count.toLocaleString("en")} like events</Fact>
        )}
      </Facts>
    </Section>
  );
}

function TargetCard({
  entry,
  target,
  pointer,
}: {
  readonly entry: Entry;
  readonly target: Target;
  readonly pointer: string;
}) {
  const mark = markAt(entry, `${pointer}/name`);
  return (
    <div className="card">
      <div>
        <p className="card-title">
          <EventText text={labelOf(target)} atMost={120} /> {mark !== undefined && <MarkChip mark={mark} />}
          {target.role !== undefined && (
            <span className="muted small">
              {" "}
              as <EventText text={target.role} atMost={60} />
            </span>
          )}
        </p>
        <p className="muted small">
          <code>
            <EventText text={reference(target)} atMost={160} />
          </code>
        </p>
        <p className="card-links">
          <Link href={linkTo("/timeline", { target: reference(target) })}>All of this target</Link>
          {target.parent !== undefined && (
            <Link href={linkTo("/timeline", { target: target.parent })}>What it belongs to</Link>
          )}
        </p>
      </div>
    </div>
  );
}

export function When({ entry: { event, recordedAt } }: { readonly entry: Entry }) {
  return (
    <Section title="When">
      <Facts>
        <Fact name="Happened">
          <Time at={event.occurredAt} as="both" />
        </Fact>
        <Fact name="Recorded">
          <Time at={recordedAt} as="both" />
        </Fact>
        {event.durationMs !== undefined && <Fact name="Took">{showDuration(event.durationMs)}</Fact>}
      </Facts>
    </Section>
  );
}

const places: readonly (readonly [string, string])[] = [
  ["source", "Came in by"],
  ["ip", "Address"],
  ["userAgent", "Program"],
  ["route", "Route"],
  ["service", "Service"],
  ["requestId", "Request"],
  ["sessionId", "Session"],
  ["traceId", "Trace"],
  ["spanId", "Span"],
];

export function Where({ entry }: { readonly entry: Entry }) {
  const context = entry.event.context ?? {};
  const isKnown = places.some(
    ([name]) => context[name] !== undefined || markAt(entry, `/context/${name}`) !== undefined,
  );
  if (!isKnown) return null;
  return (
    <Section title="Where">
      <Facts>
        {places.map(([name, title]) => (
          <ValueFact key={name} entry={entry} name={title} pointer={`/context/${name}`} value={context[name]} />
        ))}
      </Facts>
    </Section>
  );
}

export function Why({ entry }: { readonly entry: Entry }) {
  const { reason, operationId, correlationId, causationId } = entry.event;
  if ([reason, operationId, correlationId, causationId].every((one) => one === undefined)) return null;
  return (
    <Section title="Why">
      <Facts>
        {reason !== undefined && (
          <Fact name="Reason">
            <ValueTree entry={entry} pointer="/reason" value={reason} />
          </Fact>
        )}
        {operationId !== undefined && (
          <Fact name="Operation">
            <code>
              <EventText text={operationId} atMost={80} />
            </code>{" "}
            <Link href={linkTo("/timeline", { operation: operationId })}>All of this operation</Link>
          </Fact>
        )}
        {correlationId !== undefined && (
          <Fact name="Correlation">
            <Link href={linkTo("/", { q: termOf("correlation", correlationId) })}>
              <EventText text={correlationId} atMost={80} cuts />
            </Link>
          </Fact>
        )}
        {causationId !== undefined && (
          <Fact name="Caused by">
            <Link href={`/entry/${encodeURIComponent(causationId)}`}>
              <EventText text={causationId} atMost={80} cuts />
            </Link>
          </Fact>
        )}
      </Facts>
    </Section>
  );
}

export function ResultError({ entry }: { readonly entry: Entry }) {
  const { error } = entry.event;
  const [isWhole, setWhole] = useState(false);
  if (error === undefined) return null;
  return (
    <section className="section error-card" aria-label="Error">
      <h3>
        <EventText text={error.name} atMost={80} />
        {error.code !== undefined && (
          <code>
            {" "}
            <EventText text={error.code} atMost={80} cuts />
          </code>
        )}
      </h3>
      <p>
        <ValueTree entry={entry} pointer="/error/message" value={error.message} />
      </p>
      {error.stack !== undefined && (
        <>
          <button type="button" className="link-button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Hide the stack" : "Show the stack"}
          </button>
          {isWhole && (
            <pre>
              <EventText text={error.stack} atMost={4000} lines="kept" />
            </pre>
          )}
        </>
      )}
    </section>
  );
}
