/** The same bot in grammY and in Telegraf, against the local Telegram: what the captures' contract is tested with. */

import { Bot, InlineKeyboard } from "grammy";
import { Markup, Telegraf } from "telegraf";

import { defaultToken, startLocalTelegram, type LocalTelegram } from "../../../examples/local-telegram/server.ts";
import { auditBot as auditGrammy, updateOf } from "../../src/capture/grammy/index.ts";
import { auditBot as auditTelegraf } from "../../src/capture/telegraf/index.ts";
import type { UpdateTrail } from "../../src/capture/audit-update.ts";
import type { InventoryItem } from "../../src/event/inventory.ts";

/** What a handler of the bot may do beyond answering. */
export interface Work {
  readonly start?: () => unknown;
  readonly tea?: () => unknown;
  readonly failure?: unknown;
  /** One that is there already; the bot closes it too. */
  readonly telegram?: LocalTelegram;
}

export interface RunningBot {
  readonly telegram: LocalTelegram;
  /** What its error handler was told. */
  readonly caught: readonly unknown[];
  inventory(): readonly InventoryItem[];
  close(): Promise<void>;
}

export const failure = new Error("the kettle is broken, password=hunter2hunter2");

function makeGrammy(telegram: LocalTelegram, trail: UpdateTrail | undefined, work: Work) {
  const bot = new Bot(defaultToken, { client: { apiRoot: telegram.url } });
  const audit = trail && auditGrammy(trail, { bot, steps: ["order/size"] });
  if (audit !== undefined) bot.use(audit);
  bot.command("start", async function handleStart(ctx) {
    await work.start?.();
    await ctx.reply("Tea?", { reply_markup: new InlineKeyboard().text("Tea", "tea:7").text("Fail", "fail") });
  });
  bot.callbackQuery(/^tea:(?<cup>\d+)$/, async function makeTea(ctx) {
    await work.tea?.();
    await ctx.answerCallbackQuery("On its way");
  });
  bot.callbackQuery("fail", () => {
    throw (work.failure ?? failure) as Error;
  });
  bot.hears("large", async (ctx) => {
    updateOf(ctx).enterStep("order/size");
    await ctx.reply("Large it is");
  });
  bot.on("message:text", (ctx) => ctx.reply("What?"));
  const caught: unknown[] = [];
  bot.catch(async ({ error, ctx }) => {
    caught.push(error);
    await ctx.reply("Sorry, that did not work.");
  });
  return { bot, audit, caught };
}

export async function startGrammy(trail: UpdateTrail | undefined, work: Work = {}): Promise<RunningBot> {
  const { telegram = await startLocalTelegram() } = work;
  const { bot, audit, caught } = makeGrammy(telegram, trail, work);
  const running = bot.start({ timeout: 5 });
  return {
    ...{ telegram, caught },
    inventory: () => audit?.inventory() ?? [],
    async close() {
      await bot.stop();
      await running;
      await telegram.close();
    },
  };
}

function makeTelegraf(telegram: LocalTelegram, trail: UpdateTrail | undefined, work: Work) {
  const bot = new Telegraf(defaultToken, { telegram: { apiRoot: telegram.url } });
  const audit = trail && auditTelegraf(trail, { bot, steps: ["order/size"] });
  if (audit !== undefined) bot.use(audit);
  bot.command("start", async function handleStart(ctx) {
    await work.start?.();
    const buttons = [Markup.button.callback("Tea", "tea:7"), Markup.button.callback("Fail", "fail")];
    await ctx.reply("Tea?", Markup.inlineKeyboard(buttons));
  });
  bot.action(/^tea:(?<cup>\d+)$/, async function makeTea(ctx) {
    await work.tea?.();
    await ctx.answerCbQuery("On its way");
  });
  bot.action("fail", () => {
    throw (work.failure ?? failure) as Error;
  });
  bot.hears("large", async (ctx) => {
    updateOf(ctx).enterStep("order/size");
    await ctx.reply("Large it is");
  });
  bot.on("text", (ctx) => ctx.reply("What?"));
  const caught: unknown[] = [];
  bot.catch(async (error, ctx) => {
    caught.push(error);
    await ctx.reply("Sorry, that did not work.");
  });
  return { bot, audit, caught };
}

export async function startTelegraf(trail: UpdateTrail | undefined, work: Work = {}): Promise<RunningBot> {
  const { telegram = await startLocalTelegram() } = work;
  const { bot, audit, caught } = makeTelegraf(telegram, trail, work);
  const running = bot.launch();
  return {
    ...{ telegram, caught },
    inventory: () => audit?.inventory() ?? [],
    async close() {
      bot.stop();
      await running;
      await telegram.close();
    },
  };
}

/** A process that works on what waits and dies before it asks for more: nothing is confirmed. */
export async function dieInGrammy(
  trail: UpdateTrail,
  work: Work & { readonly telegram: LocalTelegram },
): Promise<void> {
  const { bot } = makeGrammy(work.telegram, trail, work);
  await bot.init();
  for (const update of await bot.api.getUpdates()) await bot.handleUpdate(update);
}

export async function dieInTelegraf(
  trail: UpdateTrail,
  work: Work & { readonly telegram: LocalTelegram },
): Promise<void> {
  const { bot } = makeTelegraf(work.telegram, trail, work);
  for (const update of await bot.telegram.getUpdates(0, 100, 0, undefined)) await bot.handleUpdate(update);
}
