/** The one table of what can be asked for: the parser, the matcher, the stores, the console and the reference read it. */

import { AuditError, quote, suggestion } from "../base/errors.ts";
import type { Op, Outcome, Severity, Source } from "../event/event.ts";

/** This folder loads nothing of event/, so the values are named again; the compiler holds them to the event's types. */
const namesOf = <Name extends string>(names: Record<Name, true>): readonly string[] => Object.keys(names);
const outcomes = namesOf<Outcome>({ success: true, failure: true, denied: true, unknown: true });
const severities = namesOf<Severity>({ info: true, warning: true, error: true, critical: true });
const sources = namesOf<Source>({ http: true, bot: true, job: true, cli: true, trigger: true, import: true });
const kindsOfDoing = namesOf<Op>({
  ...{ create: true, read: true, update: true, delete: true, auth: true },
  ...{ grant: true, revoke: true, execute: true, export: true, other: true },
});

/**
 * - `text`: exact, or with `*`
 * - `choice`: a text out of `values`
 * - `reference`: `type/id`, or the id alone
 * - `number`, `time`: compared, and ranges
 * - `value`: whatever the application put there; takes a path
 * - `pointer`: paths inside the event or its state; a path stands for all that is below it
 */
export type FieldType = "text" | "choice" | "reference" | "number" | "time" | "value" | "pointer";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly says: string;
  /**
   * Where its values are in the event; `*` goes through all items of an array. Empty for what is not in the event but
   * comes with the entry: `seq`, `recorded`, `erased`.
   */
  readonly where: readonly string[];
  readonly values?: readonly string[];
  /** Whether it can be personal data, which is kept beside the entry and can be erased. */
  readonly personal?: true;
}

const text = (name: string, where: string, says: string): Field => ({
  name,
  type: "text",
  says,
  where: where.split("."),
});
const personal = (name: string, where: string, says: string): Field => ({ ...text(name, where, says), personal: true });
const choice = (name: string, values: readonly string[], where: string, says: string): Field => ({
  ...{ name, type: "choice", says, values },
  where: where.split("."),
});
const of = (type: FieldType, name: string, where: string, says: string): Field => ({
  ...{ name, type, says },
  where: where === "" ? [] : where.split("."),
});

/** In the order of the reference page. */
export const fields: readonly Field[] = Object.freeze([
  // What
  text("action", "action", "What happened: the action's full name."),
  text("log", "log", "The log that the action belongs to: the part of its name before the first dot."),
  choice("op", kindsOfDoing, "op", "What kind of doing it is."),
  choice("severity", severities, "severity", "How much it matters."),
  text("message", "message", "The message, whole; free words search inside it."),
  of("number", "version", "version", "The version of the action's catalogue entry."),
  // Result
  choice("outcome", outcomes, "outcome", "How it ended."),
  of("value", "error", "error", "The error; use it as has:error."),
  text("error.name", "error.name", "The error's class."),
  text("error.code", "error.code", "The error's code."),
  text("error.message", "error.message", "The error's message."),
  of("number", "duration", "durationMs", "How long it took, in milliseconds."),
  // Who
  of("reference", "actor", "actor", "Who did it: type/id, or the id alone."),
  text("actor.type", "actor.type", "What kind of actor."),
  text("actor.id", "actor.id", "The actor's id."),
  personal("actor.name", "actor.name", "The actor's name at that time."),
  personal("actor.email", "actor.email", "The actor's e-mail address at that time."),
  text("actor.role", "actor.roles.*", "Any of the roles the actor had."),
  text("actor.credential", "actor.credential", "The id of the key, session or certificate that was used."),
  text("actor.agent", "actor.agent", "The software that acted for the actor."),
  of("reference", "onBehalfOf", "onBehalfOf.*", "Anyone in the chain for whom it was done."),
  text("onBehalfOf.type", "onBehalfOf.*.type", "What kind of actor any of them is."),
  text("onBehalfOf.id", "onBehalfOf.*.id", "The id of any of them."),
  personal("onBehalfOf.name", "onBehalfOf.*.name", "The name of any of them."),
  personal("onBehalfOf.email", "onBehalfOf.*.email", "The e-mail address of any of them."),
  // On what
  of("reference", "target", "targets.*", "Any object that was acted on: type/id, or the id alone."),
  text("target.type", "targets.*.type", "What kind of object any of them is."),
  text("target.id", "targets.*.id", "The id of any of them."),
  personal("target.name", "targets.*.name", "The name any of them had."),
  text("target.role", "targets.*.role", "The part that any of them played."),
  of("reference", "target.parent", "targets.*.parent", "What any of them belongs to."),
  of("reference", "subject", "subjects.*", "Whose personal data it is: any of the data subjects."),
  // Change
  of("value", "before", "before", "A value before the change: before.role. Without a path, before:TIME."),
  of("value", "after", "after", "A value after the change: after.role. Without a path, after:TIME."),
  of("pointer", "changed", "changed.*", "A path that changed, or one below it."),
  // When
  of("time", "time", "occurredAt", "When it happened. after: and before: are short for it."),
  of("time", "recorded", "", "When it was recorded."),
  // Where
  choice("source", sources, "context.source", "Where it came in."),
  personal("ip", "context.ip", "The address it came from."),
  personal("userAgent", "context.userAgent", "The browser or program it came from."),
  text("request", "context.requestId", "The request's id."),
  text("session", "context.sessionId", "The session's id."),
  text("trace", "context.traceId", "The trace's id."),
  text("span", "context.spanId", "The span's id."),
  text("route", "context.route", "The route that was called."),
  text("service", "context.service", "The service that did it."),
  // Why
  text("reason", "reason", "The reason that was given."),
  text("correlation", "correlationId", "What ties several operations together."),
  text("causation", "causationId", "The event or command that led to it."),
  text("operation", "operationId", "The one run of something that it belongs to."),
  // Payload
  of("value", "data", "data", "A value of the action's data: data.balanceAfter."),
  // The entry
  text("id", "id", "The event's id."),
  of("number", "seq", "", "The entry's position in the trail."),
  text("producer", "producer", "The process that recorded it."),
  // Marks
  of("pointer", "redacted", "redacted.*.path", "A path that was masked, or one below it."),
  of("pointer", "truncated", "truncated.*.path", "A path that was cut for its size, or one below it."),
  of("pointer", "erased", "", "A path whose personal data was erased, or one below it."),
  of("number", "collapsed", "collapsed.count", "How many like events were kept as this one."),
]);

const byName: ReadonlyMap<string, Field> = new Map(fields.map((field) => [field.name, field]));

export function findField(name: string): Field | undefined {
  return byName.get(name);
}

/** Errors: `QUERY_INVALID` for a name that is not in the table; such a query was not made by the parser. */
export function fieldOf(name: string): Field {
  const field = byName.get(name);
  if (field !== undefined) return field;
  throw new AuditError("QUERY_INVALID", `There is no field ${quote(name)}.${suggestion(name, byName.keys())}`, {
    details: { field: name },
  });
}

/** Names that start a term of their own: the fields, and `has`. */
export const termNames: readonly string[] = Object.freeze([...byName.keys(), "has"]);

/** Whether a field takes a path below it: `data.balanceAfter`. */
export function isOpen(field: Field): boolean {
  return field.type === "value" && field.name !== "error";
}
