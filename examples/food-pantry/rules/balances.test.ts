import { expect, test } from "vitest";

import { balancesOf, baseBalance, payWith, spendable, type VoucherFacts } from "./balances.ts";

const settings = { adult: 40_00, child: 25_00, infant: 5_00 };
let number = 0;
const voucher = (more: Partial<VoucherFacts> = {}): VoucherFacts => ({
  ...{ kind: "grocery", state: "applied", amount: 60_00, multiplier: 100, forPause: false, number: (number += 1) },
  ...more,
});

test("a household's base balance counts adults, children, and children in diapers once more", () => {
  expect(baseBalance({ adults: 2, children: 3, infants: 1 }, settings)).toBe(160_00);
});

test("the full balance counts pending and applied grocery vouchers, the available one the two oldest applied", () => {
  const vouchers = [
    voucher({ state: "consumed" }),
    voucher({ state: "expired" }),
    voucher({ kind: "life" }),
    voucher({ amount: 10_00 }),
    voucher({ state: "pending", amount: 100_00 }),
    voucher({ amount: 20_00, multiplier: 150 }),
    voucher({ amount: 70_00 }),
  ];
  expect(balancesOf(vouchers, 4, false)).toEqual({ full: 210_00, available: 40_00, hygiene: 14_00, fresh: 20_00 });
});

test("while the program pauses only vouchers made for it are available", () => {
  const vouchers = [voucher(), voucher({ forPause: true, multiplier: 200 }), voucher({ forPause: true }), voucher()];
  expect(balancesOf(vouchers, 1, true)).toEqual({ full: 300_00, available: 180_00, hygiene: 60_00, fresh: 10_00 });
  expect(spendable(vouchers, false)).toEqual(vouchers.slice(0, 2));
});

test("hygiene is a third, rounded up to a whole unit", () => {
  const hygiene = (amount: number) => balancesOf([voucher({ amount })], 1, false).hygiene;
  expect([0, 1, 3_00, 3_01, 59_99, 60_00].map(hygiene)).toEqual([0, 1_00, 1_00, 2_00, 20_00, 20_00]);
});

test("the budget for fresh food grows with the household", () => {
  const budgets = [1, 2, 3, 5, 6, 11].map((size) => balancesOf([], size, false).fresh);
  expect(budgets).toEqual([10_00, 10_00, 20_00, 20_00, 25_00, 25_00]);
});

test("an order takes as many vouchers as it needs, oldest first, and at least one", () => {
  const [first, second] = [voucher({ amount: 50_00 }), voucher({ amount: 30_00 })];
  const used = (amount: number) =>
    payWith([first, second], amount).map(({ applied, remaining }) => [applied, remaining]);
  expect(used(0)).toEqual([[0, 50_00]]);
  expect(used(50_00)).toEqual([[50_00, 0]]);
  expect(used(65_00)).toEqual([[50_00, 0], [15_00, 15_00]]); // prettier-ignore
});
