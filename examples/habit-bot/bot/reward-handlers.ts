import type { Bot } from "grammy";

import {
  changeReward,
  claimReward,
  createReward,
  findReward,
  listRewards,
  progressOf,
  stateOfProgress,
} from "../domain/rewards.ts";
import { ask, leave } from "./conversation.ts";
import { button, cancelButton, inRows, menuButton, show, text, type HabitContext } from "./context.ts";
import { draftOf } from "./habit-handlers.ts";

const withProgress = ({ world, person }: HabitContext) =>
  listRewards(world, person).map((reward) => {
    const progress = progressOf(world, person, reward);
    return { ...reward, ...progress, state: stateOfProgress(progress, reward) };
  });

export function registerRewards(bot: Bot<HabitContext>): void {
  async function listAll(ctx: HabitContext): Promise<void> {
    const rewards = listRewards(ctx.world, ctx.person);
    const lines = rewards.map(({ name, weight, piecesRequired }) =>
      text(ctx, "reward", { name, weight, pieces: piecesRequired }),
    );
    const rows = rewards.map(({ id, name }) => [
      button(ctx, "button.pieces", `reward-pieces:${id}`, { name }),
      button(ctx, "button.remove-reward", `reward-remove:${id}`, { name }),
    ]);
    await show(ctx, lines.join("\n") || text(ctx, "no-rewards"), [
      ...rows,
      [button(ctx, "button.add-reward", "add-reward"), menuButton(ctx)],
    ]);
  }
  bot.command("list_rewards", listAll);
  bot.callbackQuery("list-rewards", listAll);

  async function listMine(ctx: HabitContext): Promise<void> {
    const lines = withProgress(ctx).map(({ state, name, pieces, claimed, piecesRequired }) =>
      text(ctx, `my.${state}`, { name, pieces, claimed, required: piecesRequired }),
    );
    await show(ctx, lines.join("\n") || text(ctx, "no-rewards"), [...claimRows(ctx), [menuButton(ctx)]]);
  }
  bot.command("my_rewards", listMine);
  bot.callbackQuery("my-rewards", listMine);

  async function pickClaim(ctx: HabitContext): Promise<void> {
    const rows = claimRows(ctx);
    if (rows.length === 0) return show(ctx, text(ctx, "no-claims"), [[menuButton(ctx)]]);
    await show(ctx, text(ctx, "menu"), [...rows, [cancelButton(ctx)]]);
  }
  bot.command("claim_reward", pickClaim);
  bot.callbackQuery("claim", pickClaim);
  bot.callbackQuery(/^claim:(?<reward>\d+)$/, async function claim(ctx) {
    const { reward } = claimReward(ctx.world, ctx.person, Number(ctx.match[1]));
    await show(ctx, text(ctx, "claimed", { name: reward.name }), [[menuButton(ctx)]]);
  });
}

const claimRows = (ctx: HabitContext) =>
  inRows(
    withProgress(ctx)
      .filter(({ state }) => state === "achieved")
      .map(({ id, name }) => button(ctx, "button.claim", `claim:${id}`, { name })),
  );

export function registerRewardChanges(bot: Bot<HabitContext>): void {
  const begin = (ctx: HabitContext) => ask(ctx, "add-reward/name", {});
  bot.command("add_reward", begin);
  bot.callbackQuery("add-reward", begin);
  bot.callbackQuery(/^confirm-reward:(?<times>recurring|once)$/, async function confirmReward(ctx) {
    const { name, weight, pieces, value, limit } = draftOf(ctx, "add-reward/confirm") as Readonly<
      Record<string, string | null>
    >;
    const reward = createReward(ctx.world, ctx.person, {
      ...{ name: name!, weight: Number(weight), piecesRequired: Number(pieces), pieceValue: value ?? null },
      ...{ maxDaily: limit === null ? null : Number(limit), recurring: ctx.match[1] === "recurring" },
    });
    await leave(ctx);
    await show(ctx, text(ctx, "reward-created", { name: reward.name }), [[menuButton(ctx)]]);
  });
  bot.callbackQuery(/^reward-pieces:(?<reward>\d+)$/, async function askPieces(ctx) {
    const { id } = findReward(ctx.world, ctx.person, Number(ctx.match[1]));
    await ask(ctx, "edit-reward/pieces", { reward: id });
  });
  bot.callbackQuery(/^reward-remove:(?<reward>\d+)$/, async function confirmRemove(ctx) {
    const { id, name } = findReward(ctx.world, ctx.person, Number(ctx.match[1]));
    await show(ctx, text(ctx, "confirm.remove", { name }), [
      [button(ctx, "button.confirm", `reward-remove-now:${id}`), cancelButton(ctx)],
    ]);
  });
  bot.callbackQuery(/^reward-remove-now:(?<reward>\d+)$/, async function removeReward(ctx) {
    const { name } = changeReward(ctx.world, ctx.person, Number(ctx.match[1]), { active: false });
    await show(ctx, text(ctx, "reward-removed", { name }), [[menuButton(ctx)]]);
  });
}
