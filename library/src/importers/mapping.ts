import { z } from "zod";

import type { Json, JsonObject } from "../base/canonical-json.ts";
import { encodeHex } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { action } from "../event/action.ts";
import { defineLog, type Log } from "../event/catalogue.ts";
import type { Actor, EventFields, Target } from "../event/event.ts";
import { personal } from "../event/marks.ts";
import {
  catchProblem,
  compileFields,
  compileTime,
  type Compiled,
  type CompiledActor,
  type Members,
  type Time,
} from "./compile-mapping.ts";
import type { Reading } from "./importer.ts";
import { invalidMapping, parseMapping, type MappingFile } from "./mapping-schema.ts";

/** A mapping file, ready to be applied to records. */
export interface Mapping {
  /** The log that events go to; open, because a mapping does not list its actions. */
  readonly log: Log;
  /** Changes whenever the file does. */
  readonly fingerprint: string;
  /** Whether the mapping says what identifies a record. */
  readonly identifies: boolean;
  readonly csv: NonNullable<MappingFile["csv"]>;
  /** The event of a record; `original` is what is kept of the record as it was. Never throws. */
  apply(record: JsonObject, original: Json): Reading;
}

/**
 * Reads a mapping: the JSON text of a file, whose name is for errors. Errors: `IMPORT_INVALID`, naming every problem.
 */
export function createMapping(text: string, name: string): Mapping {
  const file = parseMapping(text, name);
  const problems: string[] = [];
  const log = catchProblem(() => defineMappedLog(file), problems);
  const readTime = compileTime(file.occurredAt, problems);
  const compiled = compileFields(file, problems);
  if (problems.length > 0) throw invalidMapping(name, problems);
  return {
    log: log!,
    fingerprint: encodeHex(sha256(JSON.stringify(file))).slice(0, 32),
    identifies: file.id !== undefined,
    csv: file.csv ?? {},
    apply: (record, original) => applyFields(record, original, { ...compiled, log: file.log, readTime: readTime! }),
  };
}

function defineMappedLog({ log, title, says }: MappingFile): Log {
  return defineLog(log, {
    title: title ?? log,
    actions: {},
    otherActions: action({
      op: "other",
      says: says ?? "{actor}: {action} {target}",
      // Whatever the mapping puts there; the record as it was may hold anybody's data, and goes with the actor's.
      data: z.looseObject({ original: personal(z.unknown(), { of: "actor" }).optional() }),
    }),
  });
}

type Applied = Compiled & { readonly log: string; readonly readTime: Time };

function applyFields(record: JsonObject, original: Json, mapping: Applied): Reading {
  const time = mapping.readTime.find(record);
  if (time === undefined) return { malformed: "it has no time where the mapping looks for one" };
  const occurredAtMicros = mapping.readTime.read(time);
  if (occurredAtMicros === undefined)
    return { malformed: `its time ${quote(textOf(time))} is not ${mapping.readTime.format}` };
  const actionName = mapping.action(record);
  if (actionName === undefined) return { malformed: "it has no action where the mapping looks for one" };
  const action = fullName(mapping.log, textOf(actionName));
  if (!actionPattern.test(action))
    return {
      malformed: `its action ${quote(textOf(actionName))} is no name: expected letters, digits, - and _, in parts separated by dots`,
    };
  const identity = mapping.id?.(record);
  if (mapping.id !== undefined && identity === undefined)
    return { malformed: "it has no id where the mapping looks for one" };
  return {
    event: {
      action,
      occurredAtMicros,
      fields: fieldsOf(record, original, mapping),
      ...(identity === undefined ? {} : { identity: textOf(identity) }),
    },
  };
}

/** What the catalogue takes for the name of an action. */
const actionPattern = /^[a-z][a-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)+$/;

function fullName(log: string, name: string): string {
  return name.startsWith(`${log}.`) ? name : `${log}.${name}`;
}

function fieldsOf(record: JsonObject, original: Json, mapping: Applied): Omit<EventFields, "id" | "occurredAt"> {
  const actor = mapping.actor === undefined ? undefined : actorOf(record, mapping.actor);
  const onBehalfOf = mapping.onBehalfOf.map((each) => actorOf(record, each)).filter((each) => each !== undefined);
  const targets = mapping.targets.map((members) => targetOf(record, members)).filter((each) => each !== undefined);
  const subjects = mapping.subjects.map((find) => find(record)).filter((each) => each !== undefined);
  const { durationMs, ...single } = valuesOf(record, mapping.single);
  const error = textsOf(record, mapping.error);
  return {
    ...textMembers(single),
    ...(durationMs === undefined ? {} : { durationMs: Number(durationMs) }),
    ...(actor && { actor }),
    ...(onBehalfOf.length > 0 && { onBehalfOf }),
    ...(targets.length > 0 && { targets }),
    ...(error["message"] !== undefined && { error: { name: error["code"] ?? "Error", ...error } }),
    ...(mapping.context.length > 0 && { context: textsOf(record, mapping.context) }),
    ...(subjects.length > 0 && { subjects: subjects.map(textOf) }),
    ...(mapping.before.length > 0 && { before: valuesOf(record, mapping.before) }),
    ...(mapping.after.length > 0 && { after: valuesOf(record, mapping.after) }),
    ...dataOf(record, original, mapping),
  };
}

function dataOf(record: JsonObject, original: Json, { data, keepOriginal }: Applied): { readonly data?: unknown } {
  if (data.length === 0 && !keepOriginal) return {};
  return { data: { ...valuesOf(record, data), ...(keepOriginal && { original }) } };
}

function valuesOf(record: JsonObject, members: Members): Readonly<Record<string, Json>> {
  const values: Record<string, Json> = {};
  for (const [name, find] of members) {
    const value = find(record);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function textsOf(record: JsonObject, members: Members): Readonly<Record<string, string>> {
  return textMembers(valuesOf(record, members));
}

function textMembers(values: Readonly<Record<string, Json>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** An actor of whom the record says nothing but the type is nobody. */
function actorOf(record: JsonObject, { members, roles }: CompiledActor): Actor | undefined {
  const { type, ...rest } = textsOf(record, members);
  if (type === undefined || Object.keys(rest).length === 0) return undefined;
  const named = roles.map((role) => role(record)).filter((role) => role !== undefined);
  return { type, ...rest, ...(named.length > 0 && { roles: named.map(textOf) }) };
}

function targetOf(record: JsonObject, members: Members): Target | undefined {
  const { type, id, ...rest } = textsOf(record, members);
  return type === undefined || id === undefined ? undefined : { type, id, ...rest };
}
