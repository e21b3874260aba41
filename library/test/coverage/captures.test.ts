/** The real captures of grammY and Hono hand over their inventories, and their events are found by them. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { Bot } from "grammy";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";

import { auditBot, botLog } from "../../src/capture/grammy/index.ts";
import { auditRequests, requestLog } from "../../src/capture/hono/index.ts";
import {
  checkCapture,
  drainChanges,
  installCapture,
  writeInOperation,
} from "../../src/capture/sqlite-triggers/index.ts";
import { assessCoverage, observe } from "../../src/coverage/index.ts";
import { defineCatalogue, defineRowLog, openTrail } from "../../src/index.ts";
import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const botInfo = { id: 1, is_bot: true, first_name: "Tea", username: "tea_bot" } as never;
const chat = { id: 7, type: "private", first_name: "A" };
const from = { id: 7, is_bot: false, first_name: "A" };

async function openTeaRoom() {
  const file = join(temporaryDirectory(), "tea.db");
  const database = new DatabaseSync(file, { timeout: 2_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE cups (id INTEGER PRIMARY KEY)");
  installCapture(database, { tables: { cups: {} } });
  const store = await openSqliteStore({ file, createIfMissing: true, threads: false });
  const catalogue = defineCatalogue(botLog(), requestLog(), defineRowLog());
  const trail = await openTrail({ catalogue, store, exitHooks: false });
  onTestFinished(async () => {
    await trail.close();
    database.close();
  });
  const pour = (): void => writeInOperation(database, () => database.exec("INSERT INTO cups DEFAULT VALUES"));
  return { database, trail, pour };
}

test("a bot's commands and buttons and a server's routes are recorded, excluded, not exercised, or gaps", async () => {
  const { database, trail, pour } = await openTeaRoom();
  const bot = new Bot("1:token", { botInfo });
  const audit = auditBot(trail, { bot });
  bot.command("early", () => undefined);
  bot.use(audit);
  bot.command("tea", pour);
  bot.command("milk", () => undefined);
  bot.callbackQuery(/^cup:(?<id>\d+)$/, pour);
  const app = new Hono();
  const requests = auditRequests(trail, { exclude: [{ route: "/health", reason: "only a load balancer asks" }] });
  app.use(requests);
  app.post("/cups/:id", (context) => {
    pour();
    return context.text("poured");
  });
  app.delete("/cups/:id", (context) => context.text("gone"));
  app.get("/health", (context) => context.text("well"));

  const text = "/tea now";
  const entities = [{ type: "bot_command", offset: 0, length: 4 }];
  await bot.handleUpdate({ update_id: 1, message: { message_id: 1, date: 1, chat, from, text, entities } } as never);
  const query = { id: "1", from, chat_instance: "1", data: "cup:42" };
  await bot.handleUpdate({ update_id: 2, callback_query: query } as never);
  await app.request("/cups/42", { method: "POST" });
  await app.request("/health");
  await requests.close();
  await drainChanges(database, trail);
  const inventory = [...audit.inventory(), ...requests.inventory(app), ...checkCapture(database)];
  const report = assessCoverage([await observe({ trail, inventory })]);

  const shown = report.lines.map(({ name, state, actions, writes }) => [name, state, actions.join(), writes.join()]);
  expect(shown).toEqual([
    ["/early", "gap", "", ""],
    ["/milk", "unexercised", "", ""],
    ["DELETE /cups/:id", "unexercised", "", ""],
    ["GET /health", "excluded", "", ""],
    ["/tea", "recorded", "bot.command", "cups"],
    ["button cup:<id>", "recorded", "bot.button", "cups"],
    ["POST /cups/:id", "recorded", "http.requested", "cups"],
    ["cups", "recorded", "bot.button,bot.command,http.requested", ""],
  ]);
  expect(report.silent).toEqual([]);
  expect(report.unlisted).toEqual([]);
});
