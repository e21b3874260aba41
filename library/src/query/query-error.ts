import { AuditError, nearest, quote } from "../base/errors.ts";
import type { Place } from "./ast.ts";

/** How much of a query is shown on each side of the place where it went wrong. */
const shown = 40;

/**
 * The error for a query that cannot be read: `QUERY_INVALID`, with the place and what was expected there in its
 * details, and both to be seen in its message.
 */
export function queryError(text: string, at: Place, expected: string, problem?: string): AuditError {
  const found = problem ?? describeFound(text, at);
  const message = `Cannot read the query: ${found}; expected ${expected}.\n${pointAt(text, at)}`;
  return new AuditError("QUERY_INVALID", message, { details: { ...at, expected } });
}

function describeFound(text: string, { position, length }: Place): string {
  return position >= text.length
    ? "it ends too early"
    : `found ${quote(text.slice(position, position + Math.max(length, 1)))}`;
}

/** The part of the text around a place, with carets below it. */
function pointAt(text: string, { position, length }: Place): string {
  const from = Math.max(0, position - shown);
  const to = Math.min(text.length, position + length + shown);
  const before = from > 0 ? "…" : "";
  const line = `${before}${text.slice(from, to).replace(/\s/g, " ")}${to < text.length ? "…" : ""}`;
  const carets = "^".repeat(Math.max(1, Math.min(length, to - position)));
  return `  ${line}\n  ${" ".repeat(before.length + position - from)}${carets}`;
}

/** ` (did you mean "x"?)`, or nothing; made to stand inside a sentence. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : ` (did you mean ${quote(near)}?)`;
}
