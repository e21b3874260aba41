/** From a mapping file to functions of a record; problems are gathered, so that all of them are told at once. */

import type { Json, JsonObject } from "../base/canonical-json.ts";
import { isAuditError, quote } from "../base/errors.ts";
import { assertZone } from "../query/zone.ts";
import { parseExpression, type Expression } from "./expression.ts";
import type { MappingFile } from "./mapping-schema.ts";
import { createTimeReader, type ReadTime } from "./time-format.ts";

type Given = Json | { readonly value: Json; readonly map: JsonObject; readonly otherwise?: Json | undefined };

export function catchProblem<Result>(make: () => Result, problems: string[]): Result | undefined {
  try {
    return make();
  } catch (error) {
    if (!isAuditError(error)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

export interface Time {
  readonly find: Expression;
  readonly read: ReadTime;
  readonly format: string;
}

export function compileTime(time: MappingFile["occurredAt"], problems: string[]): Time | undefined {
  const { value, format = "rfc3339", zone = "UTC" } = typeof time === "string" ? { value: time } : time;
  const find = compile(value, "occurredAt", problems);
  const read = catchProblem(() => {
    assertZone(zone);
    return createTimeReader(format, zone);
  }, problems);
  if (read !== undefined && "problem" in read) problems.push(`occurredAt: the format ${quote(format)} ${read.problem}`);
  return read === undefined || "problem" in read ? undefined : { find, read, format };
}

function compile(given: Given, at: string, problems: string[]): Expression {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const expression = parseExpression(given as Json);
    if (typeof expression === "function") return expression;
    problems.push(`${at} ${expression.problem}`);
    return () => undefined;
  }
  const { value, map, otherwise } = given as { value: Json; map: JsonObject; otherwise?: Json };
  const find = compile(value, at, problems);
  const table = new Map(Object.entries(map).map(([key, each]) => [key, compile(each, `${at}.map.${key}`, problems)]));
  // What is in no table stays as it is.
  const other = otherwise === undefined ? find : compile(otherwise, `${at}.otherwise`, problems);
  return (record) => {
    const found = find(record);
    return (found === undefined ? other : (table.get(String(found as string)) ?? other))(record);
  };
}

export type Members = readonly (readonly [name: string, expression: Expression])[];

function compileMembers(members: object | undefined, at: string, problems: string[]): Members {
  return Object.entries(members ?? {})
    .filter(([, given]) => given !== undefined)
    .map(([name, given]) => [name, compile(given as Given, `${at}.${name}`, problems)]);
}

export interface CompiledActor {
  readonly members: Members;
  readonly roles: readonly Expression[];
}

function compileActor(
  { roles = [], ...members }: NonNullable<MappingFile["actor"]>,
  at: string,
  problems: string[],
): CompiledActor {
  return {
    members: compileMembers(members, at, problems),
    roles: roles.map((role, index) => compile(role, `${at}.roles.${index}`, problems)),
  };
}

export type Compiled = ReturnType<typeof compileFields>;

export function compileFields(file: MappingFile, problems: string[]) {
  const { outcome, severity, message, reason, durationMs, operationId, correlationId, causationId } = file;
  return {
    action: compile(file.action, "action", problems),
    id: file.id === undefined ? undefined : compile(file.id, "id", problems),
    single: compileMembers(
      { outcome, severity, message, reason, durationMs, operationId, correlationId, causationId },
      "",
      problems,
    ),
    actor: file.actor === undefined ? undefined : compileActor(file.actor, "actor", problems),
    onBehalfOf: (file.onBehalfOf ?? []).map((actor, index) => compileActor(actor, `onBehalfOf.${index}`, problems)),
    targets: [
      ...(file.target === undefined ? [] : [compileMembers(file.target, "target", problems)]),
      ...(file.targets ?? []).map((target, index) => compileMembers(target, `targets.${index}`, problems)),
    ],
    error: compileMembers(file.error, "error", problems),
    context: compileMembers(file.context, "context", problems),
    subjects: (file.subjects ?? []).map((subject, index) => compile(subject, `subjects.${index}`, problems)),
    before: compileMembers(file.before, "before", problems),
    after: compileMembers(file.after, "after", problems),
    data: compileMembers(file.data, "data", problems),
    keepOriginal: file.keepOriginal ?? true,
  };
}
