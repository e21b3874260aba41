import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import type { Actor, Entry, Json, Target } from "../api/types.ts";
import { markAt } from "../kit/changes.ts";
import { EventText } from "../kit/event-text.tsx";
import { labelOf, reference } from "../kit/reference.ts";
import { Time } from "../kit/time.tsx";
import { showDuration } from "../kit/times.ts";
import { linkTo } from "../state/address.ts";
import { termOf } from "../state/query-text.ts";
import { MarkChip, ValueTree } from "./value-tree.tsx";

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
function ValueFact({
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

export function Who({ entry }: { readonly entry: Entry }) {
  const { actor, onBehalfOf = [], subjects } = entry.event;
  return (
    <Section title="Who">
      <ActorCard entry={entry} actor={actor} pointer="/actor" field="actor" />
      {onBehalfOf.map((one, index) => (
        <div key={index} className="behalf-card">
          <span className="muted small">on behalf of</span>
          <ActorCard entry={entry} actor={one} pointer={`/onBehalfOf/${index}`} field="onBehalfOf" />
        </div>
      ))}
      {subjects !== undefined && subjects.length > 0 && (
        <p className="hint">
          Personal data of{" "}
          {subjects.map((subject) => (
            <Link key={subject} href={linkTo("/", { q: termOf("subject", subject) })}>
              <EventText text={subject} atMost={80} cuts />{" "}
            </Link>
          ))}
        </p>
      )}
    </Section>
  );
}

interface ActorCardProps {
  readonly entry: Entry;
  readonly actor: Actor;
  readonly pointer: string;
  readonly field: "actor" | "onBehalfOf";
}

function ActorCard({ entry, actor, pointer, field }: ActorCardProps) {
  const mark = markAt(entry, `${pointer}/name`);
  return (
    <div className="card">
      <span className="avatar" aria-hidden="true">
        {/[\p{L}\p{N}]/u.exec(labelOf(actor))?.[0].toUpperCase() ?? "?"}
      </span>
      <div>
        <p className="card-title">
          <EventText text={labelOf(actor)} atMost={120} /> {mark !== undefined && <MarkChip mark={mark} />}
        </p>
        <p className="muted small">
          <code>
            <EventText text={reference(actor)} atMost={120} />
          </code>
        </p>
        <Facts>
          <ValueFact entry={entry} name="E-mail" pointer={`${pointer}/email`} value={actor.email} />
          <ValueFact entry={entry} name="Roles" pointer={`${pointer}/roles`} value={actor.roles?.join(", ")} />
          <ValueFact entry={entry} name="Credential" pointer={`${pointer}/credential`} value={actor.credential} />
          <ValueFact entry={entry} name="Agent" pointer={`${pointer}/agent`} value={actor.agent} />
        </Facts>
        <p className="card-links">
          {field === "actor" && actor.id !== undefined && (
            <Link href={linkTo("/timeline", { actor: reference(actor) })}>All by this actor</Link>
          )}
          <Link href={linkTo("/", { q: termOf(field, reference(actor)) })}>Search</Link>
        </p>
      </div>
    </div>
  );
}

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
