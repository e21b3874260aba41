/** Fills a real SQLite trail with a fortnight of a small pantry shop, the same on every run but for the day. */

import { openTrail, type Actor, type EventFields } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";

import { recordHostile } from "./hostile-events.ts";
import { shopCatalogue } from "./shop-catalogue.ts";

export interface ShopFile {
  readonly file: string;
  /** When the last event happened, in microseconds. */
  readonly until: number;
}

export type Record = (action: string, fields?: EventFields) => Promise<unknown>;

const people: readonly Actor[] = [
  { type: "user", id: "7", name: "Mira Okafor", email: "mira@example.com", roles: ["staff"] },
  { type: "user", id: "9", name: "Tomás Herrera", email: "tomas@example.com", roles: ["staff", "superuser"] },
  { type: "participant", id: "C-BKM-7", name: "Ana Pop", email: "ana@example.com" },
  { type: "participant", id: "C-RTV-3", name: "李伟", email: "wei@example.com" },
  { type: "participant", id: "C-ZQH-5", name: "Zoë Lindqvist", email: "zoe@example.com" },
];
const [mira, tomas] = people as [Actor, Actor];
const mailer: Actor = { type: "service", id: "mailer" };
const agent: Actor = { type: "agent", id: "restock-bot", name: "Restock assistant", agent: "assistant/2.1" };
const rules = ["food-balance", "hygiene-balance", "category-limit", "no-voucher"] as const;
const messages = {
  "food-balance": "food total 64.20 is above the available 52.00",
  "hygiene-balance": "hygiene total 21.00 is above the balance 18.00",
  "category-limit": "at most 2 of Dairy for each household",
  "no-voucher": "no applied voucher",
} as const;
const minute = 60_000_000;

/** Repeatable chance (mulberry32), so that two runs show the same shop. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export async function fillShop(file: string, { days = 14, ordersPerDay = 9 } = {}): Promise<ShopFile> {
  const until = Date.now() * 1000;
  let now = until - days * 1440 * minute;
  const clock = { nowMicros: () => now };
  const store = await openSqliteStore({ file, createIfMissing: true, origin: "audit.example.com/pantry", clock });
  const trail = await openTrail({ catalogue: shopCatalogue, store, service: "pantry", clock });
  const record = trail.record as unknown as Record;
  const chance = createChance(7);
  // First of all, so that they are not what everybody sees first.
  await recordHostile(record);
  for (let day = days; day > 0; day -= 1) {
    for (let index = 0; index < ordersPerDay; index += 1) {
      now =
        until - day * 1440 * minute + Math.floor((7 + (index + chance() * 0.9) * (10 / ordersPerDay)) * 60) * minute;
      if (now > until - 30 * minute) break;
      const visit = () => visitOf({ record, chance, day, index, wait: (minutes) => (now += minutes * minute) });
      await trail.with(
        {
          operationId: `visit-${day}-${index}`,
          context: { source: "http", ip: "203.0.113.7", route: "/orders" },
        } as never,
        visit,
      );
    }
  }
  now = until - 25 * minute;
  await recordSpecials(record);
  now = until - 2 * minute;
  await record("order.packed", {
    actor: mira,
    target: order("1999"),
    before: { state: "placed" },
    after: { state: "packed" },
  });
  await trail.close();
  return { file, until };
}

const order = (number: string) => ({ type: "order", id: `ORD-${number}`, name: `order ${number}` });
const voucher = (code: string) => ({ type: "voucher", id: code, name: `voucher ${code}` });

interface Visit {
  readonly record: Record;
  readonly chance: () => number;
  readonly day: number;
  readonly index: number;
  wait(minutes: number): void;
}

/** One participant's visit: signs in, orders, pays with a voucher, gets an e-mail, and sometimes something goes wrong. */
async function visitOf({ record, chance, day, index, wait }: Visit): Promise<void> {
  const customer = people[2 + Math.floor(chance() * 3)]!;
  const number = String(1000 + (14 - day) * 10 + index);
  const target = order(number);
  const wrong = chance() < 0.1;
  const failed = wrong ? { error: new Error("wrong name or password") } : {};
  await record("sign-in.tried", { actor: customer, data: { name: customer.email }, ...failed });
  const total = (15 + chance() * 60).toFixed(2);
  const rule = rules[Math.floor(chance() * 4)]!;
  const refused = chance() < 0.22;
  wait(2);
  await record("validation.checked", {
    ...{ actor: customer, target, durationMs: Math.floor(20 + chance() * 300) },
    data: {
      participant: customer.id,
      rule,
      message: refused ? messages[rule] : "all rules hold",
      errors: refused ? [messages[rule]] : [],
    },
    before: { balance: "52.00" },
    ...(refused ? { outcome: "failure" as const } : { after: { balance: (52 - Number(total) / 2).toFixed(2) } }),
  });
  if (refused) return;
  wait(1);
  const basket = [
    { sku: "tea-blue", count: 1 + Math.floor(chance() * 3) },
    { sku: "rice-5kg", count: 1 },
  ];
  await record("order.placed", { actor: customer, target, data: { total, items: basket.length, basket } });
  const code = `V-${100 + day * 10 + index}`;
  await record("voucher.applied", {
    ...{ actor: customer, targets: [voucher(code), { ...target, role: "order" }] },
    data: { order: number, amount: "20.00" },
    ...{ before: { state: "pending", balance: "40.00" }, after: { state: "applied", balance: "20.00" } },
  });
  await record("email.sent", {
    ...{ actor: mailer, target, subjects: [`participant/${customer.id}`] },
    data: {
      kind: "order-confirmation",
      subject: `Your order ${number}`,
      recipient: customer.email!,
      retries: chance() < 0.1 ? 2 : 0,
    },
    ...(chance() < 0.12 ? { error: Object.assign(new Error("550 5.1.1 mailbox unavailable"), { code: "ESMTP" }) } : {}),
  });
  wait(9);
  await record("order.packed", {
    actor: chance() < 0.6 ? mira : tomas,
    target,
    before: { state: "placed", shelf: null },
    after: { state: "packed", shelf: "B3" },
  });
}

async function recordSpecials(record: Record): Promise<void> {
  const where = {
    source: "http",
    ip: "198.51.100.9",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0",
    route: "/admin/people",
  } as const;
  await record("sign-in.roleChanged", {
    ...{
      actor: tomas,
      target: { type: "user", id: "7", name: "Mira Okafor" },
      reason: "covers for Tomás in December",
      context: where,
    },
    before: {
      role: "staff",
      permissions: { orders: ["read", "pack"], vouchers: ["read"] },
      note: "Joined in spring. ".repeat(20),
    },
    after: {
      role: "lead",
      permissions: { orders: ["read", "pack", "refund"], vouchers: ["read", "create"], reports: ["read"] },
      note: `${"Joined in spring. ".repeat(20)}Leads the evening shift.`,
    },
  });
  await record("order.refunded", {
    ...{
      actor: mira,
      target: order("1042"),
      reason: "a cup broke while packing, ticket 331",
      data: { amount: "20.00" },
    },
    ...{
      before: { refunded: "0.00", lines: [{ sku: "tea-blue", refunded: false }] },
      after: { refunded: "20.00", lines: [{ sku: "tea-blue", refunded: true }] },
    },
  });
  await record("order.exported", {
    ...{ actor: agent, onBehalfOf: [mira], data: { month: "2026-10" }, outcome: "denied" as const },
    reason: "monthly report",
  });
  await record("voucher.created", {
    ...{ actor: tomas, target: voucher("V-900"), after: { state: "pending", balance: "80.00", paused: false } },
  });
  await record("bot.habit-completed", {
    ...{ actor: { type: "telegram", id: "991" }, context: { source: "bot" as const } },
    data: { habit: "reading", streak: 12, token: "never-kept-this-secret" },
  });
  await record("system.logged", {
    actor: { type: "system" },
    severity: "warning",
    message: "stock of tea-blue is below 5",
    data: { logger: "apps.pantry" },
  });
}
