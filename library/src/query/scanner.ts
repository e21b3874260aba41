/** Reads the text of a query from left to right: spaces, bare and quoted pieces, and where they stand. */

import { AuditError } from "../base/errors.ts";
import type { Place } from "./ast.ts";
import { queryError } from "./query-error.ts";

/** UTF-16 units. A longer query is a mistake or an attack, and error messages and cursors carry queries around. */
export const maximumQueryLength = 8192;

/** A piece of a value: quoted text means itself, bare text may hold `*` and be a number. */
export interface Piece extends Place {
  readonly text: string;
  readonly quoted: boolean;
}

export interface Scanner {
  readonly text: string;
  position: number;
}

/** Errors: `QUERY_INVALID` for what no place in a query may hold. */
export function createScanner(text: string): Scanner {
  if (text.length > maximumQueryLength) {
    const at = { position: maximumQueryLength, length: 1 };
    throw queryError(text, at, `at most ${maximumQueryLength} characters`, `it is ${text.length} characters long`);
  }
  const bad = findUnusable(text);
  if (bad !== -1)
    throw queryError(text, { position: bad, length: 1 }, "text", "it holds NUL or half of a surrogate pair");
  return { text, position: 0 };
}

function findUnusable(text: string): number {
  if (text.isWellFormed()) return text.indexOf("\0");
  let position = 0;
  while (text.slice(0, position + 1).isWellFormed() || text.slice(0, position + 2).isWellFormed()) position += 1;
  return position;
}

export function skipSpace(scanner: Scanner): void {
  while (/\s/.test(scanner.text[scanner.position] ?? "")) scanner.position += 1;
}

export function isAtEnd(scanner: Scanner): boolean {
  return scanner.position >= scanner.text.length;
}

export function startsWith(scanner: Scanner, text: string): boolean {
  return scanner.text.startsWith(text, scanner.position);
}

/** Goes past `text` if it is next. */
export function take(scanner: Scanner, text: string): boolean {
  if (!startsWith(scanner, text)) return false;
  scanner.position += text.length;
  return true;
}

/** Goes past what a sticky expression matches here. */
export function takeMatch(scanner: Scanner, expression: RegExp): string | undefined {
  expression.lastIndex = scanner.position;
  const match = expression.exec(scanner.text);
  if (match === null || match[0] === "") return undefined;
  scanner.position += match[0].length;
  return match[0];
}

const bareRun = /[^\s(),"]+/y;

/** The pieces of one value, up to a space, comma or parenthesis; none where no value stands. */
export function takePieces(scanner: Scanner): readonly Piece[] {
  const pieces: Piece[] = [];
  for (;;) {
    const position = scanner.position;
    const quoted = startsWith(scanner, '"');
    const text = quoted ? takeQuoted(scanner) : takeMatch(scanner, bareRun);
    if (text === undefined) return pieces;
    pieces.push({ text, quoted, position, length: scanner.position - position });
  }
}

/** A text in quotation marks; `\"` and `\\` stand for the mark and the backslash. Errors: `QUERY_INVALID`. */
export function takeQuoted(scanner: Scanner): string {
  const start = scanner.position;
  let text = "";
  for (let position = start + 1; position < scanner.text.length; position += 1) {
    const character = scanner.text[position]!;
    if (character === '"') {
      scanner.position = position + 1;
      return text;
    }
    if (character === "\\") position += 1;
    text += scanner.text[position] ?? "";
  }
  throw fail(
    scanner,
    { position: start, length: scanner.text.length - start },
    'a closing "',
    "a quotation is not closed",
  );
}

export function fail(scanner: Scanner, at: Place, expected: string, problem?: string): AuditError {
  return queryError(scanner.text, at, expected, problem);
}

/** From a position to where the scanner is. */
export function since(scanner: Scanner, position: number): Place {
  return { position, length: scanner.position - position };
}

/** A text as it has to be written to be read back by {@link takeQuoted}. */
export function quoteText(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
