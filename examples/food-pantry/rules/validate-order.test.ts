import { expect, test } from "vitest";

import { totalsOf, validateOrder, type CartLine, type Category, type OrderCase } from "./validate-order.ts";

const grains: Category = { name: "Grains", kind: "food", limitQuantity: null, limitPer: "order" };
const greens: Category = { name: "Greens", kind: "fresh", limitQuantity: 2, limitPer: "household" };
const soap: Category = { name: "Soap", kind: "hygiene", limitQuantity: 1, limitPer: "adult" };
const diapers: Category = { name: "Diapers", kind: "hygiene", limitQuantity: 3, limitPer: "infant" };

const line = (category: Category, price: number, quantity: number, stock = 100): CartLine => ({
  ...{ sku: category.name, product: `some ${category.name}`, category, price, quantity, stock },
});
const order = (more: Partial<OrderCase> = {}): OrderCase => ({
  lines: [line(grains, 2_00, 5)],
  household: { adults: 2, children: 1, infants: 1 },
  balances: { full: 120_00, available: 100_00, hygiene: 34_00, fresh: 20_00 },
  ...{ appliedVouchers: 2, isActive: true, isWindowOpen: true, otherOrder: undefined },
  ...more,
});
const rulesOf = (more: Partial<OrderCase>) => validateOrder(order(more)).map(({ rule }) => rule);

test("an order within all limits has nothing against it", () => {
  expect(validateOrder(order())).toEqual([]);
});

test("fresh food is food as well; hygiene is neither", () => {
  const lines = [line(grains, 2_00, 5), line(greens, 3_00, 2), line(soap, 4_00, 1)];
  expect(totalsOf(lines)).toEqual({ food: 16_00, fresh: 6_00, hygiene: 4_00 });
});

test("totals may reach a balance, and not exceed it", () => {
  expect(rulesOf({ lines: [line(grains, 100_00, 1)] })).toEqual([]);
  expect(rulesOf({ lines: [line(grains, 100_01, 1)] })).toEqual(["food-balance"]);
  expect(rulesOf({ lines: [line(soap, 34_01, 1)] })).toEqual(["hygiene-balance"]);
  expect(rulesOf({ lines: [line(greens, 20_01, 1)] })).toEqual(["fresh-budget"]);
});

test("limits are for each adult, child, infant, member of the household, or order", () => {
  const most = { adult: 2, child: 1, infant: 1, household: 3, order: 1 } as const;
  for (const [limitPer, quantity] of Object.entries(most) as [keyof typeof most, number][]) {
    const category: Category = { ...grains, limitQuantity: 1, limitPer };
    expect(rulesOf({ lines: [line(category, 1, quantity)] }), limitPer).toEqual([]);
    expect(rulesOf({ lines: [line(category, 1, quantity + 1)] }), limitPer).toEqual(["category-limit"]);
  }
});

test("a limit holds for all products of its category together, and says so", () => {
  const lines = [
    { ...line(diapers, 1, 2), product: "small" },
    { ...line(diapers, 1, 2), product: "large" },
  ];
  expect(validateOrder(order({ lines }))).toEqual([
    { rule: "category-limit", message: "4 of Diapers, at most 3 (3 per infant)", product: "small, large" },
  ]);
});

test("everything that stands against an order is said at once", () => {
  expect(
    rulesOf({
      lines: [line(grains, 90_00, 1, 0), line(greens, 5_00, 7), line(soap, 20_00, 3)],
      ...{ appliedVouchers: 0, isActive: false, isWindowOpen: false, otherOrder: "ORD-1" },
    }),
  ).toEqual([
    ...["inactive", "window-closed", "active-order", "no-voucher"],
    ...["food-balance", "hygiene-balance", "fresh-budget", "category-limit", "category-limit", "out-of-stock"],
  ]);
  expect(rulesOf({ lines: [] })).toEqual(["empty-cart"]);
});
