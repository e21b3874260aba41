import type { InventoryItem } from "../../event/inventory.ts";
import { createUpdateCapture, type BotIdentity, type UpdateOptions, type UpdateTrail } from "../audit-update.ts";
import { buttonHandlers, commandHandlers, textHandlers, updateHandlers } from "../handlers.ts";
import { watchComposer, watchHandlers, type Registering } from "../watch-handlers.ts";

/** Telegraf's context, as far as it is used. */
export interface TelegrafContext {
  readonly update: object;
  readonly botInfo?: BotIdentity;
}

export type TelegrafMiddleware<Context> = (context: Context, next: () => Promise<void>) => Promise<void>;

export interface TelegrafCaptureMethods {
  /** What is registered with the bot that was given as an option, for `auditrail/coverage`. */
  inventory(): readonly InventoryItem[];
  /** Lists the handlers of a composer too; call it before they are registered. Answers the composer. */
  watch<Composer extends object>(composer: Composer): Composer;
}

export type TelegrafCapture<Context> = TelegrafMiddleware<Context> & TelegrafCaptureMethods;

const methods: Registering["methods"] = {
  command: commandHandlers,
  action: buttonHandlers,
  hears: textHandlers,
  on: (triggers) => updateHandlers("on", triggers),
  reaction: (triggers) => updateHandlers("reaction", triggers),
  inlineQuery: (triggers) => updateHandlers("inline query", triggers),
  hashtag: (triggers) => updateHandlers("hashtag", triggers),
  cashtag: (triggers) => updateHandlers("cashtag", triggers),
  mention: (triggers) => updateHandlers("mention", triggers),
  url: (triggers) => updateHandlers("url", triggers),
  email: (triggers) => updateHandlers("email", triggers),
  phone: (triggers) => updateHandlers("phone", triggers),
  use: 0,
  guard: 1,
};

/**
 * Records every update of a Telegraf bot, also those for handlers that are added later. Use it before anything else.
 * Errors: `OPTION_UNKNOWN`, `ACTION_UNKNOWN` where the catalogue lacks `botLog()`.
 *
 * @example
 * bot.use(auditBot(trail, { bot }));
 */
export function auditBot<Context extends TelegrafContext>(
  trail: UpdateTrail,
  options: UpdateOptions<Context> = {},
): TelegrafCapture<Context> {
  const capture = createUpdateCapture(trail, options, "telegraf");
  const middleware: TelegrafMiddleware<Context> = (context, next) =>
    capture.run(context, context.update, context.botInfo, next);
  const registering: Registering = {
    ...{ methods, handlers: capture.handlers, capture: middleware, entered: capture.entered, kept: capture.kept },
    // Telegraf's composers look alike, empty or not.
    isEmpty: () => true,
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
