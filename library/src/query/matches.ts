/** What a query means: every store gives exactly the entries that this accepts. */

import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Entry } from "../event/entry.ts";
import type { AuditEvent } from "../event/event.ts";
import type { Comparison, FieldQuery, Query, Test, Words } from "./ast.ts";
import { fieldOf } from "./fields.ts";
import { fieldValues } from "./field-values.ts";
import { decimalNumber, trimDecimal } from "./parse-number.ts";
import { searchText } from "./search-text.ts";
import { fits } from "./wildcard.ts";

/** Whether an entry is one that the query asks for. Errors: `QUERY_INVALID` for a field that is not in the table. */
export function matches(query: Query, entry: Entry): boolean {
  switch (query.kind) {
    case "everything":
      return true;
    case "and":
      return query.parts.every((part) => matches(part, entry));
    case "or":
      return query.parts.some((part) => matches(part, entry));
    case "not":
      return !matches(query.part, entry);
    case "words":
      return hasWords(query, entry.event);
    case "field":
      return matchesField(query, entry);
  }
}

/** A query asks the same event for several words, and a page asks many queries of one event. */
const searchTexts = new WeakMap<AuditEvent, string>();

function hasWords({ words, prefix }: Words, event: AuditEvent): boolean {
  let text = searchTexts.get(event);
  if (text === undefined) searchTexts.set(event, (text = ` ${searchText(event)} `));
  return text.includes(` ${words.join(" ")}${prefix ? "" : " "}`);
}

function matchesField({ field: name, path, tests }: FieldQuery, entry: Entry): boolean {
  const field = fieldOf(name);
  const found = fieldValues(entry, field, path);
  // A reference without an id, such as an unknown actor's, refers to nobody.
  const values = field.type === "reference" ? found.filter((value) => matchesReference(anyId, value)) : found;
  return tests.some((test) =>
    test.kind === "null" ? values.length === 0 : values.some((value) => passes(test, value)),
  );
}

function passes(test: Exclude<Test, { kind: "null" }>, value: Json): boolean {
  switch (test.kind) {
    case "exists":
      return true;
    case "text":
      return typeof value === "string" && fits(test.pattern, value);
    case "number":
      return typeof value === "string" ? isSameDecimal(value, test.text) : value === test.number;
    case "boolean":
      return value === test.boolean || value === String(test.boolean);
    case "compare":
      return compare(numberOf(value), test.operator, test.number);
    case "range":
      return compare(numberOf(value), ">=", test.from) && compare(numberOf(value), "<=", test.to);
    case "reference":
      return matchesReference(test, value);
    case "time":
      return typeof value === "number" && value >= (test.from ?? -Infinity) && value < (test.to ?? Infinity);
    case "pointer":
      return (
        typeof value === "string" &&
        (fits(test.pattern, value) || fits([...test.pattern.slice(0, -1), `${test.pattern.at(-1)}/`, ""], value))
      );
  }
}

/** The very text, or the same decimal: `12.50` is `12.5`, but `007` is not `7`, because numbers of things are texts. */
function isSameDecimal(value: string, text: string): boolean {
  return value === text || trimDecimal(value) === trimDecimal(text);
}

function numberOf(value: Json): number {
  if (typeof value === "number") return value;
  return (typeof value === "string" ? decimalNumber(value) : undefined) ?? Number.NaN;
}

function compare(value: number, operator: Comparison, number: number): boolean {
  switch (operator) {
    case "<":
      return value < number;
    case "<=":
      return value <= number;
    case ">":
      return value > number;
    case ">=":
      return value >= number;
  }
}

const anyId = { kind: "reference", id: ["", ""] } as const;

/** Of an object, its type and id; of a text, what stands before and after its first slash. */
function matchesReference({ type, id }: Test & { readonly kind: "reference" }, value: Json): boolean {
  const found = typeof value === "string" ? splitText(value) : (value as JsonObject);
  if (typeof found["id"] !== "string" || !fits(id, found["id"])) return false;
  return type === undefined || (typeof found["type"] === "string" && fits(type, found["type"]));
}

function splitText(text: string): JsonObject {
  const slash = text.indexOf("/");
  return slash === -1 ? { type: text } : { type: text.slice(0, slash), id: text.slice(slash + 1) };
}
