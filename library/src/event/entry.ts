/**
 * The entry: an event sealed at a position of a trail.
 *
 * What a store keeps is the canonical text of the event (RFC 8785) and, beside it, the personal data that the text
 * only commits to. {@link openEntry} puts the two together again for a reader.
 */

import { AuditError } from "../base/errors.ts";
import { decodeUtf8, encodeHex } from "../base/bytes.ts";
import type { Json, JsonObject } from "../base/canonical-json.ts";
import { formatInstant } from "../base/time.ts";
import type { AuditEvent } from "./event.ts";

/**
 * One compartment of personal data: the salt and the canonical JSON of a fragment that has the shape of the event and
 * holds only the sealed values (array items that are not sealed are null). Belongs to `event.sealed[index]`.
 */
export interface SealedPart {
  readonly index: number;
  readonly subject: string;
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

/** An entry as a store keeps it. `hash` is the leaf hash: SHA-256 of 0x00 and the bytes of `text` (RFC 6962). */
export interface StoredEntry {
  readonly seq: number;
  readonly recordedAtMicros: number;
  readonly hash: Uint8Array;
  /** Canonical JSON: the bytes that are the truth. */
  readonly text: string;
  /** The compartments that are still there; what was erased is missing. */
  readonly sealed: readonly SealedPart[];
}

/** An entry as readers get it: personal data put back where it is still there. */
export interface Entry {
  readonly seq: number;
  readonly recordedAt: string;
  /** The leaf hash in hexadecimal. */
  readonly hash: string;
  readonly event: AuditEvent;
  /** JSON Pointers of personal data that was erased. */
  readonly erased: readonly string[];
}

/** Parses a stored entry and puts its personal data back. Errors: `STORE_CORRUPT` where the text is not an event. */
export function openEntry(stored: StoredEntry): Entry {
  const { seq, recordedAtMicros, hash, text, sealed } = stored;
  return { seq, recordedAt: formatInstant(recordedAtMicros), hash: encodeHex(hash), ...openEvent(text, sealed) };
}

/** The event of an entry's text with the personal data that is still there. Errors: `STORE_CORRUPT`. */
export function openEvent(text: string, sealed: readonly SealedPart[]): Pick<Entry, "event" | "erased"> {
  let event = parseEventText(text);
  const erased: string[] = [];
  event.sealed?.forEach((seal, index) => {
    const part = sealed.find((candidate) => candidate.index === index);
    if (part === undefined) erased.push(...seal.paths);
    else event = overlay(event as unknown as JsonObject, parseFragment(part)) as unknown as AuditEvent;
  });
  return { event, erased };
}

/** Whether an entry can have anything sealed: one that has says so in its canonical text, which says it like this. */
export function mentionsSealed(text: string): boolean {
  return text.includes('"sealed":[');
}

/** Errors: `STORE_CORRUPT`. */
export function parseEventText(text: string): AuditEvent {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event === "object" && event !== null && "action" in event && "id" in event) return event as AuditEvent;
  } catch {
    // Falls through to the one error: it makes no difference to the reader why it is not an event.
  }
  throw new AuditError("STORE_CORRUPT", "Cannot read an entry: its text is not a JSON event. Run `auditrail doctor`.");
}

function parseFragment(part: SealedPart): JsonObject {
  return JSON.parse(decodeUtf8(part.bytes)) as JsonObject;
}

/** Lays every value of `fragment` that is not null over `base`, which was parsed a moment ago and is changed. */
function overlay(base: Json | undefined, fragment: Json): Json {
  if (fragment === null) return base ?? null;
  if (typeof fragment !== "object") return fragment;
  if (Array.isArray(fragment)) {
    const items = (Array.isArray(base) ? base : []) as Json[];
    fragment.forEach((item: Json, index) => (items[index] = overlay(items[index], item)));
    return items;
  }
  if (typeof base !== "object" || base === null) return fragment;
  for (const [name, value] of Object.entries(fragment)) {
    const known = Object.hasOwn(base, name) ? (base as JsonObject)[name] : undefined;
    setOwn(base as JsonObject, name, overlay(known, value));
  }
  return base;
}

/** Assigning to `__proto__` would reach for what all objects inherit; every other name may be assigned. */
function setOwn(object: JsonObject, name: string, value: Json): void {
  if (name !== "__proto__") (object as Record<string, Json>)[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
