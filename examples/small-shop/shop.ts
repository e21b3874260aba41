/** The shop: a few functions over its own SQLite database, which the trail shares. */

import { DatabaseSync } from "node:sqlite";

import { openTrail, type Clock, type Target } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";

import { catalogue } from "./catalogue.ts";

export interface Person {
  readonly type: "user" | "customer";
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

const tables = `
  CREATE TABLE shop_order (number TEXT PRIMARY KEY, state TEXT NOT NULL, refunded TEXT NOT NULL, stock INTEGER NOT NULL);
  CREATE TABLE voucher (code TEXT PRIMARY KEY, balance TEXT NOT NULL);
  INSERT INTO voucher VALUES ('V-7', '20.00'), ('V-9', '50.00');
`;

export async function openShop(file: string, clock: Clock) {
  const store = await openSqliteStore({ file, createIfMissing: true, origin: "audit.example.com/shop", clock });
  const trail = await openTrail({ catalogue, store, service: "shop", clock });
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA synchronous = FULL; ${tables}`);
  return { trail, database };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

export async function closeShop({ trail, database }: Shop): Promise<void> {
  database.close();
  await trail.close();
}

const order = (number: string): Target => ({ type: "order", id: number, name: `order ${number}` });

export async function signIn({ trail }: Shop, name: string, isRight: boolean): Promise<void> {
  const error = isRight ? {} : { error: new Error("wrong name or password") };
  await trail.record("sign-in.tried", { data: { name }, ...error });
}

export async function placeOrder(
  shop: Shop,
  number: string,
  total: string,
  items: number,
  stock: number,
): Promise<void> {
  shop.database.prepare("INSERT INTO shop_order VALUES (?, 'placed', '0.00', ?)").run(number, stock);
  await shop.trail.record("order.placed", { target: order(number), data: { total, items } });
}

/** The balance and its event are kept together, or not at all. */
export function applyVoucher({ trail, database }: Shop, code: string, number: string, amount: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const { balance } = database.prepare("SELECT balance FROM voucher WHERE code = ?").get(code) as { balance: string };
    const left = (Number(balance) - Number(amount)).toFixed(2);
    database.prepare("UPDATE voucher SET balance = ? WHERE code = ?").run(left, code);
    trail.in(database).recordSync("voucher.applied", {
      targets: [{ type: "voucher", id: code, name: `voucher ${code}` }, order(number)],
      before: { balance },
      after: { balance: left },
      data: { order: number, amount },
    });
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** One operation: how long it took, how it ended, and why it failed are recorded by themselves. */
export async function packOrder({ trail, database }: Shop, number: string): Promise<void> {
  const before = { state: "placed" as const };
  await trail.track("order.packed", { target: order(number), before }, (operation) => {
    const row = database.prepare("SELECT stock FROM shop_order WHERE number = ?").get(number) as { stock: number };
    if (row.stock === 0) throw new Error("the blue teapot is out of stock");
    database.prepare("UPDATE shop_order SET state = 'packed' WHERE number = ?").run(number);
    operation.after({ state: "packed" });
  });
}

export async function refund({ trail, database }: Shop, number: string, amount: string, reason: string): Promise<void> {
  const row = database.prepare("SELECT refunded FROM shop_order WHERE number = ?").get(number) as { refunded: string };
  database.prepare("UPDATE shop_order SET refunded = ? WHERE number = ?").run(amount, number);
  await trail.record("order.refunded", {
    target: order(number),
    data: { amount },
    before: { refunded: row.refunded },
    after: { refunded: amount },
    reason,
  });
}

/** An e-mail that fails must not break the order; that it failed is recorded. */
export async function confirmByEmail({ trail }: Shop, number: string, to: Person, failure?: Error): Promise<void> {
  await trail.record("email.sent", {
    target: order(number),
    subjects: [`${to.type}/${to.id}`],
    data: { subject: `Your order ${number}`, recipient: to.email },
    ...(failure === undefined ? {} : { error: failure }),
  });
}
