/** Two logs of orders: what was asked for and why it was turned down, and what became of the orders that passed. */

import { action, defineLog, money } from "auditrail";
import { z } from "zod";

import { orderStates } from "../rules/order-state.ts";

const attempt = z.object({
  participant: z.string(),
  status: z.enum(["pending", "validated", "failed"]),
  items: z.int(),
  products: z.array(z.string()),
  cart: z.array(z.object({ sku: z.string(), product: z.string(), quantity: z.int(), price: money })),
});

const judged = attempt.extend({
  /** What stood against it, as the participant was told, and the rules behind it. */
  messages: z.array(z.string()),
  rules: z.array(z.string()),
  totals: z.object({ food: money, hygiene: money, fresh: money }),
  balances: z.object({ full: money, available: money, hygiene: money, fresh: money }),
  household: z.object({ adults: z.int(), children: z.int(), infants: z.int() }),
  /** The vouchers that pay, or would. */
  vouchers: z.array(z.string()),
  balanceBefore: money,
  balanceAfter: money,
  balanceChange: money,
});

export const orderValidationLog = defineLog("order-validation", {
  title: "Order validation log",
  actions: {
    received: action({
      op: "create",
      says: "{actor} sent in order {target.id} with {data.items} items",
      data: attempt,
    }),
    validated: action({
      op: "execute",
      says: "order {target.id} passed all rules: food {data.totals.food} of {data.balanceBefore} available",
      data: judged,
      guarantee: "atomic",
    }),
    failed: action({
      op: "execute",
      says: "order {target.id} was turned down: {message}",
      severity: "warning",
      data: judged,
    }),
  },
  list: {
    columns: [
      "time",
      "target.id",
      "data.participant",
      "data.status",
      "message",
      "data.products",
      "data.balanceBefore",
      "data.balanceAfter",
      "data.vouchers",
      "actor",
    ],
    filters: ["data.status", "data.rules", "data.participant", "data.balanceChange", "time"],
    search: ["message", "target.id"],
  },
  retain: { days: 2555 },
});

const state = z.object({ state: z.enum(orderStates) });
const step = z.object({ participant: z.string(), total: money });

export const orderLog = defineLog("order", {
  title: "Order log",
  actions: {
    confirmed: action({
      op: "update",
      says: "{actor} confirmed order {target.id}, paid with {data.paidWith}",
      data: step.extend({ paidWith: z.string(), vouchers: z.array(z.string()) }),
      state,
      guarantee: "atomic",
    }),
    packing: action({ op: "update", says: "{actor} packs order {target.id}", data: step, state, guarantee: "atomic" }),
    completed: action({
      op: "update",
      says: "{actor} handed out order {target.id}",
      data: step,
      state,
      guarantee: "atomic",
    }),
    cancelled: action({
      op: "update",
      says: "{actor} cancelled order {target.id}: {reason}",
      data: step.extend({ restored: z.array(z.string()) }),
      state,
      reason: "required",
      guarantee: "atomic",
    }),
  },
  list: {
    columns: ["time", "target.id", "data.participant", "before.state", "after.state", "data.total", "reason", "actor"],
    filters: ["action", "after.state", "data.participant", "time"],
    search: ["target.id", "reason"],
  },
  retain: { days: 2555 },
});
