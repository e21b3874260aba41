import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";

import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";

import { createBotApi, type Call, type ScriptedFailure } from "./bot-api.ts";
import { createBot, type LocalBot } from "./bot.ts";
import { createChatApi } from "./chat-api.ts";
import { defaultPeople } from "./people.ts";
import { createPerson, type Person } from "./person.ts";
import type { User } from "./types.ts";

export type { Call, ScriptedFailure } from "./bot-api.ts";
export type { Answer, Person, VisibleButton } from "./person.ts";
export type { Message, User } from "./types.ts";

export interface LocalTelegramOptions {
  /** Any free one unless given. It listens on 127.0.0.1 only: whoever reaches it may speak as anybody. */
  readonly port?: number;
  /** The bots there are. One with the token {@link defaultToken} unless given. */
  readonly bots?: readonly { readonly token: string; readonly name: string; readonly username: string }[];
  readonly people?: readonly User[];
  /** How long a person of a test waits for the bot, in milliseconds; 10,000 unless given. */
  readonly timeoutMs?: number;
  /** What time messages carry, in milliseconds since 1970. */
  readonly nowMs?: () => number;
  /**
   * 1 unless given. A Telegram that a bot meets again after it was closed gives later numbers than before: with
   * {@link laterUpdateIds} no two updates of a bot have the same.
   */
  readonly firstUpdateId?: number;
}

/** A Telegram of one's own: the Bot API for bots, a chat page for people, and people for tests. */
export interface LocalTelegram {
  /** The chat page; also what a bot takes as its API root. */
  readonly url: string;
  /** Somebody to talk to a bot as, by first name; the first bot unless its username is given. */
  person(firstName: string, botUsername?: string): Person;
  /** What bots called, in order, all but `getUpdates`. */
  readonly calls: readonly Call[];
  /** Lets the next calls of a method fail as Telegram would fail them. */
  failNext(method: string, failure: ScriptedFailure): void;
  close(): Promise<void>;
}

/** For bots that talk to a local Telegram: it opens nothing anywhere else. */
export const defaultToken = "1:local-telegram";

/** Seconds since 1970: nobody does more than one thing a second for long. */
export const laterUpdateIds = (): number => Math.floor(Date.now() / 1000);

const page = {
  "/": ["page.html", "text/html; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
} as const;

const pageHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
};

/**
 * Starts a local Telegram.
 *
 * @example
 * const telegram = await startLocalTelegram();
 * const bot = new Bot(defaultToken, { client: { apiRoot: telegram.url } });
 * await telegram.person("Ana").says("/start");
 */
export async function startLocalTelegram(options: LocalTelegramOptions = {}): Promise<LocalTelegram> {
  const { people = defaultPeople, timeoutMs = 10_000, nowMs = Date.now, firstUpdateId = 1 } = options;
  const given = options.bots ?? [{ token: defaultToken, name: "Local bot", username: "local_bot" }];
  const bots = given.map((each) => createBot({ ...each, people, nowMs, firstUpdateId }));
  const api = createBotApi(new Map(bots.map((bot) => [bot.token, bot])));
  const app = createApplication(api.routes, createChatApi({ bots, people }));
  const server = createServer((request, response) => void listener(request, response));
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    person(firstName, botUsername) {
      const user = people.find(({ first_name }) => first_name === firstName);
      const bot = botUsername === undefined ? bots[0] : bots.find((each) => each.user.username === botUsername);
      if (user === undefined || bot === undefined)
        throw new Error(`There is no ${user === undefined ? firstName : `bot ${botUsername}`} in this Telegram.`);
      return createPerson(bot, user, timeoutMs);
    },
    calls: api.calls,
    failNext: api.failNext,
    close: () => close(server, bots),
  };
}

function createApplication(botApi: Hono, chatApi: Hono): Hono {
  const app = new Hono();
  // A name that somebody else's DNS points here would let their page in: answer to our own only.
  app.use("/chat/*", async (context, next) => {
    const host = new URL(context.req.url).hostname;
    return host === "127.0.0.1" || host === "localhost" ? next() : context.text("unknown host", 421);
  });
  app.route("/chat", chatApi);
  for (const [path, [file, type]] of Object.entries(page)) {
    const content = readFileSync(new URL(`page/${file}`, import.meta.url), "utf8");
    app.get(path, (context) => context.body(content, 200, { ...pageHeaders, "content-type": type }));
  }
  app.get("/favicon.ico", (context) => context.body(null, 204));
  app.route("/", botApi);
  return app;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(server: Server, bots: readonly LocalBot[]): Promise<void> {
  for (const { webhook } of bots) webhook?.stop();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
