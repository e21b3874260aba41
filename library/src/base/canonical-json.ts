/**
 * Canonical JSON (RFC 8785, JCS): one value, one byte string.
 *
 * Members are sorted by the UTF-16 code units of their names, numbers are written as ECMAScript writes them,
 * and there is no white space. What has no canonical form (NaN, infinities, lone surrogates, `undefined`, anything
 * that is not plain data) is refused instead of guessed: hashes are taken of these bytes.
 */

import { AuditError } from "./errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** The canonical text of a value. Errors: `CANONICAL_UNREPRESENTABLE`. */
export function canonicalize(value: Json): string {
  switch (typeof value) {
    case "string":
      return quoteString(value);
    case "number":
      if (!Number.isFinite(value)) throw unrepresentable(`the number ${value}`);
      return Object.is(value, -0) ? "0" : String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (isArray(value)) return canonicalArray(value);
      if (!isPlain(value)) throw unrepresentable("an object that is not plain data");
      return canonicalObject(value);
    default:
      throw unrepresentable(`a value of type ${typeof value}`);
  }
}

const isArray = Array.isArray as (value: unknown) => value is readonly Json[];

/** A `Date` or a `Map` has no members of its own and would become `{}`. Objects of another realm are plain too. */
function isPlain(object: JsonObject): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function canonicalArray(items: readonly Json[]): string {
  let text = "[";
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ",";
    text += canonicalize(items[index]!);
  }
  return `${text}]`;
}

function canonicalObject(object: JsonObject): string {
  const names = sortNames(Object.keys(object));
  let text = "{";
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index]!;
    text += index === 0 ? quoteName(name) : `,${quoteName(name)}`;
    text += canonicalize(object[name]!);
  }
  return `${text}}`;
}

/** Above this many a sort in place by insertion would take longer than the engine's, which makes copies. */
const mostInserted = 40;

function sortNames(names: string[]): string[] {
  if (names.length > mostInserted) return names.sort();
  for (let sorted = 1; sorted < names.length; sorted += 1) {
    const name = names[sorted]!;
    let place = sorted;
    for (; place > 0 && names[place - 1]! > name; place -= 1) names[place] = names[place - 1]!;
    names[place] = name;
  }
  return names;
}

const mostRemembered = 1024;
const longestRemembered = 64;
const quotedNames = new Map<string, string>();

/** A member's name with its quotes and colon. Names come again in every event, so they are remembered, within bounds. */
function quoteName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = `${quoteString(name)}:`;
  if (name.length > longestRemembered) return quoted;
  if (quotedNames.size >= mostRemembered) quotedNames.clear();
  quotedNames.set(name, quoted);
  return quoted;
}

const plain = /^[\u0020\u0021\u0023-\u005b\u005d-\ud7ff\ue000-\uffff]*$/;

/** `JSON.stringify` escapes exactly as RFC 8785 section 3.2.2.2 asks, except that it lets lone surrogates pass. */
function quoteString(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw unrepresentable("a text with a lone surrogate");
  return JSON.stringify(text);
}

function unrepresentable(found: string): AuditError {
  return new AuditError(
    "CANONICAL_UNREPRESENTABLE",
    `Cannot write canonical JSON: found ${found}, which RFC 8785 gives no form. Pass null, a string, or leave it out.`,
  );
}
