/** What the chat page asks for, and does: as one of the people, with one of the bots. */

import { Hono, type Context } from "hono";
import { streamSSE } from "hono/streaming";

import type { LocalBot } from "./bot.ts";
import type { BotChat } from "./chat.ts";
import type { ChatEvent, User } from "./types.ts";

interface Place {
  readonly bot: LocalBot;
  readonly chat: BotChat;
}

export interface ChatApiOptions {
  readonly bots: readonly LocalBot[];
  readonly people: readonly User[];
}

const keepAliveMs = 15_000;
const longestText = 4096;

export function createChatApi({ bots, people }: ChatApiOptions): Hono {
  const routes = new Hono();
  const placeOf = (botName: unknown, personId: unknown): Place | undefined => {
    const bot = bots.find(({ user }) => user.username === botName);
    const chat = bot?.chats.get(Number(personId));
    return bot === undefined || chat === undefined ? undefined : { bot, chat };
  };
  const asked = (context: Context): Place | undefined => placeOf(context.req.query("bot"), context.req.query("person"));
  routes.get("/people", (context) => context.json({ people, bots: bots.map(({ user }) => user) }));
  routes.get("/state", (context) => {
    const place = asked(context);
    return place === undefined ? context.notFound() : context.json(stateOf(place));
  });
  routes.get("/events", (context) => {
    const place = asked(context);
    return place === undefined ? context.notFound() : streamEvents(context, place);
  });
  routes.post("/:doing{say|press|block}", async (context) => {
    // A page of another site can send forms here, but not JSON.
    if (context.req.header("content-type") !== "application/json") return context.text("expected JSON", 415);
    const body = await context.req.json<Readonly<Record<string, unknown>>>();
    const place = placeOf(body["bot"], body["person"]);
    if (place === undefined) return context.notFound();
    return act(context.req.param("doing"), place, body) ? context.body(null, 204) : context.text("cannot", 400);
  });
  return routes;
}

function act(doing: string, { bot, chat }: Place, body: Readonly<Record<string, unknown>>): boolean {
  if (doing === "say") {
    const { text } = body;
    if (typeof text !== "string" || text.trim() === "" || text.length > longestText) return false;
    void bot.say(chat.person, text);
    return true;
  }
  if (doing === "block") {
    void bot.block(chat.person);
    return true;
  }
  const message = chat.messages.find(({ message_id }) => message_id === body["message"]);
  const button = message?.reply_markup?.inline_keyboard[Number(body["row"])]?.[Number(body["column"])];
  if (message === undefined || button?.callback_data === undefined) return false;
  void bot.press(chat.person, message.message_id, button);
  return true;
}

function stateOf({ bot, chat }: Place) {
  return {
    messages: chat.messages,
    keyboard: chat.keyboard,
    commands: bot.commandsFor(chat.person.language_code ?? ""),
    open: chat.open,
  };
}

function streamEvents(context: Context, { chat }: Place): Response {
  return streamSSE(context, async (stream) => {
    const waiting: ChatEvent[] = [];
    let wake: () => void = () => undefined;
    const stop = chat.watch((event) => {
      waiting.push(event);
      wake();
    });
    stream.onAbort(() => wake());
    try {
      await stream.writeSSE({ event: "ready", data: "{}" });
      while (!stream.aborted) {
        const event = waiting.shift();
        if (event !== undefined) await stream.writeSSE({ data: JSON.stringify(event) });
        else if (!(await arrival((resolve) => (wake = resolve)))) await stream.writeSSE({ event: "ping", data: "{}" });
      }
    } finally {
      stop();
    }
  });
}

/** Whether something came, rather than the time to show that the line still stands. */
function arrival(register: (resolve: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), keepAliveMs);
    register(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
