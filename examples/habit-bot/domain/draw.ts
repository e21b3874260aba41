export interface Candidate {
  readonly weight: number;
}

export interface DrawOptions<Reward extends Candidate> {
  readonly candidates: readonly Reward[];
  /** How likely nothing is for a habit without a streak, in percent. */
  readonly noRewardPercent: number;
  /** Total weight of the habit, by its own weight: a streak makes nothing less likely. */
  readonly factor: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** One weighted draw: a reward, or nothing. */
export function drawReward<Reward extends Candidate>(options: DrawOptions<Reward>): Reward | undefined {
  const { candidates, noRewardPercent, factor, random } = options;
  const sum = candidates.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) return undefined;
  const rewardShare = (100 - noRewardPercent) * factor;
  let point = random() * (noRewardPercent + rewardShare) - noRewardPercent;
  if (point < 0) return undefined;
  point = (point / rewardShare) * sum;
  return candidates.find(({ weight }) => (point -= weight) < 0) ?? candidates.at(-1);
}
