/** What the pantry shop of the browser tests records: logs of different shapes, one of them restricted. */

import { z } from "zod";

import { action, defineCatalogue, defineLog, money, personal } from "auditrail";

const emailLog = defineLog("email", {
  title: "E-mail log",
  retain: { days: 400 },
  list: {
    columns: ["time", "data.kind", "data.recipient", "data.subject", "outcome", "error.message"],
    filters: ["data.kind", "outcome", "data.recipient", "actor", "severity"],
    search: ["data.recipient", "data.subject", "error.message"],
  },
  actions: {
    sent: action({
      op: "execute",
      says: 'sent "{data.subject}" to {data.recipient}',
      data: z.object({ kind: z.string(), subject: z.string(), recipient: personal(z.string()), retries: z.int() }),
    }),
  },
});

const orderLog = defineLog("order", {
  title: "Order log",
  list: { columns: ["time", "outcome", "sentence", "actor", "target", "data.total"] },
  actions: {
    placed: action({
      op: "create",
      says: "{actor} placed {target} for {data.total}",
      data: z.object({ total: money, items: z.int(), basket: z.array(z.object({ sku: z.string(), count: z.int() })) }),
      state: z.unknown(),
    }),
    packed: action({ op: "update", says: "{actor} packed {target}", state: z.unknown() }),
    refunded: action({
      op: "update",
      says: "{actor} refunded {data.amount} of {target}",
      reason: "required",
      data: z.object({ amount: money }),
      state: z.unknown(),
    }),
    exported: action({
      op: "export",
      says: "{actor} exported the orders of {data.month}",
      data: z.object({ month: z.string() }),
    }),
  },
});

const validationLog = defineLog("validation", {
  title: "Order validation",
  list: {
    columns: ["time", "target", "outcome", "data.participant", "data.message", "before.balance", "after.balance"],
    filters: ["outcome", "data.rule", "actor"],
  },
  actions: {
    checked: action({
      op: "execute",
      says: "checked {target}: {data.message}",
      data: z.object({ participant: z.string(), rule: z.string(), message: z.string(), errors: z.array(z.string()) }),
      state: z.object({ balance: money }),
    }),
  },
});

const voucherState = z.object({ state: z.string(), balance: money, paused: z.boolean().optional() });
const voucherLog = defineLog("voucher", {
  title: "Voucher log",
  list: {
    columns: ["time", "action", "target", "before.state", "after.state", "before.balance", "after.balance", "actor"],
  },
  actions: {
    created: action({ op: "create", says: "{actor} created {target} over {after.balance}", state: voucherState }),
    applied: action({
      op: "update",
      says: "{actor} applied {target} to order {data.order}",
      data: z.object({ order: z.string(), amount: money }),
      state: voucherState,
    }),
    consumed: action({ op: "update", says: "{target} was consumed", state: voucherState }),
  },
});

const signInLog = defineLog("sign-in", {
  title: "Sign-in log",
  readers: "restricted",
  actions: {
    tried: action({
      op: "auth",
      says: "{actor} signed in as {data.name}: {outcome}",
      data: z.object({ name: z.string() }),
    }),
    roleChanged: action({ op: "grant", says: "{actor} changed the role of {target}", state: z.unknown() }),
  },
});

const systemLog = defineLog("system", {
  title: "System log",
  list: { columns: ["time", "severity", "data.logger", "message", "operation"] },
  actions: {
    logged: action({ op: "other", says: "{data.logger}: {message}", data: z.object({ logger: z.string() }) }),
  },
});

const botLog = defineLog("bot", {
  title: "Bot log",
  otherActions: action({ op: "execute", says: "{actor} used {action}", data: z.unknown() }),
  actions: {},
});

const newsLog = defineLog("newsletter", {
  title: "Newsletter log",
  actions: { mailed: action({ op: "execute", says: "{actor} mailed the newsletter" }) },
});

export const shopCatalogue = defineCatalogue(
  ...[orderLog, emailLog, validationLog, voucherLog, signInLog, systemLog, botLog, newsLog],
);
