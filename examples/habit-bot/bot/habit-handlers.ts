import type { Bot } from "grammy";

import { completeHabit, currentStreak, findLog, listLogs, openDays, revertHabit } from "../domain/completing.ts";
import { readDay } from "../domain/days.ts";
import { createHabit, findHabit, listHabits, removeHabit } from "../domain/habits.ts";
import { Refusal } from "../domain/refusal.ts";
import type { TextKey } from "../texts/texts.ts";
import { ask, conversationOf, leave, type StepName } from "./conversation.ts";
import { button, cancelButton, inRows, menuButton, show, text, type Button, type HabitContext } from "./context.ts";

/** Lets somebody pick a habit; the button sends `<data>:<its id>`. */
async function pickHabit(ctx: HabitContext, question: TextKey, data: string): Promise<void> {
  const habits = listHabits(ctx.world, ctx.person);
  if (habits.length === 0) return show(ctx, text(ctx, "no-habits"), [[menuButton(ctx)]]);
  const buttons = habits.map(({ id, name }): Button => [name, `${data}:${id}`]);
  await show(ctx, text(ctx, question), [...inRows(buttons), [cancelButton(ctx)]]);
}

async function complete(ctx: HabitContext, habitId: number, day?: string): Promise<void> {
  const done = completeHabit(ctx.world, ctx.person, habitId, day);
  const lines = [text(ctx, "done", { name: done.habit.name, day: done.day, streak: done.streak })];
  const { reward, progress } = done;
  if (reward === undefined || progress === undefined) lines.push(text(ctx, "done.nothing"));
  else {
    const values = { reward: reward.name, pieces: progress.pieces, required: reward.piecesRequired };
    lines.push(text(ctx, "done.reward", values));
    if (progress.pieces >= reward.piecesRequired) lines.push(text(ctx, "done.achieved", values));
  }
  await show(ctx, lines.join("\n"), [[menuButton(ctx)]]);
}

export function registerCompleting(bot: Bot<HabitContext>): void {
  const pickDone = (ctx: HabitContext) => pickHabit(ctx, "pick.habit-done", "done");
  bot.command("habit_done", pickDone);
  bot.callbackQuery("done", pickDone);
  bot.callbackQuery(/^done:(?<habit>\d+)$/, (ctx) => complete(ctx, Number(ctx.match[1])));

  const pickBackdate = (ctx: HabitContext) => pickHabit(ctx, "pick.habit-backdate", "backdate");
  bot.command("backdate", pickBackdate);
  bot.callbackQuery("backdate", pickBackdate);
  bot.callbackQuery(/^backdate:(?<habit>\d+)$/, async function pickDay(ctx) {
    const habit = findHabit(ctx.world, ctx.person, Number(ctx.match[1]));
    const days = openDays(ctx.world, habit).map((day): Button => [day, `day:${habit.id}:${day}`]);
    if (days.length === 0) return show(ctx, text(ctx, "no-days", habit as never), [[menuButton(ctx)]]);
    await show(ctx, text(ctx, "pick.day", { name: habit.name }), [...inRows(days, 2), [cancelButton(ctx)]]);
  });
  bot.callbackQuery(/^day:(?<habit>\d+):(?<day>[\d-]+)$/, async function confirmDay(ctx) {
    const [, id, given] = ctx.match as unknown as [string, string, string];
    const habit = findHabit(ctx.world, ctx.person, Number(id));
    const day = readDay(given);
    await show(ctx, text(ctx, "confirm.backdate", { name: habit.name, day }), [
      [button(ctx, "button.confirm", `backdate:${habit.id}:${day}`), cancelButton(ctx)],
    ]);
  });
  bot.callbackQuery(/^backdate:(?<habit>\d+):(?<day>[\d-]+)$/, (ctx) =>
    complete(ctx, Number(ctx.match[1]), readDay(ctx.match[2]!)),
  );

  async function showStreaks(ctx: HabitContext): Promise<void> {
    const habits = listHabits(ctx.world, ctx.person);
    const lines = habits.map((habit) =>
      text(ctx, "streak", { name: habit.name, streak: currentStreak(ctx.world, habit) }),
    );
    await show(ctx, lines.join("\n") || text(ctx, "no-habits"), [[menuButton(ctx)]]);
  }
  bot.command("streaks", showStreaks);
  bot.callbackQuery("streaks", showStreaks);
}

export function registerReverting(bot: Bot<HabitContext>): void {
  async function pickLog(ctx: HabitContext): Promise<void> {
    const logs = listLogs(ctx.world, ctx.person);
    if (logs.length === 0) return show(ctx, text(ctx, "no-logs"), [[menuButton(ctx)]]);
    const buttons = logs.map(({ id, habit_name: name, day }): Button => [`${name} · ${day}`, `revert:${id}`]);
    await show(ctx, text(ctx, "pick.log"), [...inRows(buttons), [cancelButton(ctx)]]);
  }
  bot.command("revert_habit", pickLog);
  bot.callbackQuery("revert", pickLog);
  bot.callbackQuery(/^revert:(?<log>\d+)$/, async function confirmRevert(ctx) {
    const { id, habit_name: name, day } = findLog(ctx.world, ctx.person, Number(ctx.match[1]));
    await show(ctx, text(ctx, "confirm.revert", { name, day }), [
      [button(ctx, "button.confirm", `revert-now:${id}`), cancelButton(ctx)],
    ]);
  });
  bot.callbackQuery(/^revert-now:(?<log>\d+)$/, async function revert(ctx) {
    const { habitName: name, day, rewardName } = revertHabit(ctx.world, ctx.person, Number(ctx.match[1]));
    const lines = [text(ctx, "reverted", { name, day })];
    if (rewardName !== undefined) lines.push(text(ctx, "reverted.piece", { reward: rewardName }));
    await show(ctx, lines.join("\n"), [[menuButton(ctx)]]);
  });
}

const editable = ["name", "weight", "category", "skip-days", "weekdays"] as const;

export function registerHabits(bot: Bot<HabitContext>): void {
  const begin = (ctx: HabitContext) => ask(ctx, "add-habit/name", {});
  bot.command("add_habit", begin);
  bot.callbackQuery("add-habit", begin);
  bot.callbackQuery("confirm-habit", async function confirmHabit(ctx) {
    const draft = draftOf(ctx, "add-habit/confirm");
    const { name, weight, category } = draft as Readonly<Record<string, string>>;
    const fields = { name: name!, weight: Number(weight), category: category!, skipDays: 0, exemptWeekdays: [] };
    createHabit(ctx.world, ctx.person, fields);
    await leave(ctx);
    await show(ctx, text(ctx, "habit-created", { name: name! }), [[menuButton(ctx)]]);
  });

  const pickEdit = (ctx: HabitContext) => pickHabit(ctx, "pick.habit-edit", "edit");
  bot.command("edit_habit", pickEdit);
  bot.callbackQuery("edit-habit", pickEdit);
  bot.callbackQuery(/^edit:(?<habit>\d+)$/, async function pickField(ctx) {
    const { id, name } = findHabit(ctx.world, ctx.person, Number(ctx.match[1]));
    const buttons = editable.map((field) => button(ctx, `button.${field}`, `edit:${id}:${field}`));
    await show(ctx, text(ctx, "pick.field", { name }), [...inRows(buttons, 2), [cancelButton(ctx)]]);
  });
  bot.callbackQuery(
    /^edit:(?<habit>\d+):(?<field>name|weight|category|skip-days|weekdays)$/,
    async function askField(ctx) {
      const { id } = findHabit(ctx.world, ctx.person, Number(ctx.match[1]));
      await ask(ctx, `edit-habit/${ctx.match[2]!}` as StepName, { habit: id });
    },
  );

  const pickRemove = (ctx: HabitContext) => pickHabit(ctx, "pick.habit-remove", "remove");
  bot.command("remove_habit", pickRemove);
  bot.callbackQuery("remove-habit", pickRemove);
  bot.callbackQuery(/^remove:(?<habit>\d+)$/, async function confirmRemove(ctx) {
    const { id, name } = findHabit(ctx.world, ctx.person, Number(ctx.match[1]));
    await show(ctx, text(ctx, "confirm.remove", { name }), [
      [button(ctx, "button.confirm", `remove-now:${id}`), cancelButton(ctx)],
    ]);
  });
  bot.callbackQuery(/^remove-now:(?<habit>\d+)$/, async function remove(ctx) {
    const { name } = removeHabit(ctx.world, ctx.person, Number(ctx.match[1]));
    await show(ctx, text(ctx, "habit-removed", { name }), [[menuButton(ctx)]]);
  });
}

/** What a confirming button is about. The conversation may have been left since it was shown. */
export function draftOf(ctx: HabitContext, step: string): Readonly<Record<string, unknown>> {
  const conversation = conversationOf(ctx);
  if (conversation?.step === step) return conversation.draft;
  throw new Refusal("log-gone");
}
