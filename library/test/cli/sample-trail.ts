/** A small trail of a shop, with its catalogue, on a file. */

import { join } from "node:path";

import { z } from "zod";

import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { openTrail } from "../../src/trail/open-trail.ts";

const state = z.object({ state: z.string(), total: z.string() });

export const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Order log",
    actions: {
      placed: action({
        op: "create",
        says: "{actor} placed {target} for {data.total}",
        data: z.object({ total: z.string() }),
      }),
      changed: action({ op: "update", says: "{actor} changed {target}", state }),
      refunded: action({
        op: "update",
        says: "{actor} refunded {target}",
        reason: "required",
        data: z.object({ amount: z.string() }),
      }),
    },
  }),
  defineLog("email", {
    title: "E-mail log",
    actions: {
      sent: action({
        op: "execute",
        says: "e-mail to {data.to}",
        data: z.object({ to: z.string() }),
        guarantee: "durable",
      }),
    },
  }),
);

/** The clock stands at noon unless it is moved. */
export function createClock(start = "2026-11-22T12:00:00Z") {
  let micros = Date.parse(start) * 1000;
  return { nowMicros: () => micros, moveMinutes: (minutes: number) => void (micros += minutes * 60_000_000) };
}

export async function openSample(directory: string, clock = createClock()) {
  const file = join(directory, "auditrail.db");
  const store = await openSqliteStore({ file, createIfMissing: true, origin: "audit.example.com/shop", clock });
  return { file, clock, trail: await openTrail({ catalogue, store, clock }) };
}

export const mira = { type: "user", id: "7", name: "Mira Okafor" } as const;
export const wei = { type: "customer", id: "43", name: "李伟" } as const;

/** Five entries: an order placed, changed, its e-mail failed, refunded; and a second order by somebody with a wide name. */
export async function makeSample(directory: string): Promise<string> {
  const { file, trail, clock } = await openSample(directory);
  const target = { type: "order", id: "1042", name: "order 1042" };
  await trail.record("order.placed", { actor: mira, target, data: { total: "84.50" } });
  clock.moveMinutes(10);
  const [before, after] = [
    { state: "placed", total: "84.50" },
    { state: "paid", total: "84.50" },
  ];
  await trail.record("order.changed", {
    actor: mira,
    target,
    before,
    after,
    context: { source: "http", ip: "203.0.113.7" },
  });
  clock.moveMinutes(1);
  await trail.record("email.sent", {
    actor: { type: "service", id: "mailer" },
    target,
    data: { to: "ana@example.com" },
    error: new RangeError("550 mailbox unavailable"),
  });
  clock.moveMinutes(90);
  await trail.record("order.refunded", {
    actor: mira,
    target,
    data: { amount: "20.00" },
    reason: "broken, ticket 331",
  });
  clock.moveMinutes(60 * 24);
  await trail.record("order.placed", { actor: wei, target: { type: "order", id: "1043" }, data: { total: "9.00" } });
  await trail.close();
  return file;
}
