/** Queries as the console builds them. The text is always written by `formatQuery`, so that what is shown is what is asked. */

import { and, formatQuery, not, parseQuery, type Query } from "auditrail/query";
import type { AuditError } from "auditrail";

import { ownZone } from "./settings.ts";

export interface QueryProblem {
  readonly message: string;
  readonly position: number;
  readonly length: number;
}

const options = (zone: string) => ({ now: Date.now() * 1000, zone });

/** The query, or what is wrong with its text. */
export function readQuery(text: string, zone: string = ownZone): Query | QueryProblem {
  try {
    return parseQuery(text, options(zone));
  } catch (error) {
    const { message, details } = error as AuditError;
    const { position = 0, length = 1 } = (details ?? {}) as { position?: number; length?: number };
    return { message: message.split("\n")[0]!.replace(/^Cannot read the query: /, ""), position, length };
  }
}

export function isProblem(read: Query | QueryProblem): read is QueryProblem {
  return !("kind" in read);
}

/** The terms that all have to hold, each with its own text. Nothing where the text is no query. */
export function partsOf(text: string): readonly string[] {
  const read = readQuery(text);
  if (isProblem(read) || read.kind === "everything") return [];
  return (read.kind === "and" ? read.parts : [read]).map(formatQuery);
}

/** The text with all of these holding too. What is no query is left out. */
export function joinParts(...texts: readonly string[]): string {
  const queries = texts.map((text) => readQuery(text)).filter((read): read is Query => !isProblem(read));
  return formatQuery(and(...queries));
}

export function withPart(text: string, part: string): string {
  return partsOf(text).includes(part) ? text : joinParts(withoutPart(text, negated(part)), part);
}

export function withoutPart(text: string, part: string): string {
  return joinParts(...partsOf(text).filter((other) => other !== part));
}

export function negated(part: string): string {
  const read = readQuery(part);
  if (isProblem(read)) return part;
  return formatQuery(read.kind === "not" ? read.part : not(read));
}

export function isNegated(part: string): boolean {
  return part.startsWith("-");
}

/** Texts that the grammar reads as they are. */
const plain = /^[\p{L}\p{N}_][\p{L}\p{N}_./@-]*$/u;
const references = new Set(["actor", "onBehalfOf", "target", "target.parent", "subject"]);

/** The term that finds exactly this value of a field, as counts and facets name it; null where there is none. */
export function termOf(field: string, value: string | null): string {
  if (value === null) return `-has:${field}`;
  // `actor:` asks for an id, which systems and strangers may not have.
  if (references.has(field) && !value.includes("/"))
    return joinParts(`${field}.type:${quoteValue(value)}`, `-has:${field}.id`);
  const term = `${field}:${quoteValue(value)}`;
  const read = readQuery(term);
  return isProblem(read) ? term : formatQuery(read);
}

function quoteValue(value: string): string {
  return plain.test(value) && !/\.\./.test(value)
    ? value
    : `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** Terms about the time when it happened: `time:`, `after:TIME`, `before:TIME`. */
const timeTerm = /^(time|after|before):/;

export function isTimePart(part: string): boolean {
  return timeTerm.test(part) && !/^(after|before)\./.test(part);
}

/** The text with this instead of what it says about the time; without a time when none is given. */
export function withTime(text: string, time?: string): string {
  return joinParts(...partsOf(text).filter((part) => !isTimePart(part)), time ?? "");
}
