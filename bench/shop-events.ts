/** The load: events of a shop of about 600 bytes each, the same for every run. */

import { z } from "zod";

import { action, defineCatalogue, defineLog, type EventFields } from "auditrail";

const order = z.object({ orderNumber: z.string(), total: z.string(), items: z.number(), channel: z.string() });
const names = ["placed", "paid", "packed", "shipped", "cancelled", "viewed"] as const;

const logOf = <Name extends string>(name: Name) =>
  defineLog(name, {
    title: name,
    actions: Object.fromEntries(
      names.map((each) => [each, action({ op: "update", says: `{actor} ${each} {target}`, data: order })]),
    ) as Record<(typeof names)[number], ReturnType<typeof orderAction>>,
  });
const orderAction = () => action({ op: "update", says: "", data: order });

const logNames = [
  "order",
  "voucher",
  "email",
  "stock",
  "basket",
  "refund",
  "invoice",
  "parcel",
  "review",
  "coupon",
] as const;

export const catalogue = defineCatalogue(...logNames.map((name) => logOf(name)));

/** Numbers that look random and are the same every time (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const words =
  "blue green large small gift urgent fragile paper glass tea coffee lamp chair table spoon bread apple".split(" ");

export type ShopEvent = readonly [
  action: `${(typeof logNames)[number]}.${(typeof names)[number]}`,
  fields: EventFields & { data: z.input<typeof order> },
];

/** Event number `index`; a few actors and actions make up most of them, as in life. */
export function shopEvent(index: number, random: () => number): ShopEvent {
  const skewed = (size: number): number => Math.floor(size * random() ** 3);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const orderNumber = `ORD-${String(20_260_000 + skewed(20_000))}`;
  const failed = random() < 0.04;
  const fields = {
    actor: { type: "user", id: `u${skewed(5_000)}`, roles: ["staff"] },
    target: { type: "order", id: orderNumber },
    message: `${pick(words)} ${pick(words)} ${pick(words)} for ${orderNumber}`,
    outcome: failed ? ("failure" as const) : ("success" as const),
    context: {
      source: "http" as const,
      ip: `10.${index % 200}.${skewed(250)}.7`,
      requestId: `req-${index.toString(36).padStart(8, "0")}`,
      route: "/orders/:number",
      service: "shop",
    },
    data: {
      orderNumber,
      total: `${skewed(900)}.${10 + (index % 90)}`,
      items: 1 + skewed(9),
      channel: pick(["web", "phone", "desk"]),
    },
    ...(failed ? { error: { name: "PaymentError", code: "E_CARD", message: "The card was refused by the bank" } } : {}),
  };
  const log = logNames[skewed(logNames.length)]!;
  return [`${log}.${names[skewed(names.length)]!}`, fields];
}
