/** The chat page in a real browser: with a bot that answers, and one that attacks. */

import { Bot, InlineKeyboard } from "grammy";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { launchBrowser } from "../browser.ts";
import { defaultToken, startLocalTelegram, type LocalTelegram } from "./server.ts";

let browser: Browser;
beforeAll(async () => (browser = await launchBrowser()), 60_000);
afterAll(() => browser.close());

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const markup = `<img src=x onerror="document.title='broken'"><b>bold</b> \u202egnp.exe`;

function setUp(bot: Bot): void {
  bot.command("start", (ctx) =>
    ctx.reply("Good morning! What shall it be? See /help.", {
      reply_markup: new InlineKeyboard().text("Tea", "tea").text(markup, "hostile").row().text("Nothing", "nothing"),
    }),
  );
  bot.callbackQuery("tea", async (ctx) => {
    await ctx.answerCallbackQuery("The kettle is on");
    await ctx.editMessageText("Tea it is.");
  });
  bot.callbackQuery("hostile", (ctx) => ctx.answerCallbackQuery({ text: markup, show_alert: true }));
  bot.on("message:text", (ctx) => ctx.reply(ctx.msg.text));
}

async function open(): Promise<{ page: Page; telegram: LocalTelegram; mishaps: string[] }> {
  const telegram = await startLocalTelegram();
  const bot = new Bot(defaultToken, { client: { apiRoot: telegram.url } });
  setUp(bot);
  await bot.api.setMyCommands([{ command: "start", description: "Begin again" }]);
  void bot.start({ timeout: 5 });
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  page.setDefaultTimeout(10_000);
  closing.push(
    () => telegram.close(),
    () => bot.stop(),
    () => page.close(),
  );
  const mishaps: string[] = [];
  page.on("pageerror", (error) => mishaps.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) mishaps.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(telegram.url)) mishaps.push(`asked for ${request.url()}`);
  });
  await page.goto(telegram.url);
  return { page, telegram, mishaps };
}

test("one starts the bot, presses a button, and sees the message change", async () => {
  const { page, mishaps } = await open();
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("button", { name: "Tea" }).click();
  await page.getByText("The kettle is on").waitFor();
  await page.getByText("Tea it is.").waitFor();
  expect(await page.getByRole("button", { name: "Nothing" }).count()).toBe(0);
  expect(mishaps).toEqual([]);
});

test("the menu offers the bot's commands, and each person has a chat of their own", async () => {
  const { page, mishaps } = await open();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("button", { name: "/start Begin again" }).click();
  await page.getByText("Good morning!").waitFor();
  await page.getByRole("button", { name: "Айгерім" }).click();
  await page.getByText("Nothing said yet.").waitFor();
  await page.getByRole("button", { name: "Ana Pop" }).click();
  await page.getByText("Good morning!").waitFor();
  expect(mishaps).toEqual([]);
});

test("what a bot or a person writes is shown and never run", async () => {
  const { page, mishaps } = await open();
  await page.getByLabel("Message", { exact: true }).fill(markup);
  await page.getByLabel("Message", { exact: true }).press("Enter");
  const shown = String.raw`<b>bold</b> \u202egnp.exe`;
  await page.locator("li:not(.mine)", { hasText: shown }).waitFor();
  await page
    .getByRole("button", { name: "/start" })
    .or(page.getByRole("button", { name: "Menu" }))
    .first()
    .click();
  await page.getByRole("button", { name: "/start Begin again" }).click();
  await page.locator(".row button", { hasText: shown }).click();
  await page.locator("dialog", { hasText: shown }).waitFor();
  expect(await page.title()).toBe("Local Telegram");
  expect(await page.locator("#messages img, #messages b").count()).toBe(0);
  expect(mishaps).toEqual([]);
});

test("it fits a telephone", async () => {
  const { page } = await open();
  await page.setViewportSize({ width: 360, height: 640 });
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText("Good morning!").waitFor();
  const wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
  expect(wide).toBe(false);
  const { SCREENSHOT } = process.env;
  if (SCREENSHOT !== undefined) await page.screenshot({ path: SCREENSHOT });
});
