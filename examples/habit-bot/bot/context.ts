import { GrammyError, InlineKeyboard, type Context } from "grammy";

import type { Person } from "../domain/people.ts";
import type { World } from "../domain/world.ts";
import { say, type TextKey, type TextValues } from "../texts/texts.ts";

/** grammY's context with who it is and what the rules work on. */
export interface HabitContext extends Context {
  world: World;
  person: Person;
  /** Whether the capture runs; it does unless somebody measures what it costs. */
  captured: boolean;
}

export const text = (ctx: HabitContext, key: TextKey, values?: TextValues): string =>
  say(ctx.person.language, key, values);

/** A button, in the person's language. */
export type Button = readonly [label: string, data: string];

export const button = (ctx: HabitContext, key: TextKey, data: string, values?: TextValues): Button => [
  text(ctx, key, values),
  data,
];

export const menuButton = (ctx: HabitContext): Button => button(ctx, "button.menu", "menu");
export const cancelButton = (ctx: HabitContext): Button => button(ctx, "button.cancel", "cancel");

/** Telegram shortens labels that are longer. */
const longestLabel = 60;

/** Says something with buttons: in place of the message whose button was pressed, else as a new one. */
export async function show(ctx: HabitContext, what: string, rows: readonly (readonly Button[])[] = []): Promise<void> {
  const keyboard = new InlineKeyboard(
    rows.map((row) => row.map(([label, data]) => InlineKeyboard.text(label.slice(0, longestLabel), data))),
  );
  if (ctx.callbackQuery === undefined) {
    await ctx.reply(what, { reply_markup: keyboard });
    return;
  }
  try {
    await ctx.editMessageText(what, { reply_markup: keyboard });
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error;
    // Pressed twice, there is nothing new to show; an old message cannot be changed any more.
    if (!error.description.includes("message is not modified")) await ctx.reply(what, { reply_markup: keyboard });
  }
}

export const inRows = (buttons: readonly Button[], width = 1): (readonly Button[])[] =>
  Array.from({ length: Math.ceil(buttons.length / width) }, (_, row) => buttons.slice(row * width, (row + 1) * width));
