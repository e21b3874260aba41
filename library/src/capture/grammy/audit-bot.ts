import type { BotIdentity, UpdateOptions, UpdateTrail } from "../audit-update.ts";
import { createBotCapture, type BotCapture, type BotFramework } from "../bot-capture.ts";
import { buttonHandlers, commandHandlers, textHandlers, updateHandlers } from "../handlers.ts";

/** grammY's context, as far as it is used. */
export interface GrammyContext {
  readonly update: object;
  readonly me: BotIdentity;
}

const methods: BotFramework<never>["methods"] = {
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

const framework: BotFramework<GrammyContext> = {
  name: "grammy",
  botOf: ({ me }) => me,
  methods,
  // Before anything is registered, a composer's middleware is the function that passes everything on.
  isEmpty: (bot) => (bot as { middleware(): { readonly name: string } }).middleware().name === "pass",
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
): BotCapture<Context> {
  return createBotCapture(trail, options, framework);
}
