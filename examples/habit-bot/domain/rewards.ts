import type { Target } from "auditrail";

import type { Person } from "./people.ts";
import { Refusal } from "./refusal.ts";
import { all, change, one, run, type World } from "./world.ts";

export interface RewardFields {
  readonly name: string;
  readonly weight: number;
  readonly piecesRequired: number;
  readonly pieceValue: string | null;
  readonly maxDaily: number | null;
  readonly recurring: boolean;
}

export interface Reward extends RewardFields {
  readonly id: number;
  readonly active: boolean;
}

export interface Progress {
  readonly pieces: number;
  readonly claimed: number;
}

export type RewardState = "pending" | "achieved" | "claimed";

interface RewardRow {
  readonly id: number;
  readonly name: string;
  readonly weight: number;
  readonly pieces_required: number;
  readonly piece_value: string | null;
  readonly max_daily: number | null;
  readonly recurring: number;
  readonly active: number;
}

const rewardOf = (row: RewardRow): Reward => ({
  ...{ id: row.id, name: row.name, weight: row.weight, piecesRequired: row.pieces_required },
  ...{ pieceValue: row.piece_value, maxDaily: row.max_daily, recurring: row.recurring === 1, active: row.active === 1 },
});

const stateOf = ({ id: _, ...state }: Reward) => state;

export const rewardTarget = ({ id, name }: Pick<Reward, "id" | "name">): Target => ({
  type: "reward",
  id: String(id),
  name,
});

export const listRewards = (world: World, person: Person): readonly Reward[] =>
  all<RewardRow>(world, "SELECT * FROM reward WHERE person = ? AND active = 1 ORDER BY name", person.id).map(rewardOf);

/** Errors: a refusal, also where it vanished since it was shown. */
export function findReward(world: World, person: Person, id: number): Reward {
  const row = one<RewardRow>(world, "SELECT * FROM reward WHERE id = ? AND person = ? AND active = 1", id, person.id);
  if (row === undefined) throw new Refusal("reward-gone", { target: { type: "reward", id: String(id) } });
  return rewardOf(row);
}

export function progressOf(world: World, person: Person, reward: Pick<Reward, "id">): Progress {
  const sql = "SELECT pieces, claimed FROM progress WHERE person = ? AND reward = ?";
  const row = one<Progress>(world, sql, person.id, reward.id);
  return row === undefined ? { pieces: 0, claimed: 0 } : { ...row };
}

export function stateOfProgress({ pieces, claimed }: Progress, { piecesRequired, recurring }: Reward): RewardState {
  if (claimed > 0 && !recurring) return "claimed";
  return pieces >= piecesRequired ? "achieved" : "pending";
}

export function setProgress(
  world: World,
  person: Person,
  reward: Pick<Reward, "id">,
  { pieces, claimed }: Progress,
): void {
  const sql = `INSERT INTO progress (person, reward, pieces, claimed) VALUES (?, ?, ?, ?)
    ON CONFLICT (person, reward) DO UPDATE SET pieces = excluded.pieces, claimed = excluded.claimed`;
  run(world, sql, person.id, reward.id, pieces, claimed);
}

function assertNameFree(world: World, person: Person, name: string, besides = 0): void {
  const taken = one(world, "SELECT 1 FROM reward WHERE person = ? AND name = ? AND id <> ?", person.id, name, besides);
  if (taken !== undefined) throw new Refusal("name-taken", { given: name });
}

/** Errors: a refusal. */
export function createReward(world: World, person: Person, fields: RewardFields): Reward {
  return change(world, (record) => {
    assertNameFree(world, person, fields.name);
    const { name, weight, piecesRequired, pieceValue, maxDaily, recurring } = fields;
    const id = run(
      world,
      `INSERT INTO reward (person, name, weight, pieces_required, piece_value, max_daily, recurring) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...([person.id, name, weight, piecesRequired, pieceValue, maxDaily, recurring ? 1 : 0] as const),
    );
    const reward = findReward(world, person, id);
    record("bot.reward-created", { target: rewardTarget(reward), after: stateOf(reward) });
    return reward;
  });
}

/** `active: false` takes it out of the draw and the lists; pieces that were earned stay. Errors: a refusal. */
export function changeReward(
  world: World,
  person: Person,
  id: number,
  fields: Partial<RewardFields & { readonly active: boolean }>,
): Reward {
  return change(world, (record) => {
    const before = findReward(world, person, id);
    const after = { ...before, ...fields };
    assertNameFree(world, person, after.name, id);
    run(
      world,
      `UPDATE reward SET name = ?, weight = ?, pieces_required = ?, piece_value = ?, max_daily = ?, recurring = ?, active = ? WHERE id = ?`,
      ...([after.name, after.weight, after.piecesRequired, after.pieceValue, after.maxDaily] as const),
      ...([after.recurring ? 1 : 0, after.active ? 1 : 0, id] as const),
    );
    record("bot.reward-changed", { target: rewardTarget(after), before: stateOf(before), after: stateOf(after) });
    return after;
  });
}

/** Takes all its pieces. Errors: a refusal. */
export function claimReward(
  world: World,
  person: Person,
  id: number,
): { readonly reward: Reward; readonly after: Progress } {
  return change(world, (record) => {
    const reward = findReward(world, person, id);
    const before = progressOf(world, person, reward);
    if (stateOfProgress(before, reward) !== "achieved")
      throw new Refusal("reward-unfinished", { target: rewardTarget(reward) });
    const after = { pieces: 0, claimed: before.claimed + 1 };
    setProgress(world, person, reward, after);
    record("bot.reward-claimed", {
      target: rewardTarget(reward),
      data: { piecesRequired: reward.piecesRequired },
      ...{ before, after },
    });
    return { reward, after };
  });
}
