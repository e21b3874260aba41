import type { InventoryItem } from "../../event/inventory.ts";
import { createUpdateCapture, type BotIdentity, type UpdateOptions, type UpdateTrail } from "../audit-update.ts";
import { buttonHandlers, commandHandlers, textHandlers, updateHandlers } from "../handlers.ts";
import { watchComposer, watchHandlers, type Registering } from "../watch-handlers.ts";

/** grammY's context, as far as it is used. */
export interface GrammyContext {
  readonly update: object;
  readonly me: BotIdentity;
}

export type GrammyMiddleware<Context> = (context: Context, next: () => Promise<void>) => Promise<void>;

export interface GrammyCaptureMethods {
  /** What is registered with the bot that was given as an option, for `auditrail/coverage`. */
  inventory(): readonly InventoryItem[];
  /** Lists the handlers of a composer too; call it before they are registered. Answers the composer. */
  watch<Composer extends object>(composer: Composer): Composer;
}

export type GrammyCapture<Context> = GrammyMiddleware<Context> & GrammyCaptureMethods;

const methods: Registering["methods"] = {
  command: commandHandlers,
  callbackQuery: buttonHandlers,
  hears: textHandlers,
  on: (triggers) => updateHandlers("on", triggers),
  reaction: (triggers) => updateHandlers("reaction", triggers),
  gameQuery: (triggers) => updateHandlers("game query", triggers),
  inlineQuery: (triggers) => updateHandlers("inline query", triggers),
  chosenInlineResult: (triggers) => updateHandlers("inline result", triggers),
  preCheckoutQuery: (triggers) => updateHandlers("pre-checkout query", triggers),
  shippingQuery: (triggers) => updateHandlers("shipping query", triggers),
  use: 0,
  filter: 1,
  chatType: 1,
  drop: 1,
  errorBoundary: 1,
  fork: undefined,
  branch: undefined,
};

/**
 * Records every update of a grammY bot, also those for handlers that are added later. Use it before anything else.
 * Errors: `OPTION_UNKNOWN`, `ACTION_UNKNOWN` where the catalogue lacks `botLog()`.
 *
 * @example
 * bot.use(auditBot(trail, { bot }));
 */
export function auditBot<Context extends GrammyContext>(
  trail: UpdateTrail,
  options: UpdateOptions<Context> = {},
): GrammyCapture<Context> {
  const capture = createUpdateCapture(trail, options, "grammy");
  const middleware: GrammyMiddleware<Context> = (context, next) =>
    capture.run(context, context.update, context.me, next);
  const registering: Registering = {
    ...{ methods, handlers: capture.handlers, capture: middleware, entered: capture.entered, kept: capture.kept },
    // Before anything is registered, a composer's middleware is the function that passes everything on.
    isEmpty: (bot) => (bot as { middleware(): { readonly name: string } }).middleware().name === "pass",
  };
  if (options.bot !== undefined) watchHandlers(options.bot, registering);
  return Object.assign(middleware, {
    inventory: capture.inventory,
    watch<Composer extends object>(composer: Composer): Composer {
      watchComposer(composer, registering);
      return composer;
    },
  });
}
