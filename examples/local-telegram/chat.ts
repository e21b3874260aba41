import { badRequest } from "./bot-api-error.ts";
import type { Chat, ChatEvent, InlineKeyboard, Message, ReplyKeyboard, User } from "./types.ts";

export type MessageBody = Pick<Message, "text" | "caption" | "document" | "entities" | "reply_markup">;

/** One person's chat with one bot, as both see it. */
export interface BotChat {
  readonly chat: Chat;
  readonly person: User;
  readonly messages: readonly Message[];
  /** The labels of the keyboard that stands in for the text field. */
  readonly keyboard: readonly (readonly string[])[];
  /** Whether the person has written to the bot and not blocked it since. */
  open: boolean;
  add(from: User, body: MessageBody): Message;
  edit(messageId: number, change: MessageBody): Message;
  remove(messageId: number): void;
  /** What an `answerCallbackQuery` shows. */
  answer(text: string, alert: boolean): void;
  setKeyboard(markup: ReplyKeyboard): void;
  /** Tells of what changes from now on; gives the way to stop it. */
  watch(listener: (event: ChatEvent) => void): () => void;
  tell(event: ChatEvent): void;
}

export function createChat(person: User, nowMs: () => number): BotChat {
  const { id, first_name, last_name, username } = person;
  const chat: Chat = {
    ...{ id, type: "private", first_name },
    ...(last_name === undefined ? {} : { last_name }),
    ...(username === undefined ? {} : { username }),
  };
  let messages: Message[] = [];
  let keyboard: readonly (readonly string[])[] = [];
  let lastId = 0;
  const listeners = new Set<(event: ChatEvent) => void>();
  const tell = (event: ChatEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const seconds = (): number => Math.floor(nowMs() / 1000);
  return {
    chat,
    person,
    open: false,
    get messages() {
      return messages;
    },
    get keyboard() {
      return keyboard;
    },
    add(from, body) {
      lastId += 1;
      const message = { message_id: lastId, date: seconds(), chat, from, ...body };
      messages.push(message);
      tell({ kind: "sent", message });
      return message;
    },
    edit(messageId, change) {
      const index = indexOf(messages, messageId, "message to edit not found");
      const old = messages[index]!;
      if (!old.from.is_bot) throw badRequest("message can't be edited");
      assertChanged(old, change);
      const { reply_markup: _, ...kept } = old;
      const message = { ...kept, ...change, edit_date: seconds() };
      messages[index] = message;
      tell({ kind: "edited", message });
      return message;
    },
    remove(messageId) {
      indexOf(messages, messageId, "message to delete not found");
      messages = messages.filter(({ message_id }) => message_id !== messageId);
      tell({ kind: "deleted", message_id: messageId });
    },
    answer: (text, alert) => tell({ kind: "answered", text, alert }),
    setKeyboard(markup) {
      if (markup.keyboard === undefined && markup.remove_keyboard !== true) return;
      keyboard = (markup.keyboard ?? []).map((row) => row.map((key) => (typeof key === "string" ? key : key.text)));
      tell({ kind: "keyboard", rows: keyboard });
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell,
  };
}

function indexOf(messages: readonly Message[], messageId: number, problem: string): number {
  const index = messages.findIndex(({ message_id }) => message_id === messageId);
  if (index === -1) throw badRequest(problem);
  return index;
}

function assertChanged(old: Message, change: MessageBody): void {
  const sameText = change.text === undefined || change.text === old.text;
  const markup = (of: InlineKeyboard | undefined): string => JSON.stringify(of?.inline_keyboard ?? []);
  if (!sameText || markup(change.reply_markup) !== markup(old.reply_markup)) return;
  throw badRequest(
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
  );
}
