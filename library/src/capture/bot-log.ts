import { z } from "zod";

import { action, type Action } from "../event/action.ts";
import { defineLog, type Actions, type LogOptions } from "../event/catalogue.ts";
import { personal } from "../event/marks.ts";

/** What the bot captures record: the names of their actions in the log `bot`. */
export type UpdateActionName = "bot.command" | "bot.button" | "bot.message" | "bot.update";

export interface BotLogOptions<A extends Actions, G extends "buffered" | "durable"> extends Partial<
  Pick<LogOptions<never, undefined>, "title" | "list" | "retain" | "readers">
> {
  /** The application's own actions in this log, beside those of the capture. */
  readonly actions?: A;
  /** Keeps what people type, as personal data of theirs. Off unless said: only the fact that they wrote is kept. */
  readonly text?: boolean;
  /** `buffered` unless said. Answers wait for neither. */
  readonly guarantee?: G;
}

/**
 * The bot log, `bot`: what people did to the bot, `bot.command`, `bot.button`, `bot.message` and `bot.update` (anything else), with
 * the application's own actions. Put it into the catalogue of an application whose bot is captured.
 *
 * @example
 * const botLog = botLog({ actions: { "tea-made": action({ op: "create", says: "{actor} made {target}" }) } });
 */
export function botLog<A extends Actions = {}, G extends "buffered" | "durable" = "buffered">(
  options: BotLogOptions<A, G> = {},
) {
  const { actions = {} as A, text = false, guarantee = "buffered" as G, ...settings } = options;
  return defineLog("bot", {
    title: "Bot log",
    actions: { ...updateActions(text, guarantee), ...actions },
    list: {
      columns: ["time", "outcome", "actor", "action", "route", "duration"],
      filters: ["action", "outcome", "time", "actor", "route"],
      search: ["actor.name", "route", "error.message"],
    },
    ...settings,
  });
}

function updateActions<G extends "buffered" | "durable">(text: boolean, guarantee: G) {
  const common = {
    /** Telegram's number of the update: the same one twice is one that was told again. */
    update: z.int(),
    chat: z.object({ id: z.string(), type: z.string() }).optional(),
    /** The name of the function that took it, where that is known. */
    handler: z.string().optional(),
  };
  const typed = text ? { text: personal(z.string(), { of: "actor" }).optional() } : {};
  const message = { ...common, message: z.int().optional() };
  return {
    command: action({
      op: "execute",
      says: "{actor} sent {data.command}",
      data: z.object({ ...message, ...typed, command: z.string() }),
      guarantee,
    }),
    button: action({
      op: "execute",
      says: "{actor} pressed {data.button}",
      data: z.object({ ...message, button: z.string() }),
      guarantee,
    }),
    message: action({
      op: "execute",
      says: "{actor} wrote a message: {context.route}",
      data: z.object({ ...message, ...typed, content: z.string() }),
      guarantee,
    }),
    update: action({
      op: "other",
      says: "{actor}: {context.route}",
      data: z.object({ ...common, type: z.string() }),
      guarantee,
    }),
  } satisfies Record<string, Action>;
}
