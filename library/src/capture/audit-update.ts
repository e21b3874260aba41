/**
 * What the captures of bots share: one operation for each update, begun before its handlers run and recorded when they
 * have ended. No answer waits for it, nothing here throws into the bot, and the trail's `health()` counts what could not be
 * recorded.
 */

import { assertKnownOptions, AuditError, quote } from "../base/errors.ts";
import { runWithContext } from "../context/context.ts";
import type { Action } from "../event/action.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { Actor, EventFields, Where } from "../event/event.ts";
import type { InventoryItem } from "../event/inventory.ts";
import type { CaptureTrail, OpenOperation } from "../trail/types.ts";
import type { UpdateActionName } from "./bot-log.ts";
import { createHandlerList, stepName, type Handler, type HandlerList } from "./handlers.ts";
import { readUpdate, type UpdateFacts } from "./read-update.ts";

/** A trail that updates can be recorded into: its catalogue has `botLog()`. */
export type UpdateTrail = CaptureTrail<Readonly<Record<UpdateActionName, Action>>> & {
  readonly catalogue: Pick<Catalogue, "find">;
};

/** What a handler may say of the update it works on, for the update's event. */
export type UpdateFields = Pick<
  EventFields,
  "target" | "targets" | "reason" | "message" | "subjects" | "correlationId" | "severity" | "outcome" | "error"
>;

export interface UpdateOptions<Context> {
  /** Who acts; the person that Telegram names, as `user/<their id>`, unless said. */
  readonly actor?: (context: Context) => Actor | undefined;
  /** Whose trail it belongs to. */
  readonly tenant?: (context: Context) => string | undefined;
  /**
   * The bot, to know its handlers: their names stand in the events, and `inventory()` lists them. Nothing depends on it otherwise;
   * make the capture before handlers are registered.
   */
  readonly bot?: object;
  /** The steps of conversations that `updateOf(ctx).enterStep()` will name, for `inventory()`: `add-habit/weight`. */
  readonly steps?: readonly string[];
}

/** An update as its handlers see it. */
export interface AuditedUpdate {
  /** What is recorded while it is worked on belongs to this operation: `telegram/<bot>/<update>`, the same each time it is told. */
  readonly operationId: string;
  /** Adds to the update's event, or replaces what was said before. */
  set(fields: UpdateFields): void;
  /** Says that this is a step of a conversation: it becomes `context.route`, as `step add-habit/weight`. */
  enterStep(step: string): void;
}

/** Who a bot is, as the Bot API's `getMe` says it. */
export interface BotIdentity {
  readonly id?: number;
  readonly username?: string;
}

export interface UpdateCapture<Context> {
  readonly handlers: HandlerList;
  /** Runs `next` as one operation. Rejects with what `next` rejects with, and with nothing else. */
  run(context: Context, update: object, bot: BotIdentity | undefined, next: () => Promise<void>): Promise<void>;
  /** Told by a registered handler that it is the one: the last one speaks. */
  entered(context: object, handlers: readonly Handler[]): void;
  /** Told of middleware that passed the update on to nobody: it is the handler where no other said so. */
  kept(context: object, handler: Handler): void;
  inventory(): readonly InventoryItem[];
}

interface Running {
  readonly facts: UpdateFacts;
  readonly operation: OpenOperation;
  route: string;
  handler: Handler | undefined;
  /** Whether all that the event will say, but for an error, was made here. */
  readonly isOurs: boolean;
}

const runningOf = new WeakMap<object, Running>();
const actions: readonly UpdateActionName[] = ["bot.command", "bot.button", "bot.message", "bot.update"];

/** Errors: `OPTION_UNKNOWN`, `ACTION_UNKNOWN` where the catalogue lacks `botLog()`. */
export function createUpdateCapture<Context extends object>(
  trail: UpdateTrail,
  options: UpdateOptions<Context>,
  listedBy: string,
): UpdateCapture<Context> {
  assertKnownOptions("auditBot()", options, ["actor", "tenant", "bot", "steps"]);
  const withText = new Set(actions.filter((action) => takesText(trail.catalogue.find(action).definition)));
  const handlers = createHandlerList(options.steps ?? []);
  return {
    handlers,
    async run(context, update, bot, next) {
      const facts = readUpdate(update, bot?.username);
      const running = begin(trail, facts, operationOf(bot, facts), {
        actor: guarded(() => options.actor?.(context)),
        tenant: guarded(() => options.tenant?.(context)),
      });
      runningOf.set(context, running.state);
      try {
        await runWithContext(running.context, next);
      } catch (error) {
        finish(running.state, handlers, withText, { error });
        throw error;
      }
      finish(running.state, handlers, withText);
    },
    entered(context, candidates) {
      const state = runningOf.get(context);
      const handler = state && (candidates.find(({ matches }) => matches(state.facts)) ?? candidates[0]);
      if (state === undefined || handler === undefined) return;
      Object.assign(state, { handler, route: handler.name });
    },
    kept(context, handler) {
      const state = runningOf.get(context);
      handlers.add(handler);
      if (state === undefined) handlers.ran(handler.name);
      else if (state.route === state.facts.route) Object.assign(state, { handler, route: handler.name });
    },
    inventory: () => handlers.inventory(listedBy),
  };
}

interface Who {
  readonly actor: Actor | undefined;
  readonly tenant: string | undefined;
}

/**
 * Telegram tells an update again until the bot has asked for the next one: after a crash a second process works on it. Both runs
 * are events of their own, and one operation, so that what the first had committed is not without its update.
 */
function operationOf(bot: BotIdentity | undefined, { updateId }: UpdateFacts): string | undefined {
  return bot?.id === undefined || updateId === 0 ? undefined : `telegram/${bot.id}/${updateId}`;
}

function begin(
  trail: UpdateTrail,
  facts: UpdateFacts,
  operationId: string | undefined,
  { actor = facts.actor, tenant }: Who,
) {
  // What is recorded by a handler names it as its route, so the route is read whenever something is recorded.
  const where: Where = {
    ...sourceOf(facts),
    get route() {
      return state.route;
    },
  };
  const who = { actor, context: where, ...(tenant === undefined ? {} : { tenant }) };
  const fields = operationId === undefined ? who : { ...who, operationId };
  const operation = trail.begin(facts.action as never, fields as never);
  const isOurs = actor === facts.actor;
  const state: Running = { facts, operation, route: facts.route, handler: undefined, isOurs };
  // As operation.run() does, with who and where: each context that is entered costs as much as a hash.
  return { state, context: { ...who, causationId: operation.id, operationId: operation.operationId } };
}

const sourceOf = ({ updateId }: UpdateFacts) => ({ source: "bot", requestId: String(updateId) }) as const;

function finish(
  state: Running,
  handlers: HandlerList,
  withText: ReadonlySet<string>,
  thrown?: { readonly error: unknown },
): void {
  const { facts, handler, route, operation } = state;
  handlers.ran(route);
  const { action, text, command } = facts;
  // A command that no handler has is what somebody typed.
  const isTyped = command !== undefined && handlers.isWatching && handler?.kind !== "command";
  const data = {
    ...facts.data,
    ...(handler?.functionName === undefined ? {} : { handler: handler.functionName }),
    ...(text !== undefined && withText.has(action) ? { text } : {}),
    ...(isTyped ? { command: "unknown" } : {}),
  };
  const context: Where = { ...sourceOf(facts), route };
  // What others gave us they may change; the actor was theirs to read, so a copy is handed over.
  if (thrown === undefined && state.isOurs) operation.handOver({ data, context, actor: { ...facts.actor } });
  else void operation.end({ data, context, ...(thrown && { outcome: "failure", error: thrown.error }) });
}

function takesText({ data }: Action): boolean {
  const { shape } = (data ?? {}) as { readonly shape?: object };
  return shape !== undefined && Object.hasOwn(shape, "text");
}

/** What the application's own functions throw must not reach the bot. */
function guarded<Result>(fn: () => Result): Result | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

/**
 * The update that a handler works on, to say more about it. Errors: `CONTEXT_INVALID` where the capture does not run.
 */
export function updateOf(context: object): AuditedUpdate {
  const state = runningOf.get(context);
  if (state === undefined) {
    throw new AuditError(
      "CONTEXT_INVALID",
      "Cannot find the audited update: auditBot() has not seen it. Use it on the bot before the handlers.",
    );
  }
  return {
    operationId: state.operation.operationId,
    set: (fields) => state.operation.set(fields),
    enterStep(step) {
      if (typeof step !== "string" || step === "")
        throw new AuditError(
          "OPTION_INVALID",
          `Cannot enter step ${quote(step)}: expected its name, such as add-habit/weight.`,
        );
      state.route = stepName(step);
    },
  };
}
