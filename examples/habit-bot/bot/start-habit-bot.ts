import { Bot } from "grammy";

import { auditBot } from "auditrail/grammy";
import { checkCapture, drainChanges } from "auditrail/sqlite-triggers";

import { captureOptions } from "../database.ts";
import { personFor } from "../domain/people.ts";
import type { HabitTrail, World } from "../domain/world.ts";
import { openWorld, type WorldOptions } from "../open-world.ts";
import { commandMenu } from "./command-menu.ts";
import { stepNames } from "./conversation.ts";
import type { HabitContext } from "./context.ts";
import { answerFailure, quietly, recordFailures } from "./failures.ts";
import { registerCompleting, registerHabits, registerReverting } from "./habit-handlers.ts";
import { registerMenus, registerSettings, registerTexts } from "./menu-handlers.ts";
import { registerRewardChanges, registerRewards } from "./reward-handlers.ts";

export interface HabitBotOptions extends WorldOptions {
  readonly token: string;
  /** Telegram's own unless given: the address of a local one. */
  readonly apiRoot?: string;
  /** How long one question to Telegram for updates may wait, in seconds; 30 unless given. */
  readonly pollSeconds?: number;
  /** Off to measure what it costs. */
  readonly capture?: boolean;
  /** More handlers, as somebody might add them next year. */
  readonly extend?: (bot: Bot<HabitContext>) => void;
}

export interface HabitBot {
  readonly trail: HabitTrail;
  readonly world: World;
  /** Everything the bot can be made to do, and every table, for `auditrail/coverage`. */
  inventory(): ReturnType<typeof checkCapture>;
  /** Brings captured row changes into the trail; it happens every second too. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

const drainEveryMs = 1_000;

/** Starts the bot; it runs until `close()`. */
export async function startHabitBot(options: HabitBotOptions): Promise<HabitBot> {
  const { world, ...opened } = await openWorld(options);
  const { database, trail } = world;
  const bot = new Bot<HabitContext>(options.token, {
    client: options.apiRoot === undefined ? {} : { apiRoot: options.apiRoot },
  });
  const audit = auditBot<HabitContext>(trail, { bot, steps: stepNames });
  const captured = options.capture !== false;
  if (captured) bot.use(audit);
  register(bot, world, captured);
  options.extend?.(bot);
  registerTexts(bot);
  bot.catch(({ ctx, error }) => answerFailure(ctx, error));
  await bot.init();
  await commandMenu(bot);
  const { running } = await launch(bot, options.pollSeconds ?? 30);
  let draining = Promise.resolve();
  const drain = (): Promise<void> =>
    (draining = draining.then(() => drainChanges(database, trail)).then(() => undefined));
  // What cannot be drained now stays in its table; the trail's health says why.
  const timer = setInterval(() => void drain().catch(() => (draining = Promise.resolve())), drainEveryMs);
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await bot.stop();
    await running;
    await trail.flush();
    await drain().catch(() => undefined);
    await opened.close();
  };
  return {
    ...{ trail, world, drain, close },
    inventory: () => [...audit.inventory(), ...checkCapture(database, captureOptions)],
  };
}

/** Resolves when the bot asks for updates; before that it cannot be stopped. */
function launch(bot: Bot<HabitContext>, timeout: number): Promise<{ readonly running: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const running = bot.start({ timeout, onStart: () => resolve({ running }) });
    running.catch(reject);
  });
}

function register(bot: Bot<HabitContext>, world: World, captured: boolean): void {
  bot.use(recordFailures, async function knowPerson(ctx, next) {
    Object.assign(ctx, { world, captured });
    if (ctx.from !== undefined) ctx.person = personFor(world, ctx.from);
    if (ctx.person === undefined) return;
    await next();
    if (ctx.callbackQuery !== undefined) await quietly(() => ctx.answerCallbackQuery());
  });
  // Somebody who blocks the bot wants no answer.
  bot.on("my_chat_member", () => undefined);
  registerMenus(bot);
  registerSettings(bot);
  registerCompleting(bot);
  registerReverting(bot);
  registerHabits(bot);
  registerRewards(bot);
  registerRewardChanges(bot);
}
