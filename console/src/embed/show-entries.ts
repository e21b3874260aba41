/** Entries of a timeline as elements: by day, each with its sentence, what changed, and why. */

import type { AuditEvent, Entry, Json, Outcome } from "../api/types.ts";
import { compareTexts, listChanges, markAt, stepsOfPointer, type Change } from "../kit/changes.ts";
import { timesIn, type ZonedTimes } from "../kit/times.ts";
import { element, eventText, outcomeIcon } from "./elements.ts";

const words: Readonly<Record<Outcome, string>> = {
  success: "Success",
  failure: "Failure",
  denied: "Denied",
  unknown: "Unknown",
};

export interface ShowOptions {
  readonly zone: string;
  /** The address of an entry in the console; without it sentences lead nowhere. */
  readonly linkOf: ((entry: Entry) => string) | undefined;
}

/** One section for each day, in the order of the entries. */
export function showDays(entries: readonly Entry[], options: ShowOptions): readonly HTMLElement[] {
  const times = timesIn(options.zone);
  const days = Map.groupBy(entries, ({ event }) => times.day(event.occurredAt));
  return Array.from(days, ([day, of]) => {
    const list = element("ol", "entries", ...of.map((entry) => showEntry(entry, times, options)));
    const section = element("section", "day", element("h3", "", day), list);
    section.setAttribute("part", "day");
    return section;
  });
}

function showEntry(entry: Entry, times: ZonedTimes, { linkOf }: ShowOptions): HTMLElement {
  const { event, sentence } = entry;
  const clock = element("time", "clock", times.clock(event.occurredAt).slice(0, 5));
  clock.dateTime = event.occurredAt;
  clock.title = times.absolute(event.occurredAt);
  const known = event.outcome in words ? event.outcome : "unknown";
  const outcome = element("span", `outcome is-${known}`, outcomeIcon(known), words[known]);
  const body = element(
    "div",
    "body",
    element("p", "sentence", linked(eventText(sentence, 300), linkOf?.(entry)), " ", outcome),
    ...showFacts(event),
    ...showChanges(entry),
  );
  const item = element("li", `entry is-${known}`, clock, body);
  item.setAttribute("part", "entry");
  return item;
}

function linked(text: HTMLElement, address: string | undefined): HTMLElement {
  if (address === undefined) return text;
  const link = element("a", "", text);
  link.href = address;
  // The application stays where it is, and is not told of to anybody.
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

/** Why it was done, for whom, and what went wrong; where the event says so. */
function showFacts({ reason, onBehalfOf = [], error }: AuditEvent): readonly HTMLElement[] {
  const fact = (label: string, classes: string, ...texts: readonly string[]) =>
    element(
      "p",
      `fact ${classes}`,
      element("span", "label", label),
      " ",
      ...texts.flatMap((text, at) => [at > 0 ? " → " : undefined, eventText(text)]),
    );
  const chain = onBehalfOf.map(({ name, type, id }) => name ?? (id === undefined ? type : `${type}/${id}`));
  return [
    ...(reason === undefined ? [] : [fact("because", "", reason)]),
    ...(chain.length === 0 ? [] : [fact("on behalf of", "", ...chain)]),
    ...(error === undefined ? [] : [fact("error", "problem", error.message)]),
  ];
}

/** More than these are folded away. */
const shownChanges = 6;

function showChanges(entry: Entry): readonly HTMLElement[] {
  const changes = listChanges(entry.event);
  if (changes.length === 0) return [];
  const list = (some: readonly Change[]) =>
    element("ul", "changes", ...some.map((change) => showChange(entry, change)));
  const rest = changes.slice(shownChanges);
  const more =
    rest.length === 0
      ? []
      : [element("details", "", element("summary", "", `${rest.length} more changes`), list(rest))];
  return [list(changes.slice(0, shownChanges)), ...more];
}

/** Texts longer than this are compared word by word. */
const longText = 60;

function showChange(entry: Entry, { path, before, after }: Change): HTMLElement {
  const name = element("span", "path", eventText(stepsOfPointer(path).join(" › ") || "all of it", 120));
  const isLong =
    typeof before === "string" && typeof after === "string" && Math.max(before.length, after.length) > longText;
  if (isLong) return element("li", "", name, " ", showLongText(before, after));
  const old = element("del", "", showSide(entry, `/before${path}`, before));
  const now = element("ins", "", showSide(entry, `/after${path}`, after));
  const isNew = before === undefined && entry.event.before === undefined;
  return isNew ? element("li", "", name, " ", now) : element("li", "", name, " ", old, " → ", now);
}

function showSide(entry: Entry, pointer: string, value: Json | undefined): Node {
  const mark = markAt(entry, pointer);
  if (mark !== undefined && mark.kind !== "truncated") {
    const shown = element("span", "mark", mark.kind);
    shown.title = mark.says;
    return shown;
  }
  if (value === undefined || value === null) return element("span", "none", "nothing");
  if (value === "") return element("span", "none", "empty");
  return eventText(typeof value === "string" ? value : JSON.stringify(value), 160);
}

/** How much of what stayed the same is shown around a change. */
const around = 50;

function showLongText(before: string, after: string): HTMLElement {
  const { start, removed, added, end } = compareTexts(before, after);
  return element(
    "span",
    "text",
    start.length > around ? "…" : undefined,
    eventText(start.slice(-around)),
    removed === "" ? undefined : element("del", "", eventText(removed, 600)),
    added === "" ? undefined : element("ins", "", eventText(added, 600)),
    eventText(end.slice(0, around)),
    end.length > around ? "…" : undefined,
  );
}
