import { setTimeout as sleep } from "node:timers/promises";

import type { LocalBot } from "./bot.ts";
import type { ChatEvent, InlineButton, Message, User } from "./types.ts";

/** What a person sees of the bot's answer to one thing they did. */
export interface Answer {
  /** Messages that were sent or edited, as they stood then, in order. */
  readonly messages: readonly Message[];
  /** Their texts, one under the other. */
  readonly text: string;
  /** What popped up over the chat: answers to buttons. */
  readonly popups: readonly string[];
  readonly deleted: readonly number[];
}

/** A button that can be pressed now. */
export interface VisibleButton {
  readonly label: string;
  readonly data: string;
  readonly messageId: number;
}

/** Somebody who talks to a bot, for tests: does something, and waits until the bot has dealt with it. */
export interface Person {
  readonly user: User;
  says(text: string): Promise<Answer>;
  /** Presses the newest button with this label, or with a label that matches; of a reply keyboard too. */
  presses(label: string | RegExp): Promise<Answer>;
  /** Presses exactly this button, also where its message has another keyboard by now: people press before they see. */
  pressesButton(button: VisibleButton): Promise<Answer>;
  blocks(): Promise<Answer>;
  /** All buttons under messages, the newest message last. */
  buttons(): readonly VisibleButton[];
  readonly messages: readonly Message[];
}

export function createPerson(bot: LocalBot, user: User, timeoutMs: number): Person {
  const chat = bot.chats.get(user.id)!;
  const during = async (what: string, act: () => Promise<void>): Promise<Answer> => {
    const seen: ChatEvent[] = [];
    const stop = chat.watch((event) => seen.push(event));
    try {
      await within(timeoutMs, act(), `${user.first_name} ${what}`);
      return answerOf(seen);
    } finally {
      stop();
    }
  };
  const press = ({ label, data, messageId }: VisibleButton): Promise<Answer> =>
    during(`pressed ${label}`, () => bot.press(user, messageId, { text: label, callback_data: data }));
  const says = (text: string): Promise<Answer> => during(`said ${text}`, () => bot.say(user, text));
  const buttons = (): VisibleButton[] => chat.messages.flatMap(buttonsOf);
  return {
    user,
    says,
    async presses(label) {
      const matches = (text: string): boolean => (typeof label === "string" ? text === label : label.test(text));
      const button = buttons().findLast((each) => matches(each.label));
      if (button !== undefined) return press(button);
      const key = chat.keyboard.flat().find(matches);
      if (key !== undefined) return says(key);
      const shown = buttons().map((each) => each.label);
      throw new Error(`${user.first_name} sees no button ${String(label)}. There are: ${shown.join(", ") || "none"}.`);
    },
    pressesButton: press,
    blocks: () => during("blocked the bot", () => bot.block(user)),
    buttons,
    get messages() {
      return chat.messages;
    },
  };
}

function buttonsOf({ message_id: messageId, reply_markup: markup }: Message): VisibleButton[] {
  const all: readonly InlineButton[] = markup?.inline_keyboard.flat() ?? [];
  return all.flatMap(({ text: label, callback_data: data }) =>
    data === undefined ? [] : [{ label, data, messageId }],
  );
}

function answerOf(seen: readonly ChatEvent[]): Answer {
  const shown = seen.flatMap((event) => (event.kind === "sent" || event.kind === "edited" ? [event.message] : []));
  const messages = shown.filter(({ from }) => from.is_bot);
  return {
    messages,
    text: messages.map(({ text, caption }) => text ?? caption ?? "").join("\n"),
    popups: seen.flatMap((event) => (event.kind === "answered" && event.text !== "" ? [event.text] : [])),
    deleted: seen.flatMap((event) => (event.kind === "deleted" ? [event.message_id] : [])),
  };
}

/** The bot has dealt with an update when it asks for the next ones. */
async function within(timeoutMs: number, done: Promise<void>, what: string): Promise<void> {
  const over = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: over.signal }).then(
    () => {
      throw new Error(`${what}, and no bot has dealt with it for ${timeoutMs} ms. Is it running?`);
    },
    () => undefined,
  );
  await Promise.race([done, late]);
  over.abort();
}
