/** Conversations: questions that are answered by writing. Where somebody is stands in the database, so a restart changes nothing. */

import { updateOf } from "auditrail/grammy";

import {
  readLimit,
  readName,
  readPieces,
  readPercent,
  readRewardWeight,
  readSkipDays,
  readValue,
  readWeekdays,
  readWeight,
} from "../domain/read-values.ts";
import { editHabit, type HabitFields } from "../domain/habits.ts";
import { changeSettings } from "../domain/people.ts";
import { changeReward } from "../domain/rewards.ts";
import { one, run } from "../domain/world.ts";
import type { TextKey } from "../texts/texts.ts";
import { button, cancelButton, menuButton, show, text, type HabitContext } from "./context.ts";

/** What was said so far. */
export type Draft = Readonly<Record<string, string | number | null>>;

type Asked = Extract<TextKey, `ask.${string}`>;
export type StepName = Asked extends `ask.${infer Name}` ? Name : never;

interface Step {
  /** Reads the answer and goes on. */
  readonly take: (ctx: HabitContext, answer: string, draft: Draft) => Promise<void>;
}

/** Keeps an answer and asks the next question. */
const then =
  (next: StepName, name: string, read: (answer: string) => string | number | null): Step["take"] =>
  (ctx, answer, draft) =>
    ask(ctx, next, { ...draft, [name]: read(answer) });

const edit =
  (read: (answer: string) => Partial<HabitFields>): Step["take"] =>
  async (ctx, answer, { habit }) => {
    const { name } = editHabit(ctx.world, ctx.person, Number(habit), read(answer));
    await leave(ctx);
    await show(ctx, text(ctx, "habit-edited", { name }), [[menuButton(ctx)]]);
  };

const steps: Readonly<Record<StepName, Step>> = {
  "add-habit/name": { take: then("add-habit/weight", "name", readName) },
  "add-habit/weight": { take: then("add-habit/category", "weight", readWeight) },
  "add-habit/category": { take: confirmHabit },
  "edit-habit/name": { take: edit((answer) => ({ name: readName(answer) })) },
  "edit-habit/weight": { take: edit((answer) => ({ weight: readWeight(answer) })) },
  "edit-habit/category": { take: edit((answer) => ({ category: readName(answer) })) },
  "edit-habit/skip-days": { take: edit((answer) => ({ skipDays: readSkipDays(answer) })) },
  "edit-habit/weekdays": { take: edit((answer) => ({ exemptWeekdays: readWeekdays(answer) })) },
  "add-reward/name": { take: then("add-reward/weight", "name", readName) },
  "add-reward/weight": { take: then("add-reward/pieces", "weight", readRewardWeight) },
  "add-reward/pieces": { take: then("add-reward/value", "pieces", readPieces) },
  "add-reward/value": { take: then("add-reward/limit", "value", readValue) },
  "add-reward/limit": { take: confirmReward },
  "edit-reward/pieces": { take: editPieces },
  "settings/no-reward": { take: changeLuck },
};

export const stepNames = Object.keys(steps) as readonly StepName[];

const isStep = (name: string): name is StepName => Object.hasOwn(steps, name);

/** Asks a question, and remembers that it was asked. */
export async function ask(ctx: HabitContext, step: StepName, draft: Draft): Promise<void> {
  keep(ctx, step, draft);
  await show(ctx, text(ctx, `ask.${step}`), [[cancelButton(ctx)]]);
}

function keep({ world, person }: HabitContext, step: string, draft: Draft): void {
  const sql = "INSERT OR REPLACE INTO conversation (person, step, draft) VALUES (?, ?, ?)";
  run(world, sql, person.id, step, JSON.stringify(draft));
}

interface Conversation {
  readonly step: string;
  readonly draft: Draft;
}

export function conversationOf({ world, person }: HabitContext): Conversation | undefined {
  const sql = "SELECT step, draft FROM conversation WHERE person = ?";
  const row = one<{ readonly step: string; readonly draft: string }>(world, sql, person.id);
  return row === undefined ? undefined : { step: row.step, draft: JSON.parse(row.draft) as Draft };
}

/** Whether there was anything to leave. */
export async function leave(ctx: HabitContext): Promise<boolean> {
  const known = conversationOf(ctx) !== undefined;
  if (known) run(ctx.world, "DELETE FROM conversation WHERE person = ?", ctx.person.id);
  return known;
}

/** Takes an answer; whether anything was asked. */
export async function answer(ctx: HabitContext, said: string): Promise<boolean> {
  const conversation = conversationOf(ctx);
  if (conversation === undefined || !isStep(conversation.step)) return false;
  if (ctx.captured) updateOf(ctx).enterStep(conversation.step);
  await steps[conversation.step].take(ctx, said, conversation.draft);
  return true;
}

async function confirmHabit(ctx: HabitContext, said: string, draft: Draft): Promise<void> {
  const whole = { ...draft, category: readName(said) };
  keep(ctx, "add-habit/confirm", whole);
  await show(ctx, text(ctx, "confirm.habit", whole as Record<string, string>), [
    [button(ctx, "button.confirm", "confirm-habit"), cancelButton(ctx)],
  ]);
}

async function confirmReward(ctx: HabitContext, said: string, draft: Draft): Promise<void> {
  const whole = { ...draft, limit: readLimit(said) };
  keep(ctx, "add-reward/confirm", whole);
  const { name, weight, pieces, value } = whole as Readonly<Record<string, string | null>>;
  const values = { name: name!, weight: weight!, pieces: pieces!, value: value ?? "-" };
  await show(ctx, text(ctx, "confirm.reward", values), [
    [button(ctx, "button.recurring", "confirm-reward:recurring"), button(ctx, "button.once", "confirm-reward:once")],
    [cancelButton(ctx)],
  ]);
}

async function editPieces(ctx: HabitContext, said: string, { reward }: Draft): Promise<void> {
  const { name } = changeReward(ctx.world, ctx.person, Number(reward), { piecesRequired: readPieces(said) });
  await leave(ctx);
  await show(ctx, text(ctx, "reward-changed", { name }), [[menuButton(ctx)]]);
}

async function changeLuck(ctx: HabitContext, said: string): Promise<void> {
  ctx.person = changeSettings(ctx.world, ctx.person, { noRewardPercent: readPercent(said) });
  await leave(ctx);
  await show(ctx, text(ctx, "settings-changed"), [[menuButton(ctx)]]);
}
