/**
 * Who and where, carried along asynchronous calls, so that handlers need not pass it on by hand.
 *
 * The context is set for the duration of a function and nothing else: there is no way to set it for "from now on",
 * because that leaks into whatever the runtime happens to run next. The carrier hangs on `globalThis`, so that two
 * loaded copies of this module share one context.
 */

import { AsyncLocalStorage } from "node:async_hooks";

import { AuditError, quote, suggestion } from "../base/errors.ts";
import type { Actor, Where } from "../event/event.ts";

/** What events take from their surroundings when they do not say it themselves. */
export interface RecordContext {
  /** A function is asked at every recording, here as for `actor`: who it is may be known later than the context begins. */
  readonly tenant?: string | (() => string | undefined);
  readonly actor?: Actor | (() => Actor | undefined);
  readonly onBehalfOf?: readonly Actor[];
  /** Where the request came from; merged member by member when contexts nest. */
  readonly context?: Where;
  readonly reason?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly operationId?: string;
}

/** The context in force, with its tenant and its actor found. */
export interface CurrentContext extends RecordContext {
  readonly tenant?: string;
  readonly actor?: Actor;
}

const members = ["tenant", "actor", "onBehalfOf", "context", "reason", "correlationId", "causationId", "operationId"];

// The version is part of the name: a later, different shape must not meet this one.
const carrierKey = Symbol.for("auditrail.context.v1");
const globals = globalThis as { [carrierKey]?: AsyncLocalStorage<RecordContext> };
const carrier = (globals[carrierKey] ??= new AsyncLocalStorage<RecordContext>());

const nothing: RecordContext = Object.freeze({});
const inForce = (): RecordContext => carrier.getStore() ?? nothing;

/** The context in force; empty outside of any. */
export function currentContext(): CurrentContext {
  const context = inForce();
  const { tenant, actor, ...rest } = context;
  if (typeof tenant !== "function" && typeof actor !== "function") return context as CurrentContext;
  return { ...rest, ...found("tenant", tenant), ...found("actor", actor) };
}

function found<Name extends string, Value>(name: Name, value: Value | (() => Value | undefined) | undefined) {
  const now = typeof value === "function" ? (value as () => Value | undefined)() : value;
  return (now === undefined ? {} : { [name]: now }) as { readonly [Key in Name]?: Value };
}

/**
 * Runs `fn` with `context` added to the one in force: what it names replaces, `context.context` is merged, the rest
 * stays. Errors: `CONTEXT_INVALID` for a member that a context does not have.
 */
export function runWithContext<Result>(context: RecordContext, fn: () => Result): Result {
  assertContext(context);
  return carrier.run(mergeContext(inForce(), context), fn);
}

/** Runs `fn` in no context at all: for what is not part of anybody's request, though it may be found out during one. */
export function runWithoutContext<Result>(fn: () => Result): Result {
  return carrier.run(nothing, fn);
}

/** Ties a function to the context in force now: for event listeners and pools that call it from elsewhere. Keeps `this`. */
export function bindContext<This, Args extends unknown[], Result>(
  fn: (this: This, ...args: Args) => Result,
): (this: This, ...args: Args) => Result {
  const bound = inForce();
  return function (...args) {
    if (inForce() === bound) return fn.apply(this, args);
    return carrier.run(bound, () => fn.apply(this, args));
  };
}

/** The context in force as text, to travel in a job's payload or to another process. */
export function serializeContext(): string {
  return JSON.stringify({ auditrail: 1, ...currentContext() });
}

/** Runs `fn` in a context that {@link serializeContext} wrote; nothing of the present one is kept. Errors: `CONTEXT_INVALID`. */
export function resumeContext<Result>(serialized: string, fn: () => Result): Result {
  return carrier.run(parseContext(serialized), fn);
}

function parseContext(serialized: string): RecordContext {
  let parsed: unknown;
  try {
    parsed = JSON.parse(serialized);
  } catch (cause) {
    throw new AuditError(
      "CONTEXT_INVALID",
      `Cannot resume a context: ${quote(serialized)} is not JSON. Pass what serializeContext() gave.`,
      { cause },
    );
  }
  const { auditrail, ...context } = (parsed ?? {}) as RecordContext & { readonly auditrail?: unknown };
  if (auditrail !== 1) {
    throw new AuditError(
      "CONTEXT_INVALID",
      `Cannot resume a context: ${quote(serialized)} was not written by serializeContext() of this version.`,
    );
  }
  assertContext(context);
  return context;
}

function mergeContext(outer: RecordContext, inner: RecordContext): RecordContext {
  const merged = { ...outer, ...inner };
  if (outer.context === undefined || inner.context === undefined) return merged;
  return { ...merged, context: { ...outer.context, ...inner.context } };
}

function assertContext(context: RecordContext): void {
  if (typeof context !== "object" || context === null) {
    throw new AuditError(
      "CONTEXT_INVALID",
      `Cannot use ${quote(context)} as a context: expected an object with any of ${members.join(", ")}.`,
    );
  }
  for (const member of Object.keys(context)) {
    if (members.includes(member)) continue;
    throw new AuditError(
      "CONTEXT_INVALID",
      `A context has no ${quote(member)}.${suggestion(member, members)} It has ${members.join(", ")}.`,
    );
  }
}
