/** What an update of the Bot API is about (https://core.telegram.org/bots/api#update). Nothing of it is believed to be there. */

import type { Actor } from "../event/event.ts";
import type { UpdateActionName } from "./bot-log.ts";

export interface UpdateFacts {
  readonly action: UpdateActionName;
  /** What the update is called while no handler has said more. A command or a text is typed by a person, so it is no name. */
  readonly route: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  readonly updateId: number;
  /** `/start`, without the bot's name. */
  readonly command?: string;
  readonly button?: string;
  readonly text?: string;
}

interface Sender {
  readonly id?: number;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly title?: string;
}

interface Body {
  readonly from?: Sender;
  readonly user?: Sender;
  readonly sender_chat?: Sender;
  readonly chat?: { readonly id?: number; readonly type?: string };
  readonly message?: Body;
  readonly message_id?: number;
  readonly text?: string;
  readonly caption?: string;
  readonly data?: string;
  readonly entities?: readonly { readonly type?: string; readonly offset?: number; readonly length?: number }[];
}

/** What a message can hold, in the words of the API. */
const contents = [
  ...[
    "text",
    "photo",
    "document",
    "video",
    "audio",
    "voice",
    "video_note",
    "animation",
    "sticker",
    "contact",
    "location",
  ],
  ...["venue", "poll", "dice", "new_chat_members", "left_chat_member", "pinned_message", "successful_payment"],
];

/** Reads an update; `botName` is the bot's username, for commands in groups that name one. */
export function readUpdate(update: object, botName: string | undefined): UpdateFacts {
  const { update_id: given, ...kinds } = update as { readonly update_id?: number };
  const updateId = Number.isSafeInteger(given) ? given! : 0;
  const [type, value] = Object.entries(kinds)[0] ?? ["nothing", {}];
  const body = (typeof value === "object" && value !== null ? value : {}) as Body;
  const actor = actorOf(body.from ?? body.user ?? body.sender_chat);
  const common = { update: updateId, ...chatOf(body.chat ?? body.message?.chat) };
  if (type === "callback_query" && typeof body.data === "string") {
    const { data: button, message } = body;
    const data = { ...common, ...messageOf(message), button };
    return { action: "bot.button", route: "unknown button", data, actor, updateId, button };
  }
  if (type === "message" || type === "channel_post") return { ...readMessage(body, common, botName), actor, updateId };
  return { action: "bot.update", route: type, data: { ...common, type }, actor, updateId };
}

function readMessage(body: Body, common: object, botName: string | undefined) {
  const content = contents.find((each) => Object.hasOwn(body, each)) ?? "other";
  const text = body.text ?? body.caption;
  const data = { ...common, ...messageOf(body) };
  const more = text === undefined ? {} : { text };
  const command = commandOf(body, botName);
  if (command !== undefined)
    return { action: "bot.command", route: "unknown command", data: { ...data, command }, command, ...more } as const;
  return { action: "bot.message", route: content, data: { ...data, content }, ...more } as const;
}

function commandOf({ text = "", entities = [] }: Body, botName: string | undefined): string | undefined {
  const entity = entities.find(({ type, offset }) => type === "bot_command" && offset === 0);
  if (entity === undefined) return undefined;
  const [command, addressee] = text.slice(0, entity.length).split("@");
  const isOurs = addressee === undefined || addressee.toLowerCase() === botName?.toLowerCase();
  return isOurs ? command : undefined;
}

function messageOf(body: Body | undefined): { readonly message?: number } {
  return Number.isSafeInteger(body?.message_id) ? { message: body!.message_id! } : {};
}

function chatOf(chat: Body["chat"]) {
  return chat?.id === undefined ? {} : { chat: { id: String(chat.id), type: String(chat.type ?? "unknown") } };
}

/** Telegram itself, where nobody is named: votes of anonymous polls, for one. */
function actorOf(sender: Sender | undefined): Actor {
  if (sender?.id === undefined) return { type: "telegram" };
  const name = [sender.first_name ?? sender.title, sender.last_name]
    .filter((part) => typeof part === "string")
    .join(" ");
  return { type: "user", id: String(sender.id), ...(name === "" ? {} : { name }) };
}
