/** What the compiler has to accept and to refuse of the bot captures, with the real grammY and Telegraf; `npm run check:types` reads it. */

import { Bot, type Context } from "grammy";
import { Telegraf, type Context as TelegrafContext } from "telegraf";
import { z } from "zod";

import { auditBot, botLog, updateOf } from "../../src/capture/grammy/index.ts";
import { auditBot as auditTelegraf } from "../../src/capture/telegraf/index.ts";
import { action, defineCatalogue, defineLog, openTrail } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

const brewed = action({ op: "create", says: "{actor} brewed", data: z.object({ cups: z.int() }) });
const catalogue = defineCatalogue(botLog({ actions: { brewed }, retain: { days: 90 } }));

interface Session {
  readonly member: string;
}

export async function inGrammy(): Promise<void> {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  const bot = new Bot<Context & { session: Session }>("1:x");
  bot.use(auditBot(trail));
  bot.use(auditBot(trail, { bot, actor: (ctx) => ({ type: "member", id: ctx.session.member }) }));
  bot.command("start", (ctx) => updateOf(ctx).set({ reason: "it rains" }));
  bot.command("start", (ctx) => {
    // @ts-expect-error The outcome is one of four words.
    updateOf(ctx).set({ outcome: "fine" });
  });
  await trail.record("bot.brewed", { data: { cups: 2 } });
  await trail.record("bot.command", { data: { update: 1, command: "/start" } });
  // @ts-expect-error The bot log's own actions have their data.
  await trail.record("bot.command", { data: { update: 1 } });
}

export async function inTelegraf(): Promise<void> {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  const bot = new Telegraf<TelegrafContext & { session: Session }>("1:x");
  bot.use(auditTelegraf(trail));
  bot.use(auditTelegraf(trail, { bot, actor: (ctx) => ({ type: "member", id: ctx.session.member }) }));
}

export async function withoutTheLog(): Promise<void> {
  const other = defineCatalogue(defineLog("tea", { title: "Tea", actions: { brewed } }));
  const trail = await openTrail({ catalogue: other, store: openMemoryStore() });
  // @ts-expect-error The catalogue lacks botLog().
  auditBot(trail);
}
