/** A query as an SQL condition over the row `e` of `auditrail_entry`; says the same as `query/matches.ts`. */

import type { FieldQuery, Query, Words } from "../../query/ast.ts";
import { compileField, compileTallied } from "./compile-field.ts";
import { allOf, always, anyOf, never, sql, type SqlPart } from "./sql-part.ts";

/** The keys between which a full-text match has been looked up already, both included. */
export interface KeyWindow {
  readonly from: number;
  readonly to: number;
}

export interface CompileOptions {
  /** The number of the trail that is asked. */
  readonly trail: number;
  /** Where to look up a full-text expression at once; outside of it each entry is asked by itself. */
  windowOf(match: string): KeyWindow;
}

export function compileQuery(query: Query, options: CompileOptions): SqlPart {
  return compileTree(query, (leaf) =>
    leaf.kind === "words" ? hasWords(matchExpression([leaf]), options) : compileField(leaf, options.trail),
  );
}

/** A query of the fields of a tally alone, over its rows `e`. */
export function compileOverTally(query: Query): SqlPart {
  return compileTree(query, (leaf) => (leaf.kind === "words" ? never : compileTallied(leaf)));
}

function compileTree(query: Query, compileLeaf: (leaf: Words | FieldQuery) => SqlPart): SqlPart {
  switch (query.kind) {
    case "everything":
      return always;
    case "and":
      return allOf(query.parts.map((part) => compileTree(part, compileLeaf)));
    case "or":
      return anyOf(query.parts.map((part) => compileTree(part, compileLeaf)));
    case "not":
      return sql`NOT ${compileTree(query.part, compileLeaf)}`;
    case "words":
    case "field":
      return compileLeaf(query);
  }
}

/** All parts that are not answered yet; their free words become one expression, which the index answers at once. */
export function compileRest(rest: readonly Query[], answered: readonly Query[], options: CompileOptions): SqlPart {
  const open = rest.filter((part) => !answered.includes(part));
  const words = open.filter((part) => part.kind === "words");
  const parts = open.filter((part) => part.kind !== "words").map((part) => compileQuery(part, options));
  return allOf(words.length === 0 ? parts : [...parts, hasWords(matchExpression(words), options)]);
}

/**
 * The FTS5 expression for entries with all of these. Words are letters and digits, so that quotation marks around them
 * are all the quoting there is, and FTS5 reads no operator in them.
 */
export function matchExpression(all: readonly Words[]): string {
  return all
    .map(({ words, prefix }) => `"${words.join(" ").replaceAll('"', '""')}"${prefix ? " *" : ""}`)
    .join(" AND ");
}

/**
 * Inside the window the matches are looked up once, as a list, which is fast for the many rows of a walk through it;
 * outside, the index is asked for each row, which is fast for the few that are there.
 */
export function hasWords(match: string, { windowOf }: Pick<CompileOptions, "windowOf">): SqlPart {
  const { from, to } = windowOf(match);
  return sql`CASE WHEN e.key BETWEEN ${from} AND ${to}
    THEN e.key IN (SELECT rowid FROM auditrail_text WHERE auditrail_text MATCH ${match} AND rowid BETWEEN ${from} AND ${to})
    ELSE EXISTS (SELECT 1 FROM auditrail_text WHERE auditrail_text MATCH ${match} AND rowid = e.key) END`;
}
