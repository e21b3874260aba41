import type { SqlClient, SqlRow, SqlValue } from "./client.ts";
import { inSchema } from "./names.ts";

/** A piece of SQL: texts, and between each two of them a value that is bound. */
export interface SqlPart {
  readonly texts: readonly string[];
  readonly values: readonly SqlValue[];
}

/**
 * Puts SQL together. Only what stands in the source code becomes SQL text: every value put in is bound, unless it is
 * itself a part. So nothing that a user typed can ever be read as SQL.
 *
 * @example
 * const condition = sql`e.log = ${log}`; // runs as "e.log = $1::text" with [log]
 */
export function sql(texts: TemplateStringsArray, ...given: readonly (SqlPart | SqlValue)[]): SqlPart {
  const all: string[] = [texts[0]!];
  const values: SqlValue[] = [];
  given.forEach((value, index) => {
    if (isPart(value)) {
      all.push(all.pop()! + value.texts[0]!, ...value.texts.slice(1));
      values.push(...value.values);
    } else {
      all.push("");
      values.push(value);
    }
    all.push(all.pop()! + texts[index + 1]!);
  });
  return { texts: all, values };
}

function isPart(value: SqlPart | SqlValue): value is SqlPart {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/** Runs a part; each value says its type, because Postgres cannot tell it everywhere from what stands around it. */
export function runPart(client: SqlClient, schema: string, { texts, values }: SqlPart): Promise<readonly SqlRow[]> {
  const text = texts.reduce((all, next, index) => `${all}$${index}::${typeOf(values[index - 1]!)}${next}`);
  return client.run(inSchema(text, schema), values);
}

function typeOf(value: SqlValue): string {
  switch (typeof value) {
    case "bigint":
      return "bigint";
    case "number":
      return Number.isSafeInteger(value) ? "bigint" : "double precision";
    case "boolean":
      return "boolean";
    default:
      return value instanceof Uint8Array ? "bytea" : "text";
  }
}

export const always: SqlPart = sql`true`;
export const never: SqlPart = sql`false`;

/** Takes NULL for false, here and nowhere else: around a condition that may use an index, `IS TRUE` would keep it from that. */
export function not(part: SqlPart): SqlPart {
  return sql`((${part}) IS NOT TRUE)`;
}

/** All of them, or any of them, as a balanced tree: a chain of thousands would be as deep as it is long. */
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
