import type { z } from "zod";

import { asSentence, AuditError, quote, suggestion } from "../base/errors.ts";
import type { CatalogueAction } from "./catalogue.ts";
import type { EventFields } from "./event.ts";

export type Payload = Pick<EventFields, "data" | "before" | "after">;

/**
 * The payload as the action's schemas read it. Members that a schema does not name are an error, not dropped: what an
 * audit trail drops in silence is missed by nobody until it is needed.
 *
 * Errors: `EVENT_INVALID`, listing every problem.
 */
export function checkPayload(action: CatalogueAction, given: EventFields): Payload {
  const { data, state, reason } = action.definition;
  const problems: string[] = [];
  const checked = {
    data: checkData(given.data, data, problems),
    before: given.before === undefined ? undefined : checkPart("before", given.before, state, problems),
    after: given.after === undefined ? undefined : checkPart("after", given.after, state, problems),
  };
  if (reason === "required" && given.reason === undefined)
    problems.push("reason is required: say why it was done, or name the ticket");
  if (problems.length === 0) return checked;
  throw new AuditError("EVENT_INVALID", asSentence(`Cannot record ${quote(action.name)}: ${problems.join("; ")}`), {
    details: { action: action.name, problems },
  });
}

function checkData(value: unknown, schema: z.ZodType | undefined, problems: string[]): unknown {
  if (schema !== undefined) return checkPart("data", value, schema, problems);
  if (value === undefined) return undefined;
  problems.push("data was given, but the catalogue gives this action none. Add a data schema to it");
  return undefined;
}

function checkPart(name: string, value: unknown, schema: z.ZodType | undefined, problems: string[]): unknown {
  if (schema === undefined) return value;
  const result = parse(schema, value);
  if (result.success) {
    findUnread(name, value, result.data, problems);
    return result.data;
  }
  for (const issue of result.error.issues) {
    problems.push(`${[name, ...issue.path.map(String)].join(".")}: ${issue.message}`);
  }
  return undefined;
}

/** A schema may run our caller's code on hostile values; whatever that throws is the payload's fault here. */
function parse(schema: z.ZodType, value: unknown): z.ZodSafeParseResult<unknown> {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    throw new AuditError(
      "EVENT_INVALID",
      "Cannot read the event's payload: its schema threw, or is asynchronous. See the cause.",
      { cause },
    );
  }
}

/** Names members that the schema left out of what it read. */
function findUnread(path: string, given: unknown, read: unknown, problems: string[]): void {
  if (given === read || !isPlain(given) || !isPlain(read)) return;
  const names = Object.keys(read);
  for (const name of Object.keys(given)) {
    if (given[name] === undefined) continue;
    if (Object.hasOwn(read, name)) findUnread(`${path}.${name}`, given[name], read[name], problems);
    else problems.push(`${path} has no member ${quote(name)} in the catalogue.${suggestion(name, names)}`);
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
