/** What a household may spend, reckoned from its vouchers: pure functions, used to answer, to validate and to explain. */

import { sum, timesPercent, type Cents } from "./money.ts";

export interface Household {
  readonly adults: number;
  readonly children: number;
  /** Children in diapers; they are among the children. */
  readonly infants: number;
}

export interface VoucherSettings {
  readonly adult: Cents;
  readonly child: Cents;
  /** What each child in diapers adds to its child's amount. */
  readonly infant: Cents;
}

export const voucherKinds = ["grocery", "life"] as const;
export type VoucherKind = (typeof voucherKinds)[number];

export const voucherStates = ["pending", "applied", "consumed", "expired"] as const;
export type VoucherState = (typeof voucherStates)[number];

export interface VoucherFacts {
  readonly kind: VoucherKind;
  readonly state: VoucherState;
  readonly amount: Cents;
  /** In hundredths: 150 is one and a half times. */
  readonly multiplier: number;
  /** Whether it counts while the program pauses. */
  readonly forPause: boolean;
  /** Its place in the order in which the participant's vouchers were made. */
  readonly number: number;
}

export interface Balances {
  readonly full: Cents;
  readonly available: Cents;
  readonly hygiene: Cents;
  readonly fresh: Cents;
}

/** How many vouchers one order can be paid with. */
const mostPerOrder = 2;

export function baseBalance({ adults, children, infants }: Household, settings: VoucherSettings): Cents {
  return adults * settings.adult + children * settings.child + infants * settings.infant;
}

export function householdSize({ adults, children }: Household): number {
  return adults + children;
}

export function valueOf({ amount, multiplier }: Pick<VoucherFacts, "amount" | "multiplier">): Cents {
  return timesPercent(amount, multiplier);
}

/** The oldest applied grocery vouchers, at most two; while the program pauses, of those that were made for the pause. */
export function spendable<Voucher extends VoucherFacts>(vouchers: readonly Voucher[], isPaused: boolean): Voucher[] {
  return vouchers
    .filter(({ kind, state, forPause }) => kind === "grocery" && state === "applied" && (forPause || !isPaused))
    .toSorted((a, b) => a.number - b.number)
    .slice(0, mostPerOrder);
}

export function balancesOf(vouchers: readonly VoucherFacts[], size: number, isPaused: boolean): Balances {
  const live = vouchers.filter(({ kind, state }) => kind === "grocery" && (state === "pending" || state === "applied"));
  const available = sum(spendable(vouchers, isPaused).map(valueOf));
  return { full: sum(live.map(valueOf)), available, hygiene: hygieneOf(available), fresh: freshBudget(size) };
}

/** A third of what is available, rounded up to a whole unit of money. */
function hygieneOf(available: Cents): Cents {
  return Math.ceil(available / 300) * 100;
}

/** For fresh food in one order, by the size of the household. */
function freshBudget(size: number): Cents {
  return size <= 2 ? 10_00 : size <= 5 ? 20_00 : 25_00;
}

/** The vouchers that pay an amount, oldest first, and what of each is used; at least one, even where the amount is nothing. */
export function payWith<Voucher extends Pick<VoucherFacts, "amount" | "multiplier">>(
  vouchers: readonly Voucher[],
  amount: Cents,
): { readonly voucher: Voucher; readonly applied: Cents; readonly remaining: Cents }[] {
  const paid = [];
  let left = amount;
  for (const voucher of vouchers) {
    const applied = Math.min(left, valueOf(voucher));
    paid.push({ voucher, applied, remaining: valueOf(voucher) - applied });
    left -= applied;
    if (left === 0) break;
  }
  return paid;
}
