/** The name before the colon: a field of the table, with a path where it takes one. */

import { quote } from "../base/errors.ts";
import type { PathStep } from "./ast.ts";
import { type Field, findField, isOpen, termNames } from "./fields.ts";
import { didYouMean } from "./query-error.ts";
import {
  createScanner,
  fail,
  isAtEnd,
  type Scanner,
  since,
  startsWith,
  take,
  takeMatch,
  takeQuoted,
} from "./scanner.ts";

export interface FieldName {
  /** `undefined` for `has`, which is followed by a field's name. */
  readonly field: Field | undefined;
  readonly path?: readonly PathStep[];
  /** As written. */
  readonly text: string;
  readonly position: number;
}

export const maximumPathSteps = 32;

const firstName = /[A-Za-z][A-Za-z0-9_]*/y;
const step = /[^\s.:"(),<>*]+/y;

/**
 * Reads a field's name and the colon behind it; `undefined`, and nothing is read, where no colon follows.
 * Errors: `QUERY_INVALID` for unknown fields.
 */
export function parseFieldName(scanner: Scanner): FieldName | undefined {
  const position = scanner.position;
  const steps = takeName(scanner);
  if (steps === undefined || !startsWith(scanner, ":")) {
    scanner.position = position;
    return undefined;
  }
  const text = scanner.text.slice(position, scanner.position);
  const name = text === "has" ? { field: undefined, text, position } : nameOf(scanner, steps, position);
  take(scanner, ":");
  return name;
}

/** Reads the name behind `has:`. Errors: `QUERY_INVALID`. */
export function parseHasName(scanner: Scanner): FieldName & { readonly field: Field } {
  const position = scanner.position;
  const steps = takeName(scanner);
  if (steps === undefined)
    throw fail(scanner, { position, length: position < scanner.text.length ? 1 : 0 }, "a field's name");
  return nameOf(scanner, steps, position);
}

/** Reads a field's name that stands alone, such as one to group by. Errors: `QUERY_INVALID`. */
export function parseFieldPath(text: string): { readonly field: Field; readonly path?: readonly PathStep[] } {
  const scanner = createScanner(text);
  const name = parseHasName(scanner);
  if (isAtEnd(scanner)) return name;
  throw fail(scanner, { position: scanner.position, length: 1 }, "a field's name and nothing behind it");
}

/** The first name and the steps behind it; quoted steps are names even where they are all digits. */
function takeName(scanner: Scanner): readonly PathStep[] | undefined {
  const first = takeMatch(scanner, firstName);
  if (first === undefined) return undefined;
  const steps: PathStep[] = [first];
  while (startsWith(scanner, ".")) {
    const before = scanner.position;
    take(scanner, ".");
    const quoted = startsWith(scanner, '"');
    const name = quoted ? takeQuoted(scanner) : takeMatch(scanner, step);
    if (name === undefined) {
      scanner.position = before;
      return steps;
    }
    steps.push(!quoted && /^\d{1,9}$/.test(name) ? Number(name) : name);
  }
  return steps;
}

function nameOf(scanner: Scanner, steps: readonly PathStep[], position: number): FieldName & { readonly field: Field } {
  const at = since(scanner, position);
  const text = scanner.text.slice(position, scanner.position);
  const [first, ...path] = steps;
  const open = findField(String(first));
  if (open !== undefined && isOpen(open)) {
    if (path.length > maximumPathSteps)
      throw fail(scanner, at, `at most ${maximumPathSteps} steps`, "the path is too long");
    return path.length === 0 ? { field: open, text, position } : { field: open, path, text, position };
  }
  const field = findField(text);
  if (field !== undefined) return { field, text, position };
  const problem = `there is no field ${quote(text)}${didYouMean(text, termNames)}`;
  throw fail(scanner, at, "a field's name; put the text in quotation marks to search for it", problem);
}
