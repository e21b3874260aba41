/** The habit bot on a Telegram of this machine, and a console on its trail. */

import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { openTrail, parseCatalogue, type Store } from "auditrail";
import { startHabitBot } from "auditrail-example-habit-bot";
import { defaultToken, laterUpdateIds, startLocalTelegram } from "auditrail-local-telegram";
import { createServer, handOverLink, serveNode } from "auditrail/server";
import { openPostgresStore } from "auditrail/postgres";
import { openSqliteStore } from "auditrail/sqlite";

export interface HabitPart {
  /** Where to talk to the bot. */
  readonly chatUrl: string;
  readonly consoleUrl: string;
  /** A link that brings whoever clicks into the console of the bot's trail, once. */
  readonly consoleLink: () => string;
  close(): Promise<void>;
}

export async function openHabitPart(directory: string, trailAt?: string): Promise<HabitPart> {
  const file = join(directory, "habit-bot.db");
  const bots = [{ token: defaultToken, name: "Habit bot", username: "habit_bot" }];
  const telegram = await startLocalTelegram({ bots, firstUpdateId: laterUpdateIds() });
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const bot = await startHabitBot({ file, trailAt, zone, token: defaultToken, apiRoot: telegram.url });
  const console = await openConsole(file, trailAt);
  return {
    ...{ chatUrl: `${telegram.url}/`, consoleUrl: console.url, consoleLink: console.link },
    close: async () => {
      await console.close();
      await bot.close();
      await telegram.close();
    },
  };
}

/** Cookies know no ports: a path of its own keeps this console's sessions apart from the pantry's. */
const prefix = "/habits";

/** A program of its own would do: it needs the trail alone, which says what the sentences are. */
async function openConsole(file: string, trailAt: string | undefined) {
  const store =
    trailAt === undefined
      ? ((await openSqliteStore({ file })) as Store<unknown>)
      : ((await openPostgresStore({ connection: trailAt })) as Store<unknown>);
  const description = await store.readCatalogue();
  if (description === undefined) throw new Error(`${file} holds no catalogue.`);
  const catalogue = parseCatalogue(description);
  const trail = await openTrail({ catalogue, store, service: "habit-bot-console" });
  const key = randomBytes(32);
  const server = createServer({
    ...{ trail, store, catalogue, prefix, accounts: `${file}.accounts.db`, console: true, secureCookies: false },
    handOver: { key, roles: ["auditor"] },
  });
  const served = await serveNode(server);
  const person = { id: "demo", name: "Whoever looks" };
  return {
    url: `${served.url}${prefix}/`,
    link: () => handOverLink({ server: served.url + prefix, key, person, roles: ["auditor"] }),
    close: async () => {
      await served.close();
      await trail.close();
    },
  };
}
