/** One test of a query on one value in SQL. Says the same of a value as `passes` in `query/matches.ts`. */

import type { Pattern, Test } from "../../query/ast.ts";
import { comparedLength, trimDecimal } from "../../query/parse-number.ts";
import { allOf, always, anyOf, never, sql, type SqlPart } from "./sql-part.ts";

/** An SQL expression for a value, and the name of the JSON type it has (`json_type`). */
export interface JsonValue {
  readonly value: SqlPart;
  readonly type: SqlPart;
}

export type ReferenceTest = Test & { readonly kind: "reference" };

/** Whether a text fits a pattern. `GLOB` compares case-sensitively and knows three signs, which brackets make plain. */
export function textFits(text: SqlPart, pattern: Pattern): SqlPart {
  if (pattern.length === 1) return sql`${text} = ${pattern[0]!}`;
  return sql`${text} GLOB ${pattern.map((piece) => piece.replace(/[[*?]/g, "[$&]")).join("*")}`;
}

/** A JSON Pointer that fits, or is below one that does. */
export function pointerFits(text: SqlPart, pattern: Pattern): SqlPart {
  const below = [...pattern.slice(0, -1), `${pattern.at(-1)}/`, ""];
  return anyOf([textFits(text, pattern), textFits(text, below)]);
}

/** A value out of JSON. References and times are not among these. */
export function valuePasses(test: Test, { value, type }: JsonValue): SqlPart {
  switch (test.kind) {
    case "exists":
      return sql`${type} <> 'null'`;
    case "text":
      return sql`(${type} = 'text' AND ${textFits(value, test.pattern)})`;
    case "pointer":
      return sql`(${type} = 'text' AND ${pointerFits(value, test.pattern)})`;
    case "number":
      return anyOf([
        sql`(${type} IN ('integer', 'real') AND CAST(${value} AS REAL) = ${test.number})`,
        sql`(${type} = 'text' AND (${value} = ${test.text} OR ${trimmed(value)} = ${trimDecimal(test.text)}))`,
      ]);
    case "boolean":
      return sql`(${type} = ${String(test.boolean)} OR (${type} = 'text' AND ${value} = ${String(test.boolean)}))`;
    case "compare":
      return sql`${numberOf({ value, type })} ${operators[test.operator]} ${test.number}`;
    case "range":
      return sql`${numberOf({ value, type })} BETWEEN ${test.from} AND ${test.to}`;
    case "null":
    case "reference":
    case "time":
      return never;
  }
}

const operators = { "<": sql`<`, "<=": sql`<=`, ">": sql`>`, ">=": sql`>=` } as const;

/** A number of an entry's own: a column, or one that the event format makes a number. */
export function numberPasses(test: Test, value: SqlPart): SqlPart {
  return valuePasses(test, { value, type: sql`'real'` });
}

/** `trimDecimal` of `query/parse-number.ts`. */
function trimmed(value: SqlPart): SqlPart {
  return sql`CASE WHEN instr(${value}, '.') > 0 THEN rtrim(rtrim(${value}, '0'), '.') ELSE ${value} END`;
}

/** `decimalNumber` of `query/parse-number.ts`, and JSON numbers as doubles; NULL, which no comparison accepts, for the rest. */
function numberOf({ value, type }: JsonValue): SqlPart {
  return sql`CASE WHEN ${type} IN ('integer', 'real') THEN CAST(${value} AS REAL)
    WHEN ${type} = 'text' AND ${isDecimal(value)} THEN CAST(substr(${value}, 1, ${comparedLength}) || 'e' ||
      max(0, instr(${value} || '.', '.') - 1 - ${comparedLength}) AS REAL) END`;
}

/** `^-?[0-9]+(\.[0-9]+)?$`, in what SQLite has. */
function isDecimal(value: SqlPart): SqlPart {
  return sql`(${value} GLOB '[-0-9]*' AND ${value} GLOB '*[0-9]' AND ${value} NOT GLOB '*[^-0-9.]*' AND ${value} NOT GLOB '?*-*'
    AND ${value} NOT GLOB '-.*' AND ${value} NOT GLOB '*.*.*')`;
}

/** What an object's type and id say to a reference. */
export function referenceFits(
  { type, id }: ReferenceTest,
  found: { readonly type: SqlPart; readonly id: SqlPart },
): SqlPart {
  return allOf([textFits(found.id, id), type === undefined ? always : textFits(found.type, type)]);
}

/** The two sides of the first slash in a text; both NULL where it has none, so that nothing fits. */
export function splitAtSlash(text: SqlPart): { readonly type: SqlPart; readonly id: SqlPart } {
  return {
    type: sql`CASE WHEN instr(${text}, '/') > 0 THEN substr(${text}, 1, instr(${text}, '/') - 1) END`,
    id: sql`CASE WHEN instr(${text}, '/') > 0 THEN substr(${text}, instr(${text}, '/') + 1) END`,
  };
}
