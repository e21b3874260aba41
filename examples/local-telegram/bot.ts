import { badRequest, BotApiError, forbidden } from "./bot-api-error.ts";
import { createChat, type BotChat } from "./chat.ts";
import { commandEntities } from "./markup.ts";
import type { Command, InlineButton, User } from "./types.ts";
import { createUpdateQueue, type UpdateQueue } from "./update-queue.ts";
import type { Webhook } from "./webhook.ts";

/** A bot as Telegram knows it: its name, its chats, and what it has not been told yet. */
export interface LocalBot {
  readonly token: string;
  readonly user: User;
  readonly queue: UpdateQueue;
  readonly chats: ReadonlyMap<number, BotChat>;
  /** Command menus by language; `""` is for all others. */
  readonly commands: Map<string, readonly Command[]>;
  webhook: Webhook | undefined;
  /** Questions of buttons that were pressed and not answered, by id. */
  readonly open: Map<string, BotChat>;
  /** The chat that a method is about. Errors: 400, 403. */
  chatFor(id: unknown): BotChat;
  /** Each resolves when the bot has confirmed that it was told. */
  say(person: User, text: string): Promise<void>;
  press(person: User, messageId: number, button: InlineButton): Promise<void>;
  block(person: User): Promise<void>;
  commandsFor(language: string): readonly Command[];
}

export interface BotOptions {
  readonly token: string;
  readonly name: string;
  readonly username: string;
  readonly people: readonly User[];
  readonly nowMs: () => number;
  readonly firstUpdateId: number;
}

export function createBot({ token, name, username, people, nowMs, firstUpdateId }: BotOptions): LocalBot {
  const user: User = { id: Number(token.split(":")[0]), is_bot: true, first_name: name, username };
  const chats = new Map(people.map((person) => [person.id, createChat(person, nowMs)]));
  const queue = createUpdateQueue(firstUpdateId);
  const commands = new Map<string, readonly Command[]>();
  const open = new Map<string, BotChat>();
  let lastQuery = 0;
  const chatOf = (person: User): BotChat => chats.get(person.id)!;
  return {
    ...{ token, user, queue, chats, commands, open },
    webhook: undefined,
    chatFor(id) {
      const chat = chats.get(Number(id));
      if (chat === undefined) throw badRequest("chat not found");
      if (!chat.open && chat.messages.length === 0) throw forbidden("bot can't initiate conversation with a user");
      if (!chat.open) throw forbidden("bot was blocked by the user");
      return chat;
    },
    say(person, text) {
      const chat = chatOf(person);
      chat.open = true;
      const entities = commandEntities(text);
      const message = chat.add(person, { text, ...(entities.length === 0 ? {} : { entities }) });
      return queue.push({ message });
    },
    press(person, messageId, { callback_data: data }) {
      const chat = chatOf(person);
      const message = chat.messages.find(({ message_id }) => message_id === messageId);
      if (message === undefined || data === undefined) throw new BotApiError(400, "there is no such button");
      lastQuery += 1;
      const id = String(lastQuery);
      open.set(id, chat);
      return queue.push({ callback_query: { id, from: person, message, chat_instance: String(chat.chat.id), data } });
    },
    block(person) {
      const chat = chatOf(person);
      chat.open = false;
      const member = (status: string) => ({ user, status });
      const date = Math.floor(nowMs() / 1000);
      const change = { old_chat_member: member("member"), new_chat_member: member("kicked") };
      return queue.push({ my_chat_member: { chat: chat.chat, from: person, date, ...change } });
    },
    commandsFor: (language) => commands.get(language) ?? commands.get("") ?? [],
  };
}
