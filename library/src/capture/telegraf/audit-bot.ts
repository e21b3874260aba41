import type { BotIdentity, UpdateOptions, UpdateTrail } from "../audit-update.ts";
import { createBotCapture, type BotCapture, type BotFramework } from "../bot-capture.ts";
import { buttonHandlers, commandHandlers, textHandlers, updateHandlers } from "../handlers.ts";

/** Telegraf's context, as far as it is used. */
export interface TelegrafContext {
  readonly update: object;
  readonly botInfo?: BotIdentity;
}

const methods: BotFramework<never>["methods"] = {
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

const framework: BotFramework<TelegrafContext> = {
  name: "telegraf",
  botOf: ({ botInfo }) => botInfo,
  methods,
  // Telegraf's composers look alike, empty or not.
  isEmpty: () => true,
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
): BotCapture<Context> {
  return createBotCapture(trail, options, framework);
}
