/**
 * The catalogue: every log and every action of one application, typed.
 *
 * The compiler, the engine, the console and the documentation all read the same object. Mistakes in it are set-up
 * mistakes: they throw `CATALOGUE_INVALID` here, when it is defined, never while recording.
 */

import { z } from "zod";

import { AuditError, assertKnownOptions, quote, suggestion } from "../base/errors.ts";
import { action, type Action } from "./action.ts";
import { kindsOfDoing, severities, logOf } from "./event.ts";
import { marksOf, type MarkTree } from "./marks.ts";
import { sentenceProblem } from "./sentence.ts";
import { systemLog } from "./system-log.ts";

export type Actions = Readonly<Record<string, Action>>;

/** How a log is shown as a list: query fields, such as `time`, `actor` or `data.balanceBefore`. */
export interface ListOptions {
  readonly columns?: readonly string[];
  readonly filters?: readonly string[];
  readonly search?: readonly string[];
}

export interface LogOptions<A extends Actions, Other extends Action | undefined> {
  /** The log's name for people: `Voucher log`. */
  readonly title: string;
  readonly actions: A;
  /** Makes the log open: it also takes action names that are not listed, with this description. */
  readonly otherActions?: Other;
  readonly list?: ListOptions;
  /** How long entries are kept; for ever when absent. */
  readonly retain?: { readonly days: number };
  /** Who may read the log: all staff, or only readers with that grant. */
  readonly readers?: "staff" | "restricted";
}

/** A named family of actions that people read together. */
export interface Log<
  Name extends string = string,
  A extends Actions = Actions,
  Other extends Action | undefined = Action | undefined,
> {
  readonly name: Name;
  readonly title: string;
  readonly actions: A;
  readonly otherActions: Other;
  readonly list: ListOptions;
  readonly retain: { readonly days: number } | undefined;
  readonly readers: "staff" | "restricted";
}

const logName = /^[a-z][a-z0-9-]{0,62}$/;
const actionName = /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*$/;
const guarantees: readonly string[] = ["atomic", "durable", "buffered"];
const logOptions = ["title", "actions", "otherActions", "list", "retain", "readers"];

/**
 * Defines a log. Its actions are called `<log>.<action>`: `voucher.applied`.
 *
 * Errors: `CATALOGUE_INVALID`, `OPTION_UNKNOWN`.
 *
 * @example
 * const voucherLog = defineLog("voucher", {
 *   title: "Voucher log",
 *   actions: { applied: action({ op: "update", says: "{actor} applied voucher {target}" }) },
 * });
 */
export function defineLog<const Name extends string, A extends Actions, Other extends Action | undefined = undefined>(
  name: Name,
  options: LogOptions<A, Other>,
): Log<Name, A, Other> {
  assertKnownOptions(`defineLog(${quote(name)})`, options, logOptions);
  if (!logName.test(name))
    throw invalid(name, "its name must be lower-case letters, digits and dashes, such as order-validation");
  for (const [actionKey, definition] of Object.entries(options.actions)) assertAction(name, actionKey, definition);
  if (options.otherActions !== undefined) assertAction(name, "other", options.otherActions);
  if (options.retain !== undefined && !(Number.isFinite(options.retain.days) && options.retain.days > 0))
    throw invalid(name, "retain.days must be a number above zero");
  if (options.readers !== undefined && !["staff", "restricted"].includes(options.readers))
    throw invalid(name, `readers is ${quote(options.readers)}, expected staff or restricted`);
  return {
    name,
    title: options.title,
    actions: options.actions,
    otherActions: options.otherActions as Other,
    list: options.list ?? {},
    retain: options.retain,
    readers: options.readers ?? "staff",
  };
}

function assertAction(log: string, name: string, definition: Action): void {
  const at = `action ${quote(name)}`;
  if (!actionName.test(name))
    throw invalid(log, `${at} must be made of letters, digits, - and _, in parts separated by dots`);
  if (!kindsOfDoing.includes(definition.op))
    throw invalid(log, `${at} has op ${quote(definition.op)}, expected one of ${kindsOfDoing.join(", ")}`);
  if (!severities.includes(definition.severity))
    throw invalid(log, `${at} has severity ${quote(definition.severity)}, expected one of ${severities.join(", ")}`);
  if (!guarantees.includes(definition.guarantee))
    throw invalid(log, `${at} has guarantee ${quote(definition.guarantee)}, expected one of ${guarantees.join(", ")}`);
  if (!["required", "optional"].includes(definition.reason))
    throw invalid(log, `${at} has reason ${quote(definition.reason)}, expected required or optional`);
  const problem = sentenceProblem(definition.says);
  if (problem !== undefined) throw invalid(log, `the sentence of ${at} ${problem}`);
  if (!Number.isSafeInteger(definition.version) || definition.version < 1)
    throw invalid(log, `${at} has version ${definition.version}, expected a whole number from 1`);
  for (let version = 1; version < definition.version; version += 1) {
    if (typeof definition.upcast[version] !== "function") {
      throw invalid(
        log,
        `${at} is at version ${definition.version} but has no upcast from version ${version}; old entries could not be read`,
      );
    }
  }
}

function invalid(log: string, problem: string): AuditError {
  return new AuditError("CATALOGUE_INVALID", `Cannot define log ${quote(log)}: ${problem}.`, { details: { log } });
}

/** An action with all that the engine needs to know about it, found by its full name. */
export interface CatalogueAction {
  readonly name: string;
  readonly log: Log;
  readonly definition: Action;
  readonly dataMarks: MarkTree | undefined;
  readonly stateMarks: MarkTree | undefined;
}

/** The actions that a log contributes to the catalogue's types, by full name. */
export type ActionsOf<L> =
  L extends Log<infer Name, infer A, infer Other>
    ? { readonly [Key in keyof A & string as `${Name}.${Key}`]: A[Key] } & (Other extends Action
        ? { readonly [Key in `${Name}.${string}`]: Other }
        : unknown)
    : never;

type Intersect<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never;

/** All logs of one application. `A` maps full action names to their definitions. */
export interface Catalogue<A extends Actions = Actions> {
  readonly logs: ReadonlyMap<string, Log>;
  /** Full names of all listed actions, sorted. */
  readonly actionNames: readonly string[];
  lookup(name: string): CatalogueAction | undefined;
  /** Errors: `ACTION_UNKNOWN`, naming the nearest known action. */
  find(name: string): CatalogueAction;
  /** Present in types only: what `record()` accepts. */
  readonly actions?: A;
}

/**
 * Puts logs together into the catalogue of an application. Errors: `CATALOGUE_INVALID` where two logs share a name or
 * one takes the name `auditrail`, which holds what the audit trail says of itself.
 */
export function defineCatalogue<const L extends readonly Log[]>(
  ...logs: L
): Catalogue<Intersect<ActionsOf<L[number]>> extends infer A extends Actions ? A : Actions> {
  const byName = new Map<string, Log>([[systemLog.name, systemLog]]);
  for (const log of logs) {
    if (byName.has(log.name))
      throw invalid(log.name, log.name === systemLog.name ? "the name is ours" : "another log has that name");
    byName.set(log.name, log);
  }
  return buildCatalogue(byName);
}

/** A catalogue that takes any well-formed action with any data: for tools that have no catalogue of their own. */
export function openCatalogue(): Catalogue {
  return buildCatalogue(new Map([[systemLog.name, systemLog]]), anyAction);
}

const anyAction = action({ op: "other", says: "{actor}: {action} {target}", data: z.unknown() });

function buildCatalogue<A extends Actions>(logs: ReadonlyMap<string, Log>, fallback?: Action): Catalogue<A> {
  const known = new Map<string, CatalogueAction>();
  for (const log of logs.values()) {
    for (const [key, definition] of Object.entries(log.actions)) {
      const name = `${log.name}.${key}`;
      known.set(name, resolve(name, log, definition));
    }
  }
  const actionNames = [...known.keys()].sort();
  const lookup = (name: string) => known.get(name) ?? openAction(logs, name, fallback);
  return {
    logs,
    actionNames,
    lookup,
    find(name) {
      // JavaScript callers pass anything.
      const found = typeof name === "string" ? lookup(name) : undefined;
      if (found !== undefined) return found;
      throw new AuditError(
        "ACTION_UNKNOWN",
        `Cannot record ${quote(name)}: the catalogue has no such action.${suggestion(String(name), actionNames)} Add it to a log with defineLog().`,
        { details: { action: name } },
      );
    },
  };
}

/** The description of a name that no log lists, where its log is open (or the whole catalogue is). */
function openAction(
  logs: ReadonlyMap<string, Log>,
  name: string,
  fallback: Action | undefined,
): CatalogueAction | undefined {
  const logPart = typeof name === "string" ? logOf(name) : name;
  if (logPart === name || !logName.test(logPart) || !actionName.test(name.slice(logPart.length + 1))) return undefined;
  const log = logs.get(logPart);
  if (log !== undefined) return log.otherActions === undefined ? undefined : resolve(name, log, log.otherActions);
  if (fallback === undefined) return undefined;
  const made: Log = {
    name: logPart,
    title: logPart,
    actions: {},
    otherActions: fallback,
    list: {},
    retain: undefined,
    readers: "staff",
  };
  return resolve(name, made, fallback);
}

function resolve(name: string, log: Log, definition: Action): CatalogueAction {
  return {
    name,
    log,
    definition,
    dataMarks: definition.data === undefined ? undefined : marksOf(definition.data),
    stateMarks: definition.state === undefined ? undefined : marksOf(definition.state),
  };
}
