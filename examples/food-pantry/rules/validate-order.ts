/** Whether an order can be had: every rule is asked, and every objection is kept, so that people mend all of it at once. */

import { householdSize, type Balances, type Household } from "./balances.ts";
import { formatMoney, sum, type Cents } from "./money.ts";

export const limitScopes = ["adult", "child", "infant", "household", "order"] as const;
export type LimitScope = (typeof limitScopes)[number];

export interface Category {
  readonly name: string;
  /** Hygiene is paid out of a balance of its own; fresh food is food that has a budget besides. */
  readonly kind: "food" | "fresh" | "hygiene";
  /** At most so many, for each of what `limitPer` says; null is as many as there are. */
  readonly limitQuantity: number | null;
  readonly limitPer: LimitScope;
}

export interface CartLine {
  readonly sku: string;
  readonly product: string;
  readonly category: Category;
  readonly price: Cents;
  readonly quantity: number;
  /** What is on the shelf. */
  readonly stock: number;
}

export interface OrderCase {
  readonly lines: readonly CartLine[];
  readonly household: Household;
  readonly balances: Balances;
  readonly appliedVouchers: number;
  readonly isActive: boolean;
  readonly isWindowOpen: boolean;
  /** The number of another order that is under way. */
  readonly otherOrder: string | undefined;
}

export interface Objection {
  readonly rule: string;
  readonly message: string;
  readonly product?: string;
}

export interface Totals {
  readonly food: Cents;
  readonly hygiene: Cents;
  readonly fresh: Cents;
}

export function totalsOf(lines: readonly CartLine[]): Totals {
  const total = (kinds: readonly Category["kind"][]): Cents =>
    sum(lines.filter(({ category }) => kinds.includes(category.kind)).map(({ price, quantity }) => price * quantity));
  return { food: total(["food", "fresh"]), hygiene: total(["hygiene"]), fresh: total(["fresh"]) };
}

/** All that stands against the order; nothing where it can be had. */
export function validateOrder(order: OrderCase): Objection[] {
  return [
    ...objectionsToPerson(order),
    ...objectionsToTotals(order),
    ...objectionsToLimits(order),
    ...objectionsToStock(order),
  ];
}

function objectionsToPerson({ lines, appliedVouchers, isActive, isWindowOpen, otherOrder }: OrderCase): Objection[] {
  const all: (Objection | false)[] = [
    !isActive && { rule: "inactive", message: "the participant is not active" },
    !isWindowOpen && { rule: "window-closed", message: "orders are not taken at this time" },
    otherOrder !== undefined && { rule: "active-order", message: `order ${otherOrder} is still under way` },
    lines.length === 0 && { rule: "empty-cart", message: "the cart is empty" },
    appliedVouchers === 0 && { rule: "no-voucher", message: "no applied voucher to pay with" },
  ];
  return all.filter((objection) => objection !== false);
}

function objectionsToTotals({ lines, balances }: OrderCase): Objection[] {
  const totals = totalsOf(lines);
  const above = (rule: string, what: string, total: Cents, most: Cents, of: string): Objection[] =>
    total <= most
      ? []
      : [{ rule, message: `${what} for ${formatMoney(total)} is above ${of} of ${formatMoney(most)}` }];
  return [
    ...above("food-balance", "food", totals.food, balances.available, "the available balance"),
    ...above("hygiene-balance", "hygiene", totals.hygiene, balances.hygiene, "the hygiene balance"),
    ...above("fresh-budget", "fresh food", totals.fresh, balances.fresh, "the fresh-food budget"),
  ];
}

function objectionsToLimits({ lines, household }: OrderCase): Objection[] {
  const categories = new Map(lines.map(({ category }) => [category.name, category]));
  return [...categories.values()].flatMap((category) => {
    const most = mostOf(category, household);
    const inCart = lines.filter((line) => line.category.name === category.name);
    const quantity = sum(inCart.map((line) => line.quantity));
    if (quantity <= most) return [];
    const message = `${quantity} of ${category.name}, at most ${most} (${category.limitQuantity} per ${category.limitPer})`;
    return [{ rule: "category-limit", message, product: inCart.map(({ product }) => product).join(", ") }];
  });
}

function mostOf({ limitQuantity, limitPer }: Category, household: Household): number {
  if (limitQuantity === null) return Infinity;
  const { adults, children, infants } = household;
  const heads = { adult: adults, child: children, infant: infants, household: householdSize(household), order: 1 };
  return limitQuantity * heads[limitPer];
}

function objectionsToStock({ lines }: OrderCase): Objection[] {
  return lines
    .filter(({ quantity, stock }) => quantity > stock)
    .map(({ product, quantity, stock }) => ({
      rule: "out-of-stock",
      message: `${quantity} × ${product}, ${stock === 0 ? "none is" : `only ${stock} are`} left`,
      product,
    }));
}
