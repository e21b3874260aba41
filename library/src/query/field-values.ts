/** The values of a field in an entry: what the matcher tests, and what counts are grouped by. */

import { parseInstant } from "../base/time.ts";
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Entry } from "../event/entry.ts";
import type { PathStep } from "./ast.ts";
import type { Field } from "./fields.ts";

/** All values that are there and not null. An array at the end of a path stands for its items. */
export function fieldValues(entry: Entry, field: Field, path: readonly PathStep[] = []): readonly Json[] {
  const value = ownValues(entry, field.name);
  if (value !== undefined) return value;
  let values: readonly Json[] = [entry.event as unknown as JsonObject];
  for (const name of field.where) values = values.flatMap((each) => (name === "*" ? items(each) : step(each, name)));
  for (const name of path) values = values.flatMap((each) => step(each, name));
  if (field.type === "value")
    values = values.flatMap((each) => (Array.isArray(each) ? (each as readonly Json[]) : [each]));
  return values.filter((each) => each !== null && each !== undefined);
}

/** What is not in the event as it is asked for. */
function ownValues({ seq, recordedAt, erased, event }: Entry, field: string): readonly Json[] | undefined {
  switch (field) {
    case "seq":
      return [seq];
    case "recorded":
      return [parseInstant(recordedAt)];
    case "time":
      return [parseInstant(event.occurredAt)];
    case "erased":
      return erased;
    case "log":
      return [event.action.split(".", 1)[0]!];
    default:
      return undefined;
  }
}

function items(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Below a value: a number is a place in an array, a text the name of a member. */
function step(value: Json, name: PathStep): readonly Json[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    const item = typeof name === "number" ? (value as readonly Json[])[name] : undefined;
    return item === undefined ? [] : [item];
  }
  return typeof name === "string" && Object.hasOwn(value, name) ? [(value as JsonObject)[name]!] : [];
}
