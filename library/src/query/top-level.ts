/** What a query says of every entry it matches: the conditions that an index can be entered with. */

import type { FieldQuery, Query, Test, Words } from "./ast.ts";
import { and } from "./ast.ts";
import { words } from "./search-text.ts";
import { exactText } from "./wildcard.ts";

/** Microseconds; from is included, to is not. */
export interface TimeBounds {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export interface TopLevel {
  readonly bounds: TimeBounds;
  /** Everything but the bounds, and words that follow from it. */
  readonly rest: readonly Query[];
}

/** Takes the conditions on the time out of a query. */
export function topLevel(query: Query): TopLevel {
  let bounds: TimeBounds = { from: undefined, to: undefined };
  const rest: Query[] = [];
  for (const part of conjuncts(query)) {
    const test = part.kind === "field" && part.field === "time" && part.tests.length === 1 ? part.tests[0]! : undefined;
    if (test?.kind === "time") bounds = intersect(bounds, { from: test.from, to: test.to });
    else rest.push(part, ...wordsOf(part));
  }
  return { bounds, rest };
}

/** Fields of which all words are in the full-text index, whole. */
const indexedFields = new Set(
  ["message", "reason", "error.name", "error.code", "error.message"].concat(
    ["actor", "onBehalfOf", "target"].flatMap((who) => [`${who}.name`, `${who}.email`]),
  ),
);

/** Free words that follow from an exact text: they find a name, which has no column, without reading every entry. */
function wordsOf(part: Query): readonly Words[] {
  if (part.kind !== "field" || part.tests.length !== 1 || !indexedFields.has(part.field)) return [];
  const [test] = part.tests;
  const text = test?.kind === "text" ? exactText(test.pattern) : undefined;
  const found = text === undefined ? [] : words(text);
  return found.length === 0 ? [] : [{ kind: "words", words: found, prefix: false }];
}

function conjuncts(query: Query): readonly Query[] {
  const flat = and(query);
  return flat.kind === "and" ? flat.parts.flatMap(conjuncts) : flat.kind === "everything" ? [] : [flat];
}

export function intersect(a: TimeBounds, b: TimeBounds): TimeBounds {
  return {
    from: a.from === undefined ? b.from : Math.max(a.from, b.from ?? a.from),
    to: a.to === undefined ? b.to : Math.min(a.to, b.to ?? a.to),
  };
}

/** All free words that have to be there. */
export function requiredWords(rest: readonly Query[]): readonly Words[] {
  return rest.filter((part) => part.kind === "words");
}

/** The first condition on a field that is a single test. */
export function requiredPart(rest: readonly Query[], field: string): FieldQuery | undefined {
  return rest.find(
    (part): part is FieldQuery => part.kind === "field" && part.field === field && part.tests.length === 1,
  );
}

function requiredTest(rest: readonly Query[], field: string): Test | undefined {
  return requiredPart(rest, field)?.tests[0];
}

/** The one text that a field has to have. */
export function requiredText(rest: readonly Query[], field: string): string | undefined {
  const test = requiredTest(rest, field);
  return test?.kind === "text" ? exactText(test.pattern) : undefined;
}

/** The one id, and the one type where it is given, that a reference has to have. */
export function requiredReference(
  rest: readonly Query[],
  field: string,
): { readonly id: string; readonly type: string | undefined } | undefined {
  const test = requiredTest(rest, field);
  if (test?.kind !== "reference") return undefined;
  const [id, type] = [exactText(test.id), test.type && exactText(test.type)];
  return id === undefined ? undefined : { id, type };
}

/** The log that all actions of a pattern belong to: what stands before the first dot, where that comes before any `*`. */
export function requiredLog(rest: readonly Query[]): string | undefined {
  const log = requiredText(rest, "log");
  if (log !== undefined) return log;
  const test = requiredTest(rest, "action");
  if (test?.kind !== "text") return undefined;
  const dot = test.pattern[0]!.indexOf(".");
  return dot === -1 ? undefined : test.pattern[0]!.slice(0, dot);
}
