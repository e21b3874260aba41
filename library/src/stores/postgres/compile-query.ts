/** A query as an SQL condition over the row `e` of `entry`; says the same as `query/matches.ts`. */

import type { FieldQuery, Query, Words } from "../../query/ast.ts";
import { compileField, compileTallied } from "./compile-field.ts";
import { allOf, always, anyOf, never, not, sql, type SqlPart } from "./sql-part.ts";

/** In the trail of that number. */
export function compileQuery(query: Query, trail: number): SqlPart {
  return compileTree(query, (leaf) => (leaf.kind === "words" ? hasWords([leaf]) : compileField(leaf, trail)));
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
      return not(compileTree(query.part, compileLeaf));
    case "words":
    case "field":
      return compileLeaf(query);
  }
}

/** All of these, looked up by the entry's key: for walks along another index. */
export function hasWords(all: readonly Words[]): SqlPart {
  return sql`(SELECT ${standInOrder(all)} FROM $schema.search s WHERE s.key = e.key) IS TRUE`;
}

/** The words themselves, next to each other: the index knows only which words there are. Over the row `s` of `search`. */
function standInOrder(all: readonly Words[]): SqlPart {
  return allOf(
    all.map(({ words, prefix }) => {
      const found = ` ${words.join(" ")}${prefix ? "" : " "}`;
      return sql`strpos(' ' || s.words || ' ', ${found}) > 0`;
    }),
  );
}

/** The rows `s` of `search` that have all of these, found by the index. */
export function rowsWithWords(all: readonly Words[], trail: number): SqlPart {
  return allOf([foundByIndex(all, trail), standInOrder(all)]);
}

/** What the index answers, which is what Postgres can estimate. */
export function foundByIndex(all: readonly Words[], trail: number): SqlPart {
  return sql`$schema.lexemes(s.key, s.words) @@ ${wordQuery(all, trail)}::tsquery`;
}

/** Words are letters and digits, so that quotation marks around them are all the quoting there is. */
function wordQuery(all: readonly Words[], trail: number): string {
  const lexemes = all.flatMap(({ words, prefix }) =>
    words.map(
      (word, index) =>
        `'${trail}/${word.replaceAll("'", "''").replaceAll("\\", "\\\\")}'${prefix && index === words.length - 1 ? ":*" : ""}`,
    ),
  );
  return lexemes.join(" & ");
}
