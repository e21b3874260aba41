/** One test of a query on one value in SQL. Says the same of a value as `passes` in `query/matches.ts`. */

import type { Pattern, Test } from "../../query/ast.ts";
import { comparedLength, trimDecimal } from "../../query/parse-number.ts";
import { withoutNul } from "./names.ts";
import { allOf, always, anyOf, never, sql, type SqlPart } from "./sql-part.ts";

/** An SQL expression for a value as text, and for the name of its JSON type (`jsonb_typeof`). */
export interface JsonValue {
  readonly value: SqlPart;
  readonly type: SqlPart;
}

export type ReferenceTest = Test & { readonly kind: "reference" };

/** Whether a text fits a pattern, compared byte by byte whatever the database's collation. */
export function textFits(text: SqlPart, pattern: Pattern): SqlPart {
  if (pattern.length === 1) return sql`${text} = ${withoutNul(pattern[0]!)}`;
  const like = pattern.map((piece) => withoutNul(piece).replace(/[\\%_]/g, "\\$&")).join("%");
  return sql`${text} COLLATE "C" LIKE ${like}`;
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
      return sql`(${type} = 'string' AND ${textFits(value, test.pattern)})`;
    case "pointer":
      return sql`(${type} = 'string' AND ${pointerFits(value, test.pattern)})`;
    case "number":
      return sql`CASE ${type} WHEN 'number' THEN (${value})::double precision = ${test.number}
        WHEN 'string' THEN (${value} = ${withoutNul(test.text)} OR ${trimmed(value)} = ${trimDecimal(test.text)}) ELSE false END`;
    case "boolean":
      return sql`(${type} IN ('boolean', 'string') AND ${value} = ${String(test.boolean)})`;
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
  return valuePasses(test, { value, type: sql`'number'` });
}

/** `trimDecimal` of `query/parse-number.ts`. */
function trimmed(value: SqlPart): SqlPart {
  return sql`CASE WHEN strpos(${value}, '.') > 0 THEN rtrim(rtrim(${value}, '0'), '.') ELSE ${value} END`;
}

/** `decimalNumber` of `query/parse-number.ts`, and JSON numbers as doubles; NULL, which no comparison accepts, for the rest. */
function numberOf({ value, type }: JsonValue): SqlPart {
  const digits = sql`substr(${value}, 1, ${comparedLength}::integer)`;
  const exponent = sql`greatest(0, strpos(${value} || '.', '.') - 1 - ${comparedLength})`;
  return sql`CASE WHEN ${type} = 'number' THEN (${value})::double precision
    WHEN ${type} = 'string' AND ${value} ~ '^-?[0-9]+(\\.[0-9]+)?$' THEN CASE
      WHEN ${exponent} <= ${largestExponent} THEN (${digits} || 'e' || ${exponent})::double precision
      WHEN ${digits}::numeric = 0 THEN 0 WHEN left(${value}, 1) = '-' THEN '-Infinity'::double precision ELSE 'Infinity'::double precision END END`;
}

/** Numbers of 18 digits with more zeros behind them are infinite as doubles, which Postgres takes for an error. */
const largestExponent = 290;

/** What an object's type and id say to a reference. */
export function referenceFits(
  { type, id }: ReferenceTest,
  found: { readonly type: SqlPart; readonly id: SqlPart },
): SqlPart {
  return allOf([textFits(found.id, id), type === undefined ? always : textFits(found.type, type)]);
}

/** The two sides of the first slash in a text; both NULL where it has none, so that nothing fits. */
export function splitAtSlash(text: SqlPart): { readonly type: SqlPart; readonly id: SqlPart } {
  const slash = sql`strpos(${text}, '/')`;
  return {
    type: sql`CASE WHEN ${slash} > 0 THEN left(${text}, ${slash} - 1) END`,
    id: sql`CASE WHEN ${slash} > 0 THEN substr(${text}, ${slash} + 1) END`,
  };
}
