import { Link } from "wouter";

import type { Actor, Entry } from "../api/types.ts";
import { markAt } from "../kit/changes.ts";
import { EventText } from "../kit/event-text.tsx";
import { labelOf, reference } from "../kit/reference.ts";
import { linkTo } from "../state/address.ts";
import { termOf } from "../state/query-text.ts";
import { Facts, Section, ValueFact } from "./facts.tsx";
import { MarkChip } from "./value-tree.tsx";

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
