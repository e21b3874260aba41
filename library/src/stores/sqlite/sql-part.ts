import type { SqliteValue } from "./driver.ts";

/** A piece of SQL with the values that are bound to its question marks, in order. */
export interface SqlPart {
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

/**
 * Puts SQL together. Only what stands in the source code becomes SQL text: every value put in is bound, unless it is
 * itself a part. So nothing that a user typed can ever be read as SQL.
 *
 * @example
 * const condition = sql`e.log = ${log}`; // { sql: "e.log = ?", parameters: [log] }
 */
export function sql(texts: TemplateStringsArray, ...values: readonly (SqlPart | SqliteValue)[]): SqlPart {
  let text = texts[0]!;
  const parameters: SqliteValue[] = [];
  values.forEach((value, index) => {
    if (isPart(value)) {
      text += value.sql;
      for (const parameter of value.parameters) parameters.push(parameter);
    } else {
      text += "?";
      parameters.push(toInteger(value));
    }
    text += texts[index + 1]!;
  });
  return { sql: text, parameters };
}

/** Drivers bind every number as a double, which FTS5 does not take for a rowid and which turns arithmetic into floats. */
function toInteger(value: SqliteValue): SqliteValue {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function isPart(value: SqlPart | SqliteValue): value is SqlPart {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

export const always: SqlPart = sql`1`;
export const never: SqlPart = sql`0`;

/**
 * All of them, or any of them. Built as a balanced tree, because SQLite limits how deep an expression may be and reads
 * a chain of ANDs as one inside the other.
 */
export function allOf(parts: readonly SqlPart[]): SqlPart {
  return balance(parts, always, (left, right) => sql`(${left} AND ${right})`);
}

export function anyOf(parts: readonly SqlPart[]): SqlPart {
  return balance(parts, never, (left, right) => sql`(${left} OR ${right})`);
}

export function list(parts: readonly SqlPart[]): SqlPart {
  return balance(parts, sql``, (left, right) => sql`${left}, ${right}`);
}

function balance(parts: readonly SqlPart[], none: SqlPart, join: (left: SqlPart, right: SqlPart) => SqlPart): SqlPart {
  if (parts.length <= 1) return parts[0] ?? none;
  const middle = parts.length >> 1;
  return join(balance(parts.slice(0, middle), none, join), balance(parts.slice(middle), none, join));
}
