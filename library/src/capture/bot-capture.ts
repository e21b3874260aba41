/** What `auditBot()` of each bot framework gives back: a middleware, and a list of what is registered. */

import type { InventoryItem } from "../event/inventory.ts";
import { createUpdateCapture, type BotIdentity, type UpdateOptions, type UpdateTrail } from "./audit-update.ts";
import { watchComposer, watchHandlers, type Registering } from "./watch-handlers.ts";

export type BotMiddleware<Context> = (context: Context, next: () => Promise<void>) => Promise<void>;

export interface BotCaptureMethods {
  /** What is registered with the bot that was given as an option, for `auditrail/coverage`. */
  inventory(): readonly InventoryItem[];
  /** Lists the handlers of a composer too; call it before they are registered. Answers the composer. */
  watch<Composer extends object>(composer: Composer): Composer;
}

export type BotCapture<Context> = BotMiddleware<Context> & BotCaptureMethods;

/** How a framework is looked at. */
export interface BotFramework<Context> extends Pick<Registering, "methods" | "isEmpty"> {
  /** Who lists its handlers. */
  readonly name: string;
  readonly botOf: (context: Context) => BotIdentity | undefined;
}

/** Errors: `OPTION_UNKNOWN`, `ACTION_UNKNOWN` where the catalogue lacks `botLog()`. */
export function createBotCapture<Context extends { readonly update: object }>(
  trail: UpdateTrail,
  options: UpdateOptions<Context>,
  { name, botOf, methods, isEmpty }: BotFramework<Context>,
): BotCapture<Context> {
  const { run, handlers, entered, kept, inventory } = createUpdateCapture(trail, options, name);
  const capture: BotMiddleware<Context> = (context, next) => run(context, context.update, botOf(context), next);
  const registering: Registering = { methods, isEmpty, handlers, entered, kept, capture };
  if (options.bot !== undefined) watchHandlers(options.bot, registering);
  return Object.assign(capture, {
    inventory,
    watch<Composer extends object>(composer: Composer): Composer {
      watchComposer(composer, registering);
      return composer;
    },
  });
}
