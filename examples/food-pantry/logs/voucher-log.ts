/**
 * Every step of every voucher, with the participant's balances before and after. The pauses stand here as well, because balances
 * rest on them: from this log alone every balance can be reckoned again.
 */

import { action, defineLog, money } from "auditrail";
import { z } from "zod";

import { voucherKinds, voucherStates } from "../rules/balances.ts";

/** `balance` is the full one: all grocery vouchers that are neither consumed nor expired. */
const state = z.object({ state: z.enum(voucherStates).nullable(), balance: money, available: money });

const voucher = z.object({
  participant: z.string(),
  program: z.string(),
  /** The voucher's place in the order in which vouchers were made. */
  number: z.int(),
  kind: z.enum(voucherKinds),
  amount: money,
  /** Exact, such as `1.5`: the voucher is worth so many times its amount. */
  multiplier: money,
  forPause: z.boolean(),
});
const used = voucher.extend({ order: z.string(), applied: money, remaining: money });
const pause = z.object({ program: z.string(), from: z.string(), until: z.string(), multiplier: money });

const step = { op: "update", state, guarantee: "atomic" } as const;

export const voucherLog = defineLog("voucher", {
  title: "Voucher log",
  actions: {
    created: action({
      ...{ op: "create", state, guarantee: "atomic" },
      says: "{actor} made {data.kind} voucher {target.id} of {data.amount} for {data.participant}",
      data: voucher,
    }),
    applied: action({
      ...step,
      says: "{actor} applied voucher {target.id}: available {before.available} → {after.available}",
      data: voucher,
    }),
    consumed: action({
      ...step,
      says: "voucher {target.id} paid {data.applied} of order {data.order}, {data.remaining} left over lapsed",
      data: used,
    }),
    restored: action({ ...step, says: "voucher {target.id} came back from cancelled order {data.order}", data: used }),
    "handed-out": action({ ...step, says: "{actor} handed out what life voucher {target.id} is for", data: voucher }),
    expired: action({
      ...step,
      says: "{actor} let voucher {target.id} expire: {reason}",
      data: voucher,
      reason: "required",
    }),
    "set-for-pause": action({
      ...step,
      says: "voucher {target.id} counts {data.multiplier} times, and during the pause",
      data: voucher,
    }),
    "pause-planned": action({
      op: "create",
      says: "{actor} planned a pause of {target.id} from {data.from} to {data.until}",
      data: pause,
      guarantee: "atomic",
    }),
    "pause-ended": action({
      op: "update",
      says: "{actor} ended the pause of {target.id} at {data.until}",
      data: pause,
      guarantee: "atomic",
    }),
  },
  list: {
    columns: [
      "time",
      "target.id",
      "data.participant",
      "before.state",
      "after.state",
      "data.amount",
      "data.multiplier",
      "before.balance",
      "after.balance",
      "data.applied",
      "data.remaining",
      "actor",
    ],
    filters: ["action", "after.state", "data.kind", "data.participant", "time"],
    search: ["target.id"],
  },
  retain: { days: 2555 },
});
