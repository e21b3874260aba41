import type { Bot } from "grammy";

import { changeSettings, languages } from "../domain/people.ts";
import { say } from "../texts/texts.ts";
import { answer, ask, leave } from "./conversation.ts";
import { button, cancelButton, inRows, menuButton, show, text, type Button, type HabitContext } from "./context.ts";

const menuItems = [
  ...(["done", "backdate", "streaks", "my-rewards", "list-rewards", "add-reward"] as const),
  ...(["add-habit", "edit-habit", "remove-habit", "revert", "settings", "help"] as const),
];

const menuRows = (ctx: HabitContext) =>
  inRows(
    menuItems.map((item) => button(ctx, `button.${item}`, item)),
    2,
  );

export function registerMenus(bot: Bot<HabitContext>): void {
  bot.command("start", async function start(ctx) {
    await leave(ctx);
    await show(ctx, text(ctx, "hello", { name: ctx.person.name }), menuRows(ctx));
  });
  bot.callbackQuery("menu", async function showMenu(ctx) {
    await leave(ctx);
    await show(ctx, text(ctx, "menu"), menuRows(ctx));
  });

  const help = (ctx: HabitContext) => show(ctx, text(ctx, "help"), [[menuButton(ctx)]]);
  bot.command("help", help);
  bot.callbackQuery("help", help);

  async function cancel(ctx: HabitContext): Promise<void> {
    const left = await leave(ctx);
    const pressed = ctx.callbackQuery !== undefined;
    await show(ctx, text(ctx, left || pressed ? "cancelled" : "nothing-to-cancel"), [[menuButton(ctx)]]);
  }
  bot.command("cancel", cancel);
  bot.callbackQuery("cancel", cancel);
}

export function registerSettings(bot: Bot<HabitContext>): void {
  async function showSettings(ctx: HabitContext): Promise<void> {
    await show(ctx, text(ctx, "settings"), [
      [button(ctx, "button.language", "language")],
      [button(ctx, "button.luck", "no-reward", { percent: ctx.person.no_reward_percent })],
      [menuButton(ctx)],
    ]);
  }
  bot.command("settings", showSettings);
  bot.callbackQuery("settings", showSettings);
  bot.callbackQuery("language", async function pickLanguage(ctx) {
    const buttons = languages.map((each): Button => [say(each, "language"), `language:${each}`]);
    await show(ctx, text(ctx, "pick.language"), [buttons, [cancelButton(ctx)]]);
  });
  bot.callbackQuery(/^language:(?<language>\w+)$/, async function changeLanguage(ctx) {
    ctx.person = changeSettings(ctx.world, ctx.person, { language: ctx.match[1]! });
    await show(ctx, text(ctx, "settings-changed"), [[menuButton(ctx)]]);
  });
  bot.callbackQuery("no-reward", (ctx) => ask(ctx, "settings/no-reward", {}));
}

/** What no command and no button took: an answer to a question, or nothing we know. */
export function registerTexts(bot: Bot<HabitContext>): void {
  bot.on("message:text", async function takeText(ctx) {
    // A command that there is not is no answer either.
    if (!ctx.msg.text.startsWith("/") && (await answer(ctx, ctx.msg.text))) return;
    await show(ctx, text(ctx, "unknown"), [[menuButton(ctx)]]);
  });
  bot.on("callback_query", (ctx) => show(ctx, text(ctx, "unknown"), [[menuButton(ctx)]]));
}
