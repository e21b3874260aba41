/** The methods of the Bot API that this server has. Each answers what Telegram would, or throws a `BotApiError`. */

import { badRequest, BotApiError, conflict } from "./bot-api-error.ts";
import type { LocalBot } from "./bot.ts";
import { readMarkup, readText } from "./markup.ts";
import type { Command, Document, Entity, Parameters } from "./types.ts";
import { startWebhook } from "./webhook.ts";

type Method = (bot: LocalBot, parameters: Parameters, signal: AbortSignal) => unknown;

const longestPollSeconds = 50;

export const methods: Readonly<Record<string, Method>> = {
  getMe: ({ user }) => ({
    ...user,
    can_join_groups: false,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
  }),
  getUpdates,
  setWebhook,
  deleteWebhook(bot, { drop_pending_updates: drop }) {
    bot.webhook?.stop();
    bot.webhook = undefined;
    if (isTrue(drop)) bot.queue.clear();
    return true;
  },
  getWebhookInfo: ({ webhook, queue }) => ({
    url: webhook?.url ?? "",
    has_custom_certificate: false,
    pending_update_count: queue.pending,
    ...(webhook?.lastError === undefined ? {} : { last_error_message: webhook.lastError }),
  }),
  sendMessage(bot, parameters) {
    const text = readText(parameters);
    return send(bot, parameters, { text, ...entitiesOf(parameters) });
  },
  sendDocument(bot, parameters) {
    const document = readDocument(parameters);
    const caption = typeof parameters["caption"] === "string" ? { caption: parameters["caption"] } : {};
    return send(bot, parameters, { document, ...caption });
  },
  sendChatAction(bot, { chat_id: id }) {
    bot.chatFor(id);
    return true;
  },
  editMessageText(bot, parameters) {
    const text = readText(parameters);
    return edit(bot, parameters, { text, ...entitiesOf(parameters) });
  },
  editMessageReplyMarkup: (bot, parameters) => edit(bot, parameters, {}),
  deleteMessage(bot, { chat_id: id, message_id: messageId }) {
    bot.chatFor(id).remove(Number(messageId));
    return true;
  },
  answerCallbackQuery,
  setMyCommands(bot, parameters) {
    bot.commands.set(languageOf(parameters), readCommands(parameters));
    for (const chat of bot.chats.values()) chat.tell({ kind: "commands" });
    return true;
  },
  getMyCommands: (bot, parameters) => bot.commands.get(languageOf(parameters)) ?? [],
  deleteMyCommands(bot, parameters) {
    bot.commands.delete(languageOf(parameters));
    for (const chat of bot.chats.values()) chat.tell({ kind: "commands" });
    return true;
  },
};

/** Runs a method by its name, which Telegram reads without regard to case. Errors: `BotApiError`. */
export function callMethod(bot: LocalBot, name: string, parameters: Parameters, signal: AbortSignal): unknown {
  const method = byName.get(name.toLowerCase());
  if (method === undefined) throw new BotApiError(404, "Not Found: method not found");
  return method(bot, parameters, signal);
}

const byName = new Map(Object.entries(methods).map(([name, method]) => [name.toLowerCase(), method]));

function getUpdates(bot: LocalBot, parameters: Parameters, signal: AbortSignal): Promise<unknown> {
  if (bot.webhook !== undefined)
    throw conflict(
      "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  const { offset, limit, timeout, allowed_updates: allowed } = parameters;
  const seconds = Math.min(Number(timeout ?? 0), longestPollSeconds);
  const options = {
    offset: Number(offset ?? 0),
    limit: Math.min(Math.max(Number(limit ?? 100), 1), 100),
    timeoutMs: seconds * 1000,
    allowed: readList<string>(allowed),
  };
  return bot.queue.poll(options, signal);
}

function setWebhook(bot: LocalBot, parameters: Parameters): boolean {
  const { url, secret_token: secret, drop_pending_updates: drop } = parameters;
  bot.webhook?.stop();
  bot.webhook = undefined;
  if (isTrue(drop)) bot.queue.clear();
  if (url === undefined || url === "") return true;
  // Telegram insists on HTTPS; on one's own machine there is nobody to hide from.
  if (typeof url !== "string" || !URL.canParse(url)) throw badRequest("bad webhook: invalid webhook URL specified");
  bot.webhook = startWebhook({
    ...{ url, queue: bot.queue },
    secret: typeof secret === "string" ? secret : undefined,
    call: (method, given) => callMethod(bot, method, given, AbortSignal.timeout(1_000)),
  });
  return true;
}

function answerCallbackQuery(bot: LocalBot, parameters: Parameters): boolean {
  const id = String(parameters["callback_query_id"]);
  const chat = bot.open.get(id);
  if (chat === undefined) throw badRequest("query is too old and response timeout expired or query ID is invalid");
  bot.open.delete(id);
  const { text = "", show_alert: alert } = parameters;
  if (typeof text === "string" && text.length > 200) throw badRequest("MESSAGE_TOO_LONG");
  chat.answer(String(text), isTrue(alert));
  return true;
}

function send(bot: LocalBot, parameters: Parameters, body: object): unknown {
  const { inline, reply } = readMarkup(parameters);
  const chat = bot.chatFor(parameters["chat_id"]);
  const message = chat.add(bot.user, { ...body, ...(inline === undefined ? {} : { reply_markup: inline }) });
  if (reply !== undefined) chat.setKeyboard(reply);
  return message;
}

function edit(bot: LocalBot, parameters: Parameters, body: object): unknown {
  const { inline } = readMarkup(parameters);
  const chat = bot.chatFor(parameters["chat_id"]);
  const change = { ...body, ...(inline === undefined ? {} : { reply_markup: inline }) };
  return chat.edit(Number(parameters["message_id"]), change);
}

function entitiesOf({ entities }: Parameters): { readonly entities?: readonly Entity[] } {
  const read = readList<Entity>(entities);
  return read === undefined ? {} : { entities: read };
}

function readList<Item>(given: unknown): readonly Item[] | undefined {
  const list: unknown = typeof given === "string" && given !== "" ? JSON.parse(given) : given;
  return Array.isArray(list) ? (list as Item[]) : undefined;
}

function readDocument({ document }: Parameters): Document {
  if (document instanceof File) {
    const { name, size, type } = document;
    return makeDocument(name, type === "" ? "application/octet-stream" : type, size);
  }
  if (typeof document === "string" && document !== "") return makeDocument(document, "application/octet-stream", 0);
  throw badRequest("there is no document in the request");
}

function makeDocument(name: string, type: string, size: number): Document {
  const id = Buffer.from(`${name}:${size}`).toString("base64url");
  return { file_id: id, file_unique_id: id, file_name: name, mime_type: type, file_size: size };
}

const commandName = /^[a-z0-9_]{1,32}$/;

function readCommands({ commands }: Parameters): readonly Command[] {
  const list = readList<Command>(commands);
  if (list === undefined) throw badRequest('parameter "commands" is required');
  for (const { command, description } of list) {
    if (!commandName.test(command)) throw badRequest("BOT_COMMAND_INVALID");
    if (typeof description !== "string" || description === "") throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
  }
  return list;
}

const languageOf = ({ language_code: language }: Parameters): string => (typeof language === "string" ? language : "");
const isTrue = (value: unknown): boolean => value === true || value === "true";
