/** The parts of an entry as short text that is safe to show. */

import type { Json } from "../base/canonical-json.ts";
import type { Catalogue } from "../event/catalogue.ts";
import { reference, type Actor, type AuditEvent, type Target } from "../event/event.ts";
import { renderSentence } from "../event/sentence.ts";
import { leaves, listChanges, showPath, valueAt, type Change } from "./changes.ts";
import { visibleText } from "./visible-text.ts";

/** The name where there is one, or `type/id`. */
export function showLabel(of: Actor | Target): string {
  return visibleText(of.name === undefined || of.name === "" ? reference(of) : of.name);
}

export function showTargets(event: AuditEvent): string {
  return (event.targets ?? []).map(showLabel).join(", ");
}

/** Text as it is, anything else as JSON; `–` for nothing. */
export function showValue(value: Json | undefined): string {
  if (value === undefined) return "–";
  return visibleText(typeof value === "string" ? value : JSON.stringify(value));
}

/** `state: paid → refunded`. */
export function showChange({ path, before, after }: Change): string {
  const name = visibleText(showPath(path));
  return `${name === "" ? "" : `${name}: `}${showValue(before)} → ${showValue(after)}`;
}

/** The catalogue's sentence; for actions that it does not know, one that fits any event. */
export function showSentence(event: AuditEvent, catalogue: Catalogue | undefined): string {
  const says = catalogue?.lookup(event.action)?.definition.says;
  if (says !== undefined) return visibleText(renderSentence(says, event));
  const targets = showTargets(event);
  return `${visibleText(event.action)} by ${showLabel(event.actor)}${targets === "" ? "" : ` on ${targets}`}`;
}

/** What {@link showNotes} need not say again. */
export interface AlreadySaid {
  /** A sentence: data whose values it has are left out. */
  readonly sentence?: string;
  readonly changes?: boolean;
}

/** What else there is to say in a line: why it failed, what it says of itself, what changed, the reason given, its data. */
export function showNotes(event: AuditEvent, said: AlreadySaid = {}): string {
  const { error, message, reason } = event;
  const changes = listChanges(event);
  const notes = [
    ...(error === undefined ? [] : [showError(error)]),
    ...(message === undefined || message === error?.message ? [] : [visibleText(message)]),
    ...(said.changes === true ? [] : changes.map(showChange)),
    ...(reason === undefined ? [] : [`because: ${visibleText(reason)}`]),
  ];
  return notes.length > 0 || changes.length > 0 ? notes.join(" · ") : showData(event, said.sentence ?? "");
}

/** Names and codes where they say more than the message does. */
export function showError({ name, code, message }: NonNullable<AuditEvent["error"]>): string {
  const title = [name, code].filter((part) => part !== undefined && part !== "NonError" && part !== "Error").join(" ");
  return visibleText(title === "" ? message : `${title}: ${message}`);
}

/** Where importers keep the record as it was, which says everything a second time. */
const importedOriginal = /^\/original(?:\/|$)/;
/** Longer data is for `auditrail show`. */
const mostValues = 12;

function showData({ data }: AuditEvent, sentence: string): string {
  return leaves(data)
    .filter((path) => !importedOriginal.test(path))
    .map((path) => ({ name: visibleText(showPath(path)), value: showValue(valueAt(data, path)) }))
    .filter(({ value }) => !sentence.includes(value))
    .slice(0, mostValues)
    .map(({ name, value }) => `${name}: ${value}`)
    .join(" · ");
}
