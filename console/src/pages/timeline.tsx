import { useMemo } from "react";
import { Link } from "wouter";

import { useEntries } from "../api/reading.ts";
import type { Entry } from "../api/types.ts";
import { listChanges, stepsOfPointer } from "../kit/changes.ts";
import { EventText } from "../kit/event-text.tsx";
import { Icon } from "../kit/icon.tsx";
import { OutcomeBadge } from "../kit/outcome.tsx";
import { Time } from "../kit/time.tsx";
import { timesIn } from "../kit/times.ts";
import { ActorChips } from "../parts/chips.tsx";
import { Failed } from "../parts/empty-state.tsx";
import { entryLink } from "../parts/entry-detail.tsx";
import { MarkChip, PlainValue } from "../parts/value-tree.tsx";
import { markAt } from "../kit/changes.ts";
import { linkTo, useParameters } from "../state/address.ts";
import { termOf } from "../state/query-text.ts";
import { useZone, useZoneInAddress } from "../state/zone.ts";

const kinds = ["actor", "target", "operation"] as const;
const titles = { actor: "All by", target: "History of", operation: "Operation" } as const;

/** What one actor did, what was done to one target, or what one operation did, in its order. */
export function TimelinePage() {
  const [parameters, change] = useParameters();
  const zone = useZoneInAddress();
  const kind = kinds.find((one) => parameters.has(one));
  const subject = kind === undefined ? "" : parameters.get(kind)!;
  const tenant = parameters.get("tenant") ?? undefined;
  const direction = parameters.get("direction") ?? (kind === "actor" ? "newest" : "oldest");
  const more = kind === undefined ? {} : { [kind]: subject, direction };
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useEntries(
    { tenant, query: "", zone },
    "timelines",
    more,
  );
  const days = useMemo(() => groupByDay(data?.pages.flatMap(({ entries }) => entries) ?? [], zone), [data, zone]);
  if (kind === undefined)
    return (
      <Failed error={new Error("A timeline is of an actor, a target or an operation: follow a link of an entry.")} />
    );
  return (
    <div className="page page-narrow timeline-page">
      <header className="page-head">
        <h1>
          {titles[kind]}{" "}
          <span className="subject">
            <EventText text={subject} atMost={120} cuts />
          </span>
        </h1>
        <div className="toolbar">
          <button
            type="button"
            className="button"
            onClick={() => change({ direction: direction === "oldest" ? "newest" : "oldest" }, { replace: true })}
          >
            {direction === "oldest" ? "Oldest first" : "Newest first"}
          </button>
          <Link className="button" href={linkTo("/", { q: termOf(kind, subject), tenant })}>
            <Icon name="search" /> Search in these
          </Link>
        </div>
      </header>
      {error !== null && <Failed error={error} onRetry={() => void refetch()} />}
      {data !== undefined && days.length === 0 && <p className="hint">Nothing that you may read.</p>}
      {days.map(([day, entries]) => (
        <section key={day} className="timeline-day" aria-label={day}>
          <h2>{day}</h2>
          <ol className="timeline">
            {entries.map((entry) => (
              <TimelineEntry key={entry.seq} entry={entry} tenant={tenant} showsActor={kind !== "actor"} />
            ))}
          </ol>
        </section>
      ))}
      {hasNextPage && (
        <button type="button" className="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </div>
  );
}

interface TimelineEntryProps {
  readonly entry: Entry;
  readonly tenant: string | undefined;
  readonly showsActor: boolean;
}

function TimelineEntry({ entry, tenant, showsActor }: TimelineEntryProps) {
  const { event } = entry;
  const zone = useZone();
  const changes = listChanges(event);
  const clock = timesIn(zone).clock(event.occurredAt);
  return (
    <li className={`timeline-entry is-${event.outcome}`}>
      <span className="timeline-clock" title={timesIn(zone).absolute(event.occurredAt)}>
        {clock.slice(0, 5)}
        <span className="timeline-seconds">{clock.slice(5)}</span>
      </span>
      <div className="timeline-card">
        <p className="timeline-sentence">
          <Link href={entryLink(entry, tenant)}>
            <EventText text={entry.sentence} atMost={240} cuts />
          </Link>
        </p>
        <p className="timeline-facts">
          <OutcomeBadge outcome={event.outcome} />
          {showsActor && <ActorChips entry={entry} onAdd={undefined} />}
          <span className="muted small">
            <Time at={event.occurredAt} as="relative" />
          </span>
        </p>
        {event.reason !== undefined && (
          <p className="small">
            <span className="muted">because</span> <EventText text={event.reason} atMost={240} cuts />
          </p>
        )}
        {event.error !== undefined && (
          <p className="problem small">
            <EventText text={event.error.message} atMost={240} cuts />
          </p>
        )}
        {changes.length > 0 && (
          <ul className="timeline-changes">
            {changes.slice(0, 6).map(({ path, before, after }) => (
              <li key={path}>
                <span className="muted">
                  <EventText text={stepsOfPointer(path).join(".")} atMost={60} cuts />
                </span>{" "}
                {event.before !== undefined && (
                  <>
                    <del>
                      <ShortSide entry={entry} pointer={`/before${path}`} value={before} />
                    </del>{" "}
                    <span className="muted">→</span>{" "}
                  </>
                )}
                <ins>
                  <ShortSide entry={entry} pointer={`/after${path}`} value={after} />
                </ins>
              </li>
            ))}
            {changes.length > 6 && <li className="muted">{changes.length - 6} more</li>}
          </ul>
        )}
      </div>
    </li>
  );
}

function ShortSide({
  entry,
  pointer,
  value,
}: {
  readonly entry: Entry;
  readonly pointer: string;
  readonly value: ReturnType<typeof listChanges>[number]["after"];
}) {
  const mark = markAt(entry, pointer);
  if (mark !== undefined) return <MarkChip mark={mark} />;
  if (value === undefined) return <span className="value-empty">–</span>;
  if (typeof value === "string") return <EventText text={value} atMost={80} cuts />;
  if (typeof value === "object" && value !== null) return <EventText text={JSON.stringify(value)} atMost={80} cuts />;
  return <PlainValue value={value} />;
}

function groupByDay(entries: readonly Entry[], zone: string): readonly (readonly [string, readonly Entry[]])[] {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = timesIn(zone).day(entry.event.occurredAt);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days];
}
