/**
 * A query as data: what the text says, with all times worked out. Plain and frozen, so that it can be sent to another
 * thread and kept; `parseQuery` makes it, `matches` defines what it means, each store compiles it.
 */

/** Where in the query's text something stands, in UTF-16 units. Absent from what was not parsed. */
export interface Place {
  readonly position: number;
  readonly length: number;
}

export type Query = Everything | AllOf | AnyOf | Not | Words | FieldQuery;

export interface Everything {
  readonly kind: "everything";
}

export interface AllOf {
  readonly kind: "and";
  readonly parts: readonly Query[];
  readonly at?: Place;
}

export interface AnyOf {
  readonly kind: "or";
  readonly parts: readonly Query[];
  readonly at?: Place;
}

export interface Not {
  readonly kind: "not";
  readonly part: Query;
  readonly at?: Place;
}

/** Free text: these normalised words stand next to each other; the last may be only the beginning of a word. */
export interface Words {
  readonly kind: "words";
  readonly words: readonly string[];
  readonly prefix: boolean;
  readonly at?: Place;
}

/** At least one value of a field passes at least one of the tests. */
export interface FieldQuery {
  readonly kind: "field";
  /** A name of the field table. */
  readonly field: string;
  /** Below an open field (`data`, `before`, `after`): member names, and numbers for places in an array. */
  readonly path?: readonly PathStep[];
  readonly tests: readonly Test[];
  readonly at?: Place;
}

export type PathStep = string | number;

/** Texts that stand in this order, with anything between one and the next; one piece alone is the exact text. */
export type Pattern = readonly string[];

export type Test =
  /** The field has a value that is not null. */
  | { readonly kind: "exists" }
  /** There is no value, or only null. */
  | { readonly kind: "null" }
  /** A text. */
  | { readonly kind: "text"; readonly pattern: Pattern }
  /** A number equal to this, or a text that is this number or this very text. */
  | { readonly kind: "number"; readonly number: number; readonly text: string }
  /** The truth value, or the text that names it. */
  | { readonly kind: "boolean"; readonly boolean: boolean }
  /** A number, or a text that is a decimal, on one side of this one. */
  | { readonly kind: "compare"; readonly operator: Comparison; readonly number: number }
  /** A number, or a text that is a decimal, from the first to the second, both included. */
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  /** `type/id`, or the id alone. */
  | { readonly kind: "reference"; readonly type?: Pattern; readonly id: Pattern }
  /**
   * Microseconds since 1970: from the first (included) to the second (not included). `written` is what the text said,
   * as the value of `time:`, so that `now-2h` stays `now-2h` where the query is shown.
   */
  | { readonly kind: "time"; readonly from?: number; readonly to?: number; readonly written?: string }
  /** A JSON Pointer that is this, or is below this. */
  | { readonly kind: "pointer"; readonly pattern: Pattern };

export type Comparison = "<" | "<=" | ">" | ">=";

export const everything: Everything = Object.freeze({ kind: "everything" });

/** All of them: what an access rule and a reader's query become together. None gives {@link everything}. */
export function and(...queries: readonly Query[]): Query {
  const parts = queries
    .flatMap((query) => (query.kind === "and" ? query.parts : query))
    .filter((query) => query.kind !== "everything");
  if (parts.length === 0) return everything;
  return parts.length === 1 ? parts[0]! : freeze({ kind: "and", parts });
}

/** At least one of them. One alone is itself; none matches nothing. */
export function or(...queries: readonly Query[]): Query {
  const parts = queries.flatMap((query) => (query.kind === "or" ? query.parts : query));
  return parts.length === 1 ? parts[0]! : freeze({ kind: "or", parts });
}

export function not(query: Query): Query {
  return freeze({ kind: "not", part: query });
}

/** Freezes a node and its own lists; the nodes below are frozen already. */
export function freeze<Node extends object>(node: Node): Node {
  for (const member of Object.values(node)) if (typeof member === "object" && member !== null) Object.freeze(member);
  return Object.freeze(node);
}
