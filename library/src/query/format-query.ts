/** The text of a query: parsing it again gives the same query. */

import { formatInstant } from "../base/time.ts";
import type { FieldQuery, Pattern, PathStep, Query, Test, Words } from "./ast.ts";
import { parseNumber } from "./parse-number.ts";
import { quoteText } from "./scanner.ts";

/**
 * Writes a query as text. Times are written as they were, so `now-2h` stays what it is; times that a program put in
 * are written as instants in UTC.
 *
 * @example
 * formatQuery(and(parseQuery("log:email", options), not(parseQuery("outcome:success", options))));
 * // log:email -outcome:success
 */
export function formatQuery(query: Query): string {
  return query.kind === "everything" ? "" : format(query, "top");
}

type Around = "top" | "or" | "and" | "not";

function format(query: Query, around: Around): string {
  switch (query.kind) {
    case "everything":
      return "*";
    case "and":
      return group(query.parts.map((part) => format(part, "and")).join(" "), around === "and" || around === "not");
    case "or":
      return formatAnyOf(query.parts, around);
    case "not":
      return `-${format(query.part, "not")}`;
    case "words":
      return formatWords(query);
    case "field":
      return formatField(query);
  }
}

/** None of nothing matches nothing: what is not anything. */
function formatAnyOf(parts: readonly Query[], around: Around): string {
  if (parts.length === 0) return "-*";
  return group(parts.map((part) => format(part, "or")).join(" OR "), around !== "top");
}

function group(text: string, needed: boolean): string {
  return needed ? `(${text})` : text;
}

function formatWords({ words, prefix }: Words): string {
  return prefix ? `${words.join("-")}*` : words.length === 1 ? words[0]! : quoteText(words.join(" "));
}

function formatField({ field, path, tests }: FieldQuery): string {
  const name = [field, ...(path ?? []).map(formatStep)].join(".");
  const [only, second] = tests;
  if (only !== undefined && second === undefined) {
    if (only.kind === "exists") return `has:${name}`;
    if (only.kind === "time" && field === "time") return formatTime(writtenTime(only));
  }
  return `${name}:${tests.map((test) => formatTest(test, path !== undefined)).join(",")}`;
}

const plainStep = /^[^\s.:"(),<>*]+$/;

function formatStep(step: PathStep): string {
  if (typeof step === "number") return String(step);
  return plainStep.test(step) && !/^\d+$/.test(step) ? step : quoteText(step);
}

function formatTime(written: string): string {
  if (written.startsWith(">=")) return `after:${written.slice(2)}`;
  return /^<(?!=)/.test(written) ? `before:${written.slice(1)}` : `time:${written}`;
}

function formatTest(test: Test, isValue: boolean): string {
  switch (test.kind) {
    case "exists":
      return "*";
    case "null":
      return "null";
    case "text":
      return isValue && looksOtherwise(test.pattern) ? quoteText(test.pattern[0]!) : formatPattern(test.pattern);
    case "number":
      return test.text;
    case "boolean":
      return String(test.boolean);
    case "compare":
      return `${test.operator}${test.number}`;
    case "range":
      return `${test.from}..${test.to}`;
    case "reference":
      return formatPattern(test.type === undefined ? test.id : joinReference(test.type, test.id));
    case "time":
      return writtenTime(test);
    case "pointer":
      return formatPointer(test.pattern);
  }
}

/** Whether a text has to be quoted to be a text: bare, it would be a number, a range, a truth value or null. */
function looksOtherwise(pattern: Pattern): boolean {
  const [text] = pattern;
  if (pattern.length > 1 || text === undefined) return false;
  return parseNumber(text) !== undefined || text.includes("..") || ["true", "false", "null"].includes(text);
}

function joinReference(type: Pattern, id: Pattern): Pattern {
  return [...type.slice(0, -1), `${type.at(-1)}/${id[0]}`, ...id.slice(1)];
}

/** Letters, digits and signs that mean nothing to the grammar. */
const plainPiece = /^[\p{L}\p{N}_@:+%#~=./-]*$/u;

function formatPattern(pattern: Pattern): string {
  const text = pattern.map((piece) => (plainPiece.test(piece) ? piece : quoteText(piece))).join("*");
  // Nothing would be no value, and `*` alone any value at all, not any text.
  return text === "" || text === "*" ? `""${text}` : text;
}

function formatPointer(pattern: Pattern): string {
  const [first, ...rest] = pattern;
  const start = first!.slice(1);
  const pieces = [start, ...rest].map((piece) => (plainPiece.test(piece) ? piece : quoteText(piece)));
  return `/${pieces.join("*")}`;
}

function writtenTime({ from, to, written }: Test & { readonly kind: "time" }): string {
  if (written !== undefined) return written;
  if (from === undefined) return to === undefined ? "*" : `<${shortInstant(to)}`;
  return to === undefined ? `>=${shortInstant(from)}` : `${shortInstant(from)}..${lastSpan(to)}`;
}

function shortInstant(micros: number): string {
  return formatInstant(micros).replace(/(:00)?\.0+Z$/, "Z");
}

/** The longest of the minute, second or microsecond that ends at this instant: a range includes its last span. */
function lastSpan(end: number): string {
  if (end % 60_000_000 === 0) return formatInstant(end - 60_000_000).replace(/:00\.0+Z$/, "Z");
  if (end % 1_000_000 === 0) return formatInstant(end - 1_000_000).replace(/\.0+Z$/, "Z");
  return formatInstant(end - 1);
}
