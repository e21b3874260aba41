/** The name of the schema, and texts as Postgres can hold them. */

import { AuditError, quote } from "../../base/errors.ts";

export const defaultSchema = "auditrail";

/** Errors: `OPTION_INVALID`. */
export function assertSchemaName(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,47}$/.test(schema) && !schema.startsWith("pg_")) return;
  throw new AuditError(
    "OPTION_INVALID",
    `Cannot use ${quote(schema)} as the name of a schema: expected 1 to 48 small letters, digits and underscores, a letter first, and not pg_.`,
  );
}

/** Our SQL with the schema's name put in; `$schema` is the only thing that is ever put into it. */
export function inSchema(sql: string, schema: string): string {
  return sql.replaceAll("$schema", `"${schema}"`);
}

/** Postgres texts cannot hold NUL, which JSON can: columns, and values that are compared with them, have U+FFFF instead. */
export function withoutNul(text: string): string {
  return text.replaceAll("\u0000", "\uffff");
}

/** A text as JSON writes it, without the marks around it: any text fits, most are as they were, and it can be read back. */
export function writtenText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

export function readWrittenText(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}
