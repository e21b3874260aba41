import { GrammyError, HttpError, type NextFunction } from "grammy";

import { Refusal } from "../domain/refusal.ts";
import { conversationOf } from "./conversation.ts";
import { say } from "../texts/texts.ts";
import type { HabitContext } from "./context.ts";

/** Records what failed, with its context, and lets it go on to whoever answers. Stands right behind the capture. */
export async function recordFailures(ctx: HabitContext, next: NextFunction): Promise<void> {
  try {
    await next();
  } catch (error) {
    void record(ctx, error).catch(() => undefined);
    throw error;
  }
}

/** Not waited for: the person gets an answer whether or not it can be recorded; the trail's health counts it. */
async function record(ctx: HabitContext, error: unknown): Promise<void> {
  const { code, details } = error instanceof Refusal ? error : { code: "unexpected" as const, details: {} };
  const { given, target } = details as Refusal["details"];
  const step = stepOf(ctx);
  await ctx.world.trail.record("bot.error", {
    ...{ error, outcome: "failure", severity: error instanceof Refusal ? "warning" : "error" },
    ...(target === undefined ? {} : { target }),
    data: { rule: code, ...(given === undefined ? {} : { given }), ...(step === undefined ? {} : { step }) },
  });
}

function stepOf(ctx: HabitContext): string | undefined {
  try {
    return conversationOf(ctx)?.step;
  } catch {
    return undefined; // The database may be what failed.
  }
}

/**
 * Answers a failure in the person's language: over the button that was pressed, or as a message. Where Telegram is what
 * failed, another message would fail too; and nothing may be thrown from here, for that ends the bot.
 */
export async function answerFailure(ctx: HabitContext, error: unknown): Promise<void> {
  if (isOfTelegram(error)) return;
  const language = (ctx.person as HabitContext["person"] | undefined)?.language ?? "en";
  const said = say(language, error instanceof Refusal ? `refused.${error.code}` : "sorry");
  await quietly(() =>
    ctx.callbackQuery === undefined ? ctx.reply(said) : ctx.answerCallbackQuery({ text: said, show_alert: true }),
  );
}

const isOfTelegram = (error: unknown): boolean => error instanceof GrammyError || error instanceof HttpError;

/** Does without an answer that Telegram does not take: the query is too old, or the person has blocked the bot. */
export async function quietly(answer: () => Promise<unknown>): Promise<void> {
  try {
    await answer();
  } catch (error) {
    if (!isOfTelegram(error)) throw error;
  }
}
