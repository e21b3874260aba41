/**
 * Watches what is registered with a bot, by standing before its registering methods. A capture records every update
 * without this; watching gives names to handlers, and a list to hold against the trail.
 */

import type { Handler, HandlerList, Trigger } from "./handlers.ts";

export interface Registering {
  /**
   * By method: what handlers its first argument makes. Methods without a trigger have the number of arguments before their
   * middleware, or `undefined` where what they take is not run one after the other.
   */
  readonly methods: Readonly<Record<string, Describe | number | undefined>>;
  readonly handlers: HandlerList;
  /** The capture's own middleware: what is registered behind it is captured. */
  readonly capture: unknown;
  /** Told by a handler's mark, when it runs. */
  readonly entered: (context: object, handlers: readonly Handler[]) => void;
  /** Told of middleware that did not pass an update on. */
  readonly kept: (context: object, handler: Handler) => void;
  /** Whether something was registered before, which nobody can look into. */
  readonly isEmpty: (bot: object) => boolean;
}

type Describe = (triggers: readonly Trigger[]) => readonly Pick<Handler, "kind" | "name" | "matches">[];

type Method = (this: unknown, ...given: unknown[]) => unknown;

const watched = new WeakSet<object>();

export function watchHandlers(bot: object, registering: Registering): void {
  registering.handlers.watchStarted();
  if (!registering.isEmpty(bot)) {
    const problem = "handlers were registered before the capture was made: make it first";
    registering.handlers.add(opaque("handlers before the capture", false, problem));
  }
  watch(bot, registering, () => false);
}

function watch(composer: object, registering: Registering, isCaptured: () => boolean): void {
  if (watched.has(composer)) return;
  watched.add(composer);
  let isInstalled = false;
  const captured = (): boolean => isInstalled || isCaptured();
  const members = composer as Record<string, unknown>;
  const adopt = (made: unknown): unknown => {
    if (isComposer(made, registering)) watch(made, registering, captured);
    return made;
  };
  for (const [name, describe] of Object.entries(registering.methods)) {
    const original = members[name] as Method | undefined;
    if (typeof original !== "function") continue;
    members[name] = function (this: unknown, ...given: unknown[]): unknown {
      const call = (...args: unknown[]): unknown => adopt(within(() => original.apply(this, args)));
      // The methods call each other; what the application called is what it registered.
      if (isInside) return original.apply(this, given);
      if (typeof describe === "function") return call(given[0], ...marked(given, describe, captured(), registering));
      if (given.includes(registering.capture)) isInstalled = true;
      for (const each of given) noteComposer(each, captured(), registering);
      if (describe === undefined) return call(...given);
      const between = given.slice(describe).flatMap((each) => followed(each, name, captured(), registering));
      return call(...given.slice(0, describe), ...between);
    };
  }
}

let isInside = false;

function within<Result>(register: () => Result): Result {
  isInside = true;
  try {
    return register();
  } finally {
    isInside = false;
  }
}

/** The handlers' functions behind a mark, which tells that they are the ones that run. */
function marked(given: readonly unknown[], describe: Describe, captured: boolean, registering: Registering): unknown[] {
  const [trigger, ...functions] = given;
  const triggers = (Array.isArray(trigger) ? trigger : [trigger]) as readonly Trigger[];
  const named = functions.findLast((each) => typeof each === "function" && each.name !== "");
  const functionName = (named as { readonly name: string } | undefined)?.name;
  const handlers = describe(triggers).map((each) => ({ ...each, captured, functionName }));
  for (const handler of handlers) registering.handlers.add(handler);
  const mark = (context: object, next: () => unknown): unknown => {
    registering.entered(context, handlers);
    return next();
  };
  return [mark, ...functions];
}

/**
 * Middleware between two marks, which see whether it passed an update on. Where it did not, it was the handler; before that
 * nobody can tell, so it comes onto the list then.
 */
function followed(given: unknown, method: string, captured: boolean, registering: Registering): unknown[] {
  if (typeof given !== "function" || given === registering.capture) return [given];
  const functionName = given.name === "" ? undefined : given.name;
  const name = `${method} ${functionName ?? "(a function)"}`;
  const handler: Handler = { kind: "update", name, matches: () => false, functionName, captured };
  const passed = new WeakSet<object>();
  const before = async (context: object, next: () => Promise<unknown>): Promise<void> => {
    try {
      await next();
    } finally {
      if (!passed.has(context)) registering.kept(context, handler);
    }
  };
  const after = (context: object, next: () => unknown): unknown => {
    passed.add(context);
    return next();
  };
  return [before, given, after];
}

/** A composer that was filled elsewhere: what it holds cannot be seen any more. What is added to it later can. */
function noteComposer(given: unknown, captured: boolean, registering: Registering): void {
  if (!isComposer(given, registering) || watched.has(given)) return;
  watch(given, registering, () => captured);
  const problem = "it was filled before it was used: give it to auditBot().watch() first";
  registering.handlers.add(opaque(`composer ${registering.handlers.inventory("").length + 1}`, captured, problem));
}

/** Adds a composer that handlers will be registered with, before it is used. */
export function watchComposer(composer: object, registering: Registering): void {
  registering.handlers.watchStarted();
  watch(composer, registering, () => true);
}

function opaque(name: string, captured: boolean, problem: string): Handler {
  return { kind: "update", name, matches: () => false, functionName: undefined, captured, problem };
}

function isComposer(given: unknown, { methods }: Registering): given is object {
  if (typeof given !== "object" || given === null) return false;
  const named = Object.keys(methods).filter((name) => typeof (given as Record<string, unknown>)[name] === "function");
  return named.length > 2;
}
