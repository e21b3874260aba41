/**
 * Free text: which words an event is found by.
 *
 * A word is a run of letters and digits, without marks and in lower case, so that `José`, `JOSE` and `jose` are one.
 * Stores index exactly {@link searchText}, with a tokenizer that splits at spaces and changes nothing, and the matcher
 * looks into exactly the same text: that is why they agree.
 */

import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Actor, AuditEvent } from "../event/event.ts";

/**
 * Stands between two fields, so that a phrase never runs from one into the next. The pilcrow is neither a letter nor a
 * digit, so {@link words} never makes it, and it is not ASCII, so SQLite's `ascii` tokenizer keeps it.
 */
export const fieldBoundary = "¶";

/**
 * Longer runs are several words, in events and in queries alike: FTS5 cuts tokens at 32 KiB, where the matcher would
 * see them whole.
 */
export const maximumWordLength = 128;

/** Values of `data` that are searched, in their order: enough for any list a person would look into. */
const maximumDataValues = 200;
/** And how much text of them, in UTF-16 units. */
const maximumDataLength = 8192;

const ascii = /^[\0-\u007f]*$/;
const asciiWords = new RegExp(`[a-z0-9]{1,${maximumWordLength}}`, "g");
const unicodeWords = new RegExp(`[\\p{L}\\p{N}]{1,${maximumWordLength}}`, "gu");

/** The normalised words of a text, in order. */
export function words(text: string): readonly string[] {
  // Most audit text is ASCII, and this runs for every event: many times faster than the other way.
  const found = ascii.test(text) ? text.toLowerCase().match(asciiWords) : plainLetters(text).match(unicodeWords);
  return found ?? [];
}

/**
 * Compatibility decomposition first, so that ligatures and full-width forms become plain letters; marks go after lower
 * case, which can make new ones. A final sigma is a sigma: otherwise a word and its beginning would differ.
 */
function plainLetters(text: string): string {
  const lower = text.normalize("NFKD").toLowerCase().normalize("NFKD");
  return lower.replace(/\p{M}+/gu, "").replaceAll("ς", "σ");
}

/**
 * The words that an event is found by: of its message, reason and action, of who did it, for whom and to what, of its
 * error, and of the texts and numbers in its data; fields are separated by {@link fieldBoundary}.
 */
export function searchText(event: AuditEvent): string {
  const fields: string[] = [];
  const add = (value: string | undefined): void => {
    const found = value === undefined ? [] : words(value);
    if (found.length > 0) fields.push(found.join(" "));
  };
  add(event.message);
  add(event.reason);
  add(event.action);
  addActor(event.actor, add);
  event.onBehalfOf?.forEach((actor) => addActor(actor, add));
  for (const target of event.targets ?? []) {
    add(target.id);
    add(target.name);
  }
  add(event.error?.name);
  add(event.error?.code);
  add(event.error?.message);
  if (event.data !== undefined) addData(event.data, add);
  return fields.join(` ${fieldBoundary} `);
}

function addActor(actor: Actor, add: (value: string | undefined) => void): void {
  add(actor.id);
  add(actor.name);
  add(actor.email);
}

function addData(data: Json, add: (value: string) => void): void {
  let values = maximumDataValues;
  let length = maximumDataLength;
  const visit = (value: Json): void => {
    if (values <= 0 || length <= 0) return;
    if (typeof value === "object") return membersOf(value).forEach(visit);
    if (typeof value === "boolean") return;
    const text = String(value).slice(0, length);
    values -= 1;
    length -= text.length;
    add(text);
  };
  visit(data);
}

/** Members in the order of canonical JSON, so that the same words are indexed whichever way the event was put together. */
function membersOf(value: readonly Json[] | JsonObject | null): readonly Json[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  const object = value as JsonObject;
  return Object.keys(object)
    .sort()
    .map((name) => object[name]!);
}
