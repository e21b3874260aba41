/** Everything the habit bot records. The capture's own actions (command, button, message) are in the same log. */

import { action, defineCatalogue, defineRowLog, personal } from "auditrail";
import { botLog } from "auditrail/grammy";
import { z } from "zod";

/** A person's progress to one reward: pieces earned since the last claim, and how often it was claimed. */
const progress = z.object({ pieces: z.int().nonnegative(), claimed: z.int().nonnegative() });

const habit = z.object({
  name: z.string(),
  weight: z.int(),
  category: z.string(),
  skipDays: z.int(),
  exemptWeekdays: z.array(z.int()),
  active: z.boolean(),
});

const reward = z.object({
  name: z.string(),
  weight: z.number(),
  piecesRequired: z.int(),
  pieceValue: z.string().nullable(),
  maxDaily: z.int().nullable(),
  recurring: z.boolean(),
  active: z.boolean(),
});

const settings = z.object({ language: z.string(), noRewardPercent: z.number(), active: z.boolean() });

const log = z.object({ log: z.int(), day: z.iso.date(), streak: z.int(), weight: z.int(), totalWeight: z.number() });

const atomic = { guarantee: "atomic" } as const;

const actions = {
  joined: action({ op: "create", says: "{actor} joined", state: settings, ...atomic }),
  "habit-completed": action({
    op: "create",
    says: "{actor} completed {target} for {data.day}, streak {data.streak}",
    data: log.extend({ gotReward: z.boolean() }),
    ...atomic,
  }),
  "habit-reverted": action({
    op: "delete",
    says: "{actor} took back {target} of {data.day}",
    data: log.extend({ gotReward: z.boolean() }),
    ...atomic,
  }),
  "reward-selected": action({
    op: "update",
    says: "{actor} earned a piece of {target}: {before.pieces} → {after.pieces}",
    // What the draw was made of, so that it can be done again.
    data: z.object({ log: z.int(), noRewardPercent: z.number(), candidates: z.int(), maxDaily: z.int().nullable() }),
    state: progress,
    ...atomic,
  }),
  "reward-claimed": action({
    op: "update",
    says: "{actor} claimed {target}: {before.pieces} → {after.pieces} pieces",
    data: z.object({ piecesRequired: z.int() }),
    state: progress,
    ...atomic,
  }),
  "reward-reverted": action({
    op: "update",
    says: "a piece of {target} was taken back from {actor}: {before.pieces} → {after.pieces}",
    data: z.object({ log: z.int() }),
    state: progress,
    ...atomic,
  }),
  "reward-created": action({ op: "create", says: "{actor} created the reward {target}", state: reward, ...atomic }),
  "reward-changed": action({ op: "update", says: "{actor} changed the reward {target}", state: reward, ...atomic }),
  "habit-created": action({ op: "create", says: "{actor} created the habit {target}", state: habit, ...atomic }),
  "habit-edited": action({ op: "update", says: "{actor} edited the habit {target}", state: habit, ...atomic }),
  "habit-removed": action({ op: "delete", says: "{actor} removed the habit {target}", state: habit, ...atomic }),
  "settings-changed": action({ op: "update", says: "{actor} changed their settings", state: settings, ...atomic }),
  error: action({
    op: "other",
    says: "{actor} met an error: {data.rule}",
    severity: "warning",
    guarantee: "buffered",
    data: z.object({
      /** Which rule said no; `unexpected` for what no rule foresaw. */
      rule: z.string(),
      /** What was typed or asked for. */
      given: personal(z.string(), { of: "actor" }).optional(),
      step: z.string().optional(),
    }),
  }),
  "cleaned-up": action({
    op: "delete",
    says: "{actor} removed habit logs of before {data.before}",
    reason: "required",
    data: z.object({ before: z.iso.date(), habitLogs: z.int() }),
    ...atomic,
  }),
};

const retain = { days: 90 };

export const catalogue = defineCatalogue(
  botLog({ actions, retain }),
  // Names are what people call their habits and rewards.
  defineRowLog({ personal: ["name"], retain }),
);

export type HabitCatalogue = typeof catalogue;
