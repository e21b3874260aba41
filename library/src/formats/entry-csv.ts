/** The columns of CSV: fields of the query language, and a few that put several of them together. */

import type { Json } from "../base/canonical-json.ts";
import { AuditError, suggestion } from "../base/errors.ts";
import { formatInstant } from "../base/time.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { Entry } from "../event/entry.ts";
import { reference } from "../event/event.ts";
import { fieldValues } from "../query/field-values.ts";
import { fields } from "../query/fields.ts";
import { parseFieldPath } from "../query/parse-field-name.ts";
import { listChanges } from "./changes.ts";
import { showChange, showNotes, showSentence } from "./entry-text.ts";

/** Names that only lists have. */
export const composedNames: readonly string[] = ["sentence", "changes", "notes"];

/** Fields of every event; whatever an application adds is in data, before and after, as JSON. */
export const defaultColumns: readonly string[] = [
  ...["seq", "time", "recorded", "action", "outcome", "severity", "actor", "actor.name", "target", "target.name"],
  ...["message", "reason", "error.message", "changes", "data", "source", "ip", "operation", "id", "hash"],
];

/** Reads all values of a field. */
export interface FieldReader {
  (entry: Entry): readonly Json[];
  readonly isTime: boolean;
}

/** Errors: `QUERY_INVALID` for a name that is no field. */
export function fieldReader(name: string): FieldReader {
  try {
    const { field, path } = parseFieldPath(name);
    return Object.assign((entry: Entry) => fieldValues(entry, field, path), { isTime: field.type === "time" });
  } catch (error) {
    const near = suggestion(name, [...fields.map((field) => field.name), ...composedNames]);
    const message = `There is no column ${JSON.stringify(name)}.${near} Columns are the fields of queries, and ${composedNames.join(", ")}.`;
    throw new AuditError("QUERY_INVALID", message, { cause: error, details: { column: name } });
  }
}

/** A column's exact text, for CSV: times in UTC, actors and targets as `type/id`. Errors: `QUERY_INVALID`. */
export function columnReader(name: string, catalogue: Catalogue | undefined): (entry: Entry) => string {
  if (name === "sentence") return ({ event }) => showSentence(event, catalogue);
  if (name === "changes") return ({ event }) => listChanges(event).map(showChange).join("\n");
  if (name === "notes") return ({ event }) => showNotes(event);
  if (name === "hash") return ({ hash }) => hash;
  const read = fieldReader(name);
  return (entry) =>
    read(entry)
      .map((value) => (read.isTime ? formatInstant(value as number) : plainText(value)))
      .join("\n");
}

function plainText(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "type" in value)
    return reference(value as { readonly type: string });
  return JSON.stringify(value);
}
