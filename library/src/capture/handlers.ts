/** What is registered with a bot, by which names, and how often each of it ran. */

import type { InventoryItem, InventoryKind } from "../event/inventory.ts";
import type { UpdateFacts } from "./read-update.ts";

/** A command, a callback's data or a text, as it is registered: itself, or a pattern. */
export type Trigger = string | RegExp | ((...given: never[]) => unknown);

/** One registered handler, or one that can no longer be looked into. */
export interface Handler {
  readonly kind: InventoryKind;
  readonly name: string;
  readonly matches: (facts: UpdateFacts) => boolean;
  /** The function's own name. */
  readonly functionName: string | undefined;
  readonly captured: boolean;
  readonly problem?: string;
}

export interface HandlerList {
  readonly isWatching: boolean;
  /** From now on what is not on the list was not registered. */
  watchStarted(): void;
  add(handler: Handler): void;
  /** Counts one run, apart from recording. */
  ran(route: string): void;
  inventory(listedBy: string): readonly InventoryItem[];
}

export function createHandlerList(steps: readonly string[]): HandlerList {
  const handlers = new Map<string, Handler>();
  const runs = new Map<string, number>();
  let isWatching = false;
  for (const step of steps) {
    const matches = (): boolean => false;
    handlers.set(stepName(step), {
      kind: "step",
      name: stepName(step),
      matches,
      functionName: undefined,
      captured: true,
    });
  }
  return {
    get isWatching() {
      return isWatching;
    },
    watchStarted: () => (isWatching = true),
    add(handler) {
      const known = handlers.get(handler.name);
      // Registered twice: it is as good as the worse of the two.
      if (known === undefined || known.captured) handlers.set(handler.name, handler);
    },
    ran: (route) => runs.set(route, (runs.get(route) ?? 0) + 1),
    inventory: (listedBy) =>
      [...handlers.values()].map(({ kind, name, captured, problem }) => ({
        ...{ kind, name, listedBy, captured, runs: runs.get(name) ?? 0 },
        ...(problem === undefined ? {} : { problem }),
      })),
  };
}

export const stepName = (step: string): string => `step ${step}`;

export function commandHandlers(triggers: readonly Trigger[]): readonly Pick<Handler, "kind" | "name" | "matches">[] {
  return triggers.map((trigger) => {
    const name = typeof trigger === "string" ? `/${trigger.replace(/^\//, "")}` : `/${patternName(trigger)}`;
    const matches = ({ command }: UpdateFacts): boolean => {
      if (command === undefined) return false;
      return trigger instanceof RegExp ? fits(trigger, command.slice(1)) : command.toLowerCase() === name.toLowerCase();
    };
    return { kind: "command", name, matches };
  });
}

export function buttonHandlers(triggers: readonly Trigger[]): readonly Pick<Handler, "kind" | "name" | "matches">[] {
  return triggers.map((trigger) => ({
    kind: "button",
    name: `button ${patternName(trigger)}`,
    matches: ({ button }) => button !== undefined && fits(trigger, button),
  }));
}

export function textHandlers(triggers: readonly Trigger[]): readonly Pick<Handler, "kind" | "name" | "matches">[] {
  return triggers.map((trigger) => ({
    kind: "text",
    name: `text ${patternName(trigger)}`,
    matches: ({ text }) => text !== undefined && fits(trigger, text),
  }));
}

/** Handlers by the kind of update: `on message:text`. Which of several it was is not asked: the first speaks for all. */
export function updateHandlers(
  verb: string,
  triggers: readonly Trigger[],
): readonly Pick<Handler, "kind" | "name" | "matches">[] {
  const name = triggers.map(patternName).join(", ");
  return [{ kind: "update", name: name === "" ? verb : `${verb} ${name}`, matches: () => true }];
}

function fits(trigger: Trigger, value: string): boolean {
  // Functions may have effects; they are not called twice.
  if (typeof trigger === "function") return true;
  if (typeof trigger === "string") return trigger === value;
  // A global pattern remembers where it was.
  return new RegExp(trigger.source, trigger.flags.replace(/[gy]/g, "")).test(value);
}

/** A pattern as people read it: `^claim:(?<id>\d+)$` is `claim:<id>`. */
export function patternName(trigger: Trigger): string {
  if (typeof trigger === "string") return trigger;
  if (typeof trigger === "function") return trigger.name === "" ? "(a function)" : trigger.name;
  return trigger.source
    .replace(/^\^|\$$/g, "")
    .replaceAll(/\(\?<(\w+)>(?:[^()\\]|\\.)*\)/g, "<$1>")
    .replaceAll(/\((?!\?)(?:[^()\\]|\\.)*\)/g, "<…>");
}
