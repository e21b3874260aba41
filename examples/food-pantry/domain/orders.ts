/**
 * Orders. What was asked for is recorded before it is judged, and the judgement in full, whichever it is: one that fails outlives the
 * rollback of the order that it is about, with the cart, the balances and every objection of that moment.
 */

import { queueMail } from "../mail/outbox.ts";
import { formatMoney, sum, type Cents } from "../rules/money.ts";
import { drawOrderNumber } from "../rules/order-number.ts";
import { mayFollow, type OrderState } from "../rules/order-state.ts";
import { payWith } from "../rules/balances.ts";
import { totalsOf, validateOrder, type CartLine, type Objection } from "../rules/validate-order.ts";
import { readAccount, type Account } from "./balance.ts";
import { dayOf, Refusal, type Pantry, type Record } from "./pantry.ts";
import { linesOf, type CartItem } from "./products.ts";
import { isTakingOrders } from "./programs.ts";
import type { OrderLineRow, OrderRow, VoucherRow } from "./rows.ts";
import { orderTarget, participantTarget, voucherCode } from "./targets.ts";
import { consumeVoucher, restoreVoucher } from "./vouchers.ts";

/** The number that was drawn for the order, and what stood against it: where there is anything, there is no such order. */
export interface Judged {
  readonly number: string;
  readonly objections: readonly Objection[];
}

/** Thrown inside a transaction to undo it. */
class TurnedDown extends Error {
  readonly judgement: Judgement;
  constructor(judgement: Judgement) {
    super("turned down");
    this.judgement = judgement;
  }
}

export async function placeOrder(pantry: Pantry, participant: string, cart: readonly CartItem[]): Promise<Judged> {
  const number = drawOrderNumber(dayOf(pantry, pantry.now()), pantry.chance);
  const lines = linesOf(pantry, cart);
  const { name } = readAccount(pantry, participant).participant;
  await pantry.trail.record("order-validation.received", {
    targets: [orderTarget(number), participantTarget({ number: participant, name })],
    data: attemptOf(participant, lines, "pending"),
  });
  return judge(pantry, number, (record) => {
    const judgement = judgementOf(pantry, number, participant, linesOf(pantry, cart));
    insertOrder(pantry, judgement);
    if (judgement.objections.length > 0) throw new TurnedDown(judgement);
    record("order-validation.validated", entryOf(judgement));
    pantry.sql.run`DELETE FROM cartLine WHERE participant = ${participant}`;
  });
}

/** Judges the order again, as things stand now, and lets it consume its vouchers and stock. */
export async function confirmOrder(pantry: Pantry, number: string): Promise<Judged> {
  return judge(pantry, number, (record) => {
    const order = readOrder(pantry, number);
    assertStep(order, "confirmed");
    const cart = linesOfOrder(pantry, number);
    const judgement = judgementOf(pantry, number, order.participant, linesOf(pantry, cart));
    if (judgement.objections.length > 0) throw new TurnedDown(judgement);
    record("order-validation.validated", entryOf(judgement));
    for (const payment of judgement.payments) consumeVoucher(pantry, record, number, payment);
    for (const { sku, quantity } of cart)
      pantry.sql.run`UPDATE product SET stock = stock - ${quantity} WHERE sku = ${sku}`;
    moveOrder(pantry, order, "confirmed");
    const vouchers = judgement.payments.map(({ voucher }) => voucherCode(voucher.number));
    record("order.confirmed", {
      ...stepOf(pantry, order, "confirmed"),
      data: { ...dataOf(order), vouchers, paidWith: vouchers.join(" and ") },
    });
    queueMail(pantry, "order-confirmation", order.participant, { order: number, total: dataOf(order).total });
  });
}

/** Packing begins, or is over. */
export function advanceOrder(pantry: Pantry, number: string, to: "packing" | "completed"): void {
  pantry.transaction((record) => {
    const order = readOrder(pantry, number);
    assertStep(order, to);
    moveOrder(pantry, order, to);
    record(`order.${to}`, { ...stepOf(pantry, order, to), data: dataOf(order) });
  });
}

/** Brings back the vouchers and the stock that the order had consumed. */
export function cancelOrder(pantry: Pantry, number: string, reason: string): void {
  if (reason.trim() === "") throw new Refusal("Say why the order is cancelled.");
  pantry.transaction((record) => {
    const order = readOrder(pantry, number);
    assertStep(order, "cancelled");
    const paid = pantry.sql.all<VoucherRow>`SELECT * FROM voucher WHERE orderNumber = ${number} ORDER BY number`;
    for (const voucher of paid) restoreVoucher(pantry, record, voucher, number);
    if (order.state !== "pending")
      for (const { sku, quantity } of linesOfOrder(pantry, number))
        pantry.sql.run`UPDATE product SET stock = stock + ${quantity} WHERE sku = ${sku}`;
    moveOrder(pantry, order, "cancelled");
    const restored = paid.map((voucher) => voucherCode(voucher.number));
    record("order.cancelled", { ...stepOf(pantry, order, "cancelled"), data: { ...dataOf(order), restored }, reason });
  });
}

/** Throws a {@link Refusal} where there is no such order. */
export function readOrder({ sql }: Pantry, number: string): OrderRow {
  const row = sql.get<OrderRow>`SELECT * FROM customerOrder WHERE number = ${number}`;
  if (row === undefined) throw new Refusal(`There is no order ${number}.`);
  return row;
}

export function linesOfOrder({ sql }: Pantry, number: string): OrderLineRow[] {
  return sql.all<OrderLineRow>`SELECT sku, product, quantity, price FROM orderLine WHERE orderNumber = ${number}
    ORDER BY sku`;
}

export function ordersOf({ sql }: Pantry, participant: string): OrderRow[] {
  return sql.all<OrderRow>`SELECT * FROM customerOrder WHERE participant = ${participant}
    ORDER BY placedAt DESC`;
}

interface Judgement {
  readonly number: string;
  readonly lines: readonly CartLine[];
  readonly account: Account;
  readonly objections: readonly Objection[];
  readonly payments: readonly { voucher: VoucherRow; applied: Cents; remaining: Cents }[];
}

/** Runs `work` in a transaction; where it turns the order down, what it did is undone and its judgement recorded all the same. */
async function judge(pantry: Pantry, number: string, work: (record: Record) => void): Promise<Judged> {
  try {
    pantry.transaction(work);
    return { number, objections: [] };
  } catch (error) {
    if (!(error instanceof TurnedDown)) throw error;
    const { objections } = error.judgement;
    const message = objections.map((objection) => objection.message).join("; ");
    await pantry.trail.record("order-validation.failed", { ...entryOf(error.judgement), outcome: "failure", message });
    pantry.log("apps.orders").info({ order: number, objections: objections.length }, "an order was turned down");
    return { number, objections };
  }
}

function judgementOf(pantry: Pantry, number: string, participant: string, lines: readonly CartLine[]): Judgement {
  const account = readAccount(pantry, participant);
  const other = pantry.sql.get<{ number: string }>`SELECT number FROM customerOrder WHERE participant = ${participant}
    AND state IN ('pending', 'confirmed', 'packing') AND number <> ${number}`;
  const isPlaced = pantry.sql.get<object>`SELECT 1 FROM customerOrder WHERE number = ${number}` !== undefined;
  const objections = validateOrder({
    ...{ lines, household: account.participant, balances: account.balances },
    appliedVouchers: account.spendable.length,
    isActive: account.participant.active === 1,
    // An order that was placed in time may be confirmed afterwards.
    isWindowOpen: isPlaced || isTakingOrders(pantry, account.participant.program),
    otherOrder: other?.number,
  });
  const payments = payWith(account.spendable, totalsOf(lines).food);
  return { number, lines, account, objections, payments };
}

function insertOrder({ sql, now }: Pantry, { number, lines, account, objections }: Judgement): void {
  // The database itself allows one active order: the rule has said so already.
  if (objections.some(({ rule }) => rule === "active-order")) return;
  const { food, hygiene } = totalsOf(lines);
  const at = now().toISOString();
  sql.run`INSERT INTO customerOrder
    VALUES (${number}, ${account.participant.number}, 'pending', ${food}, ${hygiene}, ${at}, ${at})`;
  for (const { sku, product, quantity, price } of lines)
    sql.run`INSERT INTO orderLine VALUES (${number}, ${sku}, ${product}, ${quantity}, ${price})`;
}

function attemptOf<Status extends string>(participant: string, lines: readonly CartLine[], status: Status) {
  return {
    ...{ participant, status, items: sum(lines.map(({ quantity }) => quantity)) },
    products: lines.map(({ product }) => product),
    cart: lines.map(({ sku, product, quantity, price }) => ({ sku, product, quantity, price: formatMoney(price) })),
  };
}

function entryOf({ number, lines, account, objections, payments }: Judgement) {
  const { participant, balances } = account;
  const totals = totalsOf(lines);
  const isFine = objections.length === 0;
  const left = isFine ? balances.available - totals.food : balances.available;
  const { adults, children, infants } = participant;
  return {
    targets: [orderTarget(number), participantTarget(participant)],
    data: {
      ...attemptOf(participant.number, lines, isFine ? ("validated" as const) : ("failed" as const)),
      messages: objections.map(({ message }) => message),
      rules: objections.map(({ rule }) => rule),
      totals: formatAll(totals),
      balances: formatAll(balances),
      household: { adults, children, infants },
      vouchers: isFine ? payments.map(({ voucher }) => voucherCode(voucher.number)) : [],
      balanceBefore: formatMoney(balances.available),
      balanceAfter: formatMoney(left),
      balanceChange: formatMoney(left - balances.available),
    },
  };
}

function formatAll<Names extends string>(amounts: { readonly [Name in Names]: Cents }): { [Name in Names]: string } {
  return Object.fromEntries(Object.entries<Cents>(amounts).map(([name, cents]) => [name, formatMoney(cents)])) as {
    [Name in Names]: string;
  };
}

function assertStep({ number, state }: OrderRow, to: OrderState): void {
  if (!mayFollow(state, to)) throw new Refusal(`Order ${number} is ${state}: it cannot become ${to}.`);
}

function moveOrder({ sql, now }: Pantry, { number }: OrderRow, to: OrderState): void {
  sql.run`UPDATE customerOrder SET state = ${to}, changedAt = ${now().toISOString()} WHERE number = ${number}`;
}

function stepOf(pantry: Pantry, order: OrderRow, to: OrderState) {
  const { participant } = readAccount(pantry, order.participant);
  const targets = [orderTarget(order.number), participantTarget(participant)];
  return { targets, before: { state: order.state }, after: { state: to } };
}

function dataOf({ participant, food, hygiene }: OrderRow) {
  return { participant, total: formatMoney(food + hygiene) };
}
