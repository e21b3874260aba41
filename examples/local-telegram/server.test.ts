import { Bot, GrammyError, InlineKeyboard, InputFile, Keyboard, webhookCallback } from "grammy";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Telegraf } from "telegraf";
import { afterEach, expect, test } from "vitest";

import { defaultToken, startLocalTelegram, type LocalTelegram } from "./server.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(): Promise<LocalTelegram> {
  const telegram = await startLocalTelegram();
  closing.push(() => telegram.close());
  return telegram;
}

/** A grammY bot that runs until the test ends. */
function run(telegram: LocalTelegram, setUp: (bot: Bot) => void, token = defaultToken): Bot {
  const bot = new Bot(token, { client: { apiRoot: telegram.url } });
  setUp(bot);
  void bot.start({ timeout: 5 });
  closing.push(() => bot.stop());
  return bot;
}

const api = (telegram: LocalTelegram) => new Bot(defaultToken, { client: { apiRoot: telegram.url } }).api;
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => [(error as GrammyError).error_code, (error as GrammyError).description],
  );

test("a person talks to a bot of grammY: commands, inline buttons, edits, answers to buttons", async () => {
  const telegram = await start();
  run(telegram, (bot) => {
    bot.command("start", (ctx) =>
      ctx.reply("Tea?", { reply_markup: new InlineKeyboard().text("Yes", "yes").text("No", "no") }),
    );
    bot.callbackQuery("yes", async (ctx) => {
      await ctx.answerCallbackQuery("Boiling");
      await ctx.editMessageText("Tea it is");
    });
  });
  const ana = telegram.person("Ana");
  expect((await ana.says("/start")).text).toBe("Tea?");
  const answer = await ana.presses("Yes");
  expect([answer.text, answer.popups]).toEqual(["Tea it is", ["Boiling"]]);
  expect(ana.buttons()).toEqual([]);
  expect(ana.messages.map(({ text }) => text)).toEqual(["/start", "Tea it is"]);
});

test("and to a bot of Telegraf", async () => {
  const telegram = await start();
  const bot = new Telegraf(defaultToken, { telegram: { apiRoot: telegram.url } });
  bot.command("start", (ctx) =>
    ctx.reply("Hello", { reply_markup: { inline_keyboard: [[{ text: "Go", callback_data: "go" }]] } }),
  );
  bot.action("go", async (ctx) => {
    await ctx.answerCbQuery("Gone");
    await ctx.editMessageText("Went");
  });
  const running = bot.launch();
  closing.push(async () => {
    bot.stop();
    await running;
  });
  const ivan = telegram.person("Иван");
  expect((await ivan.says("/start")).text).toBe("Hello");
  expect(await ivan.presses("Go")).toMatchObject({ text: "Went", popups: ["Gone"] });
});

test("people have chats of their own", async () => {
  const telegram = await start();
  run(telegram, (bot) => bot.on("message:text", (ctx) => ctx.reply(`${ctx.from.first_name}: ${ctx.msg.text}`)));
  const [ana, wei] = [telegram.person("Ana"), telegram.person("李伟")];
  await Promise.all([ana.says("one"), wei.says("two")]);
  expect(ana.messages.map(({ text }) => text)).toEqual(["one", "Ana: one"]);
  expect(wei.messages.map(({ text }) => text)).toEqual(["two", "李伟: two"]);
});

test("a reply keyboard is pressed by its label and can be taken away", async () => {
  const telegram = await start();
  run(telegram, (bot) => {
    bot.command("start", (ctx) => ctx.reply("Which?", { reply_markup: new Keyboard().text("Red").text("Blue") }));
    bot.hears("Red", (ctx) => ctx.reply("Red it is", { reply_markup: { remove_keyboard: true } }));
  });
  const ana = telegram.person("Ana");
  await ana.says("/start");
  expect((await ana.presses("Red")).text).toBe("Red it is");
  await expect(ana.presses("Blue")).rejects.toThrow("Ana sees no button Blue. There are: none.");
});

test("command menus are kept for each language", async () => {
  const telegram = await start();
  const calls = api(telegram);
  await calls.setMyCommands([{ command: "start", description: "Begin" }]);
  await calls.setMyCommands([{ command: "start", description: "Начать" }], { language_code: "ru" });
  expect(await calls.getMyCommands({ language_code: "ru" })).toEqual([{ command: "start", description: "Начать" }]);
  const state = async (person: number) =>
    (await fetch(`${telegram.url}/chat/state?bot=local_bot&person=${person}`)).json() as Promise<{ commands: unknown }>;
  expect((await state(1002)).commands).toEqual([{ command: "start", description: "Начать" }]);
  expect((await state(1003)).commands).toEqual([{ command: "start", description: "Begin" }]);
  expect(await failureOf(calls.setMyCommands([{ command: "Wrong Name", description: "x" }]))).toEqual([
    400,
    "Bad Request: BOT_COMMAND_INVALID",
  ]);
});

test("files are taken, deleted messages are gone", async () => {
  const telegram = await start();
  run(telegram, (bot) =>
    bot.command("file", (ctx) =>
      ctx.replyWithDocument(new InputFile(Buffer.from("a,b"), "list.csv"), { caption: "Your list" }),
    ),
  );
  const ana = telegram.person("Ana");
  const { messages } = await ana.says("/file");
  expect(messages[0]).toMatchObject({ caption: "Your list", document: { file_name: "list.csv", file_size: 3 } });
  await api(telegram).deleteMessage(ana.user.id, messages[0]!.message_id);
  expect(ana.messages).toHaveLength(1);
});

test("mistakes get Telegram's own answers", async () => {
  const telegram = await start();
  run(telegram, (bot) => bot.command("start", (ctx) => ctx.reply("Hello")));
  const ana = telegram.person("Ana");
  const calls = api(telegram);
  const id = ana.user.id;
  expect(await failureOf(calls.sendMessage(id, "early"))).toEqual([
    403,
    "Forbidden: bot can't initiate conversation with a user",
  ]);
  await ana.says("/start");
  expect(await failureOf(calls.sendMessage(1, "x"))).toEqual([400, "Bad Request: chat not found"]);
  expect(await failureOf(calls.sendMessage(id, " "))).toEqual([400, "Bad Request: message text is empty"]);
  expect(await failureOf(calls.sendMessage(id, "x".repeat(4097)))).toEqual([400, "Bad Request: message is too long"]);
  expect(
    await failureOf(calls.sendMessage(id, "x", { reply_markup: new InlineKeyboard().text("x", "ж".repeat(33)) })),
  ).toEqual([400, "Bad Request: BUTTON_DATA_INVALID"]);
  expect((await failureOf(calls.editMessageText(id, 2, "Hello")))?.[1]).toContain("message is not modified");
  expect(await failureOf(calls.editMessageText(id, 1, "mine"))).toEqual([400, "Bad Request: message can't be edited"]);
  expect(await failureOf(calls.editMessageText(id, 99, "x"))).toEqual([400, "Bad Request: message to edit not found"]);
  expect(await failureOf(calls.answerCallbackQuery("7"))).toEqual([
    400,
    "Bad Request: query is too old and response timeout expired or query ID is invalid",
  ]);
  expect(await failureOf(new Bot("2:other", { client: { apiRoot: telegram.url } }).api.getMe())).toEqual([
    401,
    "Unauthorized",
  ]);
  await ana.blocks();
  expect(await failureOf(calls.sendMessage(id, "x"))).toEqual([403, "Forbidden: bot was blocked by the user"]);
});

test("failures can be scripted: 429 with retry_after, and a connection that is cut", async () => {
  const telegram = await start();
  telegram.failNext("getMe", { code: 429, description: "Too Many Requests: retry after 3", retryAfterSeconds: 3 });
  const error = (await api(telegram)
    .getMe()
    .catch((thrown: unknown) => thrown)) as GrammyError;
  expect([error.error_code, error.parameters]).toEqual([429, { retry_after: 3 }]);
  telegram.failNext("getMe", { code: "drop" });
  await expect(api(telegram).getMe()).rejects.toThrow("Network request");
  await expect(api(telegram).getMe()).resolves.toMatchObject({ username: "local_bot" });
});

test("two pollers are a conflict, and so is polling beside a webhook", async () => {
  const telegram = await start();
  const calls = api(telegram);
  const first = failureOf(calls.getUpdates({ timeout: 5 }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = failureOf(calls.getUpdates({ timeout: 0 }));
  expect((await first)?.[0]).toBe(409);
  expect(await second).toBeUndefined();
  await calls.setWebhook("http://127.0.0.1:9/");
  expect((await failureOf(calls.getUpdates()))?.[1]).toContain("while webhook is active");
});

test("an update that a bot did not confirm is told again", async () => {
  const telegram = await start();
  const calls = api(telegram);
  const said = telegram.person("Ana").says("hello");
  const [first] = await calls.getUpdates({ timeout: 1 });
  const [again] = await calls.getUpdates({ timeout: 1 });
  expect(again).toEqual(first);
  await calls.getUpdates({ timeout: 0, offset: first!.update_id + 1 });
  expect((await said).text).toBe("");
});

test("a webhook gets updates with its secret, one after the other, and again after a failure", async () => {
  const telegram = await start();
  const bot = new Bot(defaultToken, { client: { apiRoot: telegram.url } });
  let failures = 1;
  bot.command("start", async (ctx) => {
    failures -= 1;
    if (failures >= 0) throw new Error("not this time");
    await ctx.reply("Hello by webhook");
  });
  const handle = webhookCallback(bot, "http", { secretToken: "s3" });
  const server = createServer(
    (request, response) => void handle(request, response).catch(() => response.writeHead(500).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  await bot.api.setWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { secret_token: "s3" });
  expect((await telegram.person("Ana").says("/start")).text).toBe("Hello by webhook");
  await bot.api.deleteWebhook();
  server.closeAllConnections();
});

test("the page's doings take JSON only, and only under our own name", async () => {
  const telegram = await start();
  const form = await fetch(`${telegram.url}/chat/say`, { method: "POST", body: new URLSearchParams({ text: "x" }) });
  expect(form.status).toBe(415);
  const port = new URL(telegram.url).port;
  const { request } = await import("node:http");
  const status = await new Promise((resolve) => {
    request({ port, path: "/chat/people", headers: { host: "evil.example" } }, (response) =>
      resolve(response.statusCode),
    ).end();
  });
  expect(status).toBe(421);
});
