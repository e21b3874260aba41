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

/** Longer words are cut, in events and in queries alike: FTS5 cuts tokens at 32 KiB, and nobody types these. */
export const maximumWordLength = 128;

/** Values of `data` that are searched, in their order: enough for any list a person would look into. */
const maximumDataValues = 200;
/** And how much text of them, in UTF-16 units. */
const maximumDataLength = 8192;

/** The normalised words of a text, in order. */
export function words(text: string): readonly string[] {
  const normal = normalize(text);
  return normal === "" ? [] : normal.split(" ");
}

const ascii = /^[\0-\u007f]*$/;
const longWord = new RegExp(`[^ ]{${maximumWordLength + 1}}`);

/** The words of a text, joined by single spaces. */
function normalize(text: string): string {
  const normal = ascii.test(text) ? normalizeAscii(text) : normalizeUnicode(text);
  return normal.length > maximumWordLength && longWord.test(normal) ? cutWords(normal) : normal;
}

/** Most audit text is ASCII, and this runs for every event: several times faster than what follows. */
function normalizeAscii(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
}

/**
 * Compatibility decomposition first, so that ligatures and full-width forms become plain letters; marks go after lower
 * case, which can make new ones. A final sigma is a sigma: otherwise a word and its beginning would differ.
 */
function normalizeUnicode(text: string): string {
  const lower = text.normalize("NFKD").toLowerCase().normalize("NFKD");
  return lower.replace(/\p{M}+/gu, "").replaceAll("ς", "σ").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

function cutWords(normal: string): string {
  return normal.split(" ").map(cutWord).join(" ");
}

function cutWord(word: string): string {
  if (word.length <= maximumWordLength) return word;
  const last = word.charCodeAt(maximumWordLength - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return word.slice(0, maximumWordLength - (splitsPair ? 1 : 0));
}

/**
 * The words that an event is found by: of its message, reason and action, of who did it, for whom and to what, of its
 * error, and of the texts and numbers in its data; fields are separated by {@link fieldBoundary}.
 */
export function searchText(event: AuditEvent): string {
  const fields: string[] = [];
  const add = (value: string | undefined): void => {
    const normal = value === undefined ? "" : normalize(value);
    if (normal !== "") fields.push(normal);
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
  return Object.keys(object).sort().map((name) => object[name]!);
}
