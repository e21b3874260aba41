/** Everything the shop records: the compiler, the command line and the sentences people read all come from here. */

import { z } from "zod";

import { action, defineCatalogue, defineLog, money, personal } from "auditrail";

const orderLog = defineLog("order", {
  title: "Order log",
  actions: {
    placed: action({
      op: "create",
      says: "{actor} placed {target} for {data.total}",
      data: z.object({ total: money, items: z.int().positive() }),
    }),
    packed: action({
      op: "update",
      says: "{actor} packed {target}",
      state: z.object({ state: z.enum(["placed", "packed"]) }),
    }),
    refunded: action({
      op: "update",
      says: "{actor} refunded {data.amount} of {target}",
      reason: "required",
      data: z.object({ amount: money }),
      state: z.object({ refunded: money }),
    }),
  },
});

const voucherLog = defineLog("voucher", {
  title: "Voucher log",
  actions: {
    applied: action({
      op: "update",
      says: "{actor} applied {target} to order {data.order}",
      guarantee: "atomic",
      data: z.object({ order: z.string(), amount: money }),
      state: z.object({ balance: money }),
    }),
  },
});

const emailLog = defineLog("email", {
  title: "E-mail log",
  actions: {
    sent: action({
      op: "execute",
      says: 'e-mail "{data.subject}" to {data.recipient}',
      data: z.object({ subject: z.string(), recipient: personal(z.email()) }),
    }),
  },
});

const signInLog = defineLog("sign-in", {
  title: "Sign-in log",
  actions: {
    tried: action({
      op: "auth",
      says: "{actor} signed in as {data.name}: {outcome}",
      data: z.object({ name: z.string() }),
    }),
  },
});

export const catalogue = defineCatalogue(orderLog, voucherLog, emailLog, signInLog);
