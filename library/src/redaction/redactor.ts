/** Everything that is done to an event before it leaves the process: see `docs/reference/values.md`. */

import { utf8Length } from "../base/bytes.ts";
import { canonicalize, type Json } from "../base/canonical-json.ts";
import { AuditError, assertKnownOptions } from "../base/errors.ts";
import type { SealedPart } from "../event/entry.ts";
import type { AuditEvent, Truncation } from "../event/event.ts";
import { completed, conform, eventShape } from "./envelope.ts";
import { cutLongTexts, longestText } from "./long-texts.ts";
import { maskSecrets } from "./mask.ts";
import { createVocabulary } from "./names.ts";
import { normalise } from "./normalise.ts";
import { treeOf, type ActionMarks } from "./personal.ts";
import { ownMember, setMember, type PlainJson, type PlainObject } from "./plain-json.ts";
import { startReading, type Reading } from "./reading.ts";
import { sealPersonal, type Commitments } from "./seal.ts";
import { truncateEvent } from "./truncate.ts";
import { note } from "./walk.ts";

export interface RedactorOptions extends Commitments {
  /** The JSON Pointers of what differs; `limit` is how many are of use. */
  readonly changedPaths: (before: Json, after: Json, limit: number) => readonly string[];
  /** The largest entry, in bytes; 65,535 unless said. Personal data, which is kept beside the entry, counts too. */
  readonly maxEntryBytes?: number;
  /** Names of fields that are secret here, besides those that always are. Case and separators do not matter. */
  readonly secretNames?: readonly string[];
  /** Exact names of fields that are not secret although they look like it. Values that look like secrets are still masked. */
  readonly allowNames?: readonly string[];
}

/** An event complete but for what redaction finds out. Its fields may hold anything: JavaScript callers do that. */
export interface RawEvent extends Omit<
  AuditEvent,
  "before" | "after" | "data" | "changed" | "redacted" | "truncated" | "sealed"
> {
  readonly before?: unknown;
  readonly after?: unknown;
  readonly data?: unknown;
}

export interface RedactedEvent {
  /** The event as it is kept: without secrets, and without personal data. */
  readonly event: AuditEvent;
  /** Its canonical JSON: the bytes of the entry. */
  readonly text: string;
  /** The personal data, by subject, to be kept beside the entry. */
  readonly sealed: readonly SealedPart[];
}

export interface Redactor {
  /**
   * `look` sees the event without secrets, and with the personal data that is then taken out of it; it must not keep it.
   * Errors: `EVENT_TOO_LARGE` where ids, names and marks alone do not fit.
   */
  redact(raw: RawEvent, marks: ActionMarks, look?: (event: AuditEvent) => void): RedactedEvent;
}

const entryLimit = 65_535;
const leastEntryLimit = 2048;
const mostChanges = 256;
const knownOptions = ["commit", "randomSalt", "changedPaths", "maxEntryBytes", "secretNames", "allowNames"];

/** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`. */
export function createRedactor(options: RedactorOptions): Redactor {
  assertKnownOptions("createRedactor()", options, knownOptions);
  const limit = options.maxEntryBytes ?? entryLimit;
  if (!Number.isInteger(limit) || limit < leastEntryLimit || limit > entryLimit) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot use maxEntryBytes ${limit}: expected a whole number from ${leastEntryLimit} to ${entryLimit}.`,
    );
  }
  const vocabulary = createVocabulary(options);
  return {
    redact(raw, marks, look) {
      const reading = startReading(vocabulary, normalise);
      const event = readEvent(raw, reading);
      setChanged(event, options, reading);
      maskFields(event, marks, reading);
      const cuts = shorten(event, marks, reading, limit);
      look?.(event as unknown as AuditEvent);
      return finish(event, marks, cuts, limit, options);
    },
  };
}

const eventMembers = Array.from(eventShape.members, ([name, shape]) => ({ name, shape }));

/** Every field as plain JSON of the shape it has to have. Each field has its own bounds, so that none starves another. */
function readEvent(raw: RawEvent, reading: Reading): PlainObject {
  const event: PlainObject = {};
  for (let index = 0; index < eventMembers.length; index += 1) {
    const { name, shape } = eventMembers[index]!;
    const given = (raw as unknown as Readonly<Record<string, unknown>>)[name];
    if (given === undefined) continue;
    reading.steps.push(name);
    const { characters, values } = reading;
    reading.values = 0;
    reading.characters = 0;
    const plain = normalise(given, reading);
    const value = plain === undefined ? undefined : conform(plain, shape, reading);
    if (value !== undefined) event[name] = value;
    reading.characters += characters;
    reading.values += values;
    reading.steps.pop();
  }
  event["actor"] ??= { type: "unknown" };
  return completed(event, eventShape);
}

/** Must run before masking: a password that changed has changed, though both values read `[masked]`. */
function setChanged(event: PlainObject, options: RedactorOptions, reading: Reading): void {
  const before = ownMember(event, "before");
  const after = ownMember(event, "after");
  if (before === undefined || after === undefined) return;
  const changed = options.changedPaths(before, after, mostChanges + 1);
  if (changed.length === 0) return;
  event["changed"] = changed.slice(0, mostChanges);
  if (changed.length <= mostChanges) return;
  reading.steps.push("changed");
  note(reading, "too-many-changes");
  reading.steps.pop();
}

function maskFields(event: PlainObject, marks: ActionMarks, reading: Reading): void {
  for (const name of Object.keys(event)) {
    // The trail's own name: an entry whose origin was masked would be none of its trail.
    if (name === "changed" || name === "origin") continue;
    const value = event[name]!;
    const tree = treeOf(name, marks);
    reading.inPayload = name === "data" || name === "before" || name === "after";
    reading.steps.push(name);
    const masked = maskSecrets(value, tree, reading);
    // `data` is an object or absent: where all of it is secret, its mark alone says that it was there.
    if (name === "data" && typeof masked === "string") delete event[name];
    else if (masked !== value) event[name] = masked;
    reading.steps.pop();
  }
}

type Cuts = ReadonlyMap<string, Truncation>;

/** Cuts what is too long, and says what was masked; answers what was cut. */
function shorten(event: PlainObject, marks: ActionMarks, reading: Reading, limit: number): Cuts {
  const cuts = new Map<string, Truncation>();
  if (reading.characters > longestText) cutLongTexts(event, cuts);
  if (reading.marks.length > 0) event["redacted"] = reading.marks as unknown as PlainJson;
  if (!surelyFits(reading, limit)) truncateEvent(event, limit, marks, cuts);
  return cuts;
}

function finish(
  event: PlainObject,
  marks: ActionMarks,
  cuts: Cuts,
  limit: number,
  options: RedactorOptions,
): RedactedEvent {
  const { seals, parts } = sealPersonal(event, marks, options);
  if (cuts.size > 0) setMember(event, "truncated", [...cuts.values()] as unknown as PlainJson);
  if (seals.length > 0) setMember(event, "sealed", seals as unknown as PlainJson);
  const text = canonicalize(event);
  if (text.length * 3 > limit && utf8Length(text) > limit) throw tooLarge(limit);
  return { event: event as unknown as AuditEvent, text, sealed: parts };
}

/** Whether the event fits however its characters are written, so that nothing has to be measured: nearly always. */
function surelyFits(reading: Reading, limit: number): boolean {
  const fields = 2000;
  return (
    fields + 12 * reading.characters + 2 * reading.markLength + 60 * reading.marks.length < limit &&
    reading.values < 100
  );
}

function tooLarge(limit: number): AuditError {
  return new AuditError(
    "EVENT_TOO_LARGE",
    `Cannot record the event: it does not fit into ${limit} bytes after its largest fields were cut.`,
    {
      details: { limit },
    },
  );
}
