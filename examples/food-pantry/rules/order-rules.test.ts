import { expect, test } from "vitest";

import { drawOrderNumber } from "./order-number.ts";
import { isActive, mayFollow, orderStates, voucherMayBecome } from "./order-state.ts";
import { isOpen, isTimeOfDay } from "./order-window.ts";

test("an order goes forward one step at a time, and can be cancelled until it is complete", () => {
  const allowed = orderStates.flatMap((from) =>
    orderStates.filter((to) => mayFollow(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(allowed).toEqual([
    ...["pending → confirmed", "pending → cancelled", "confirmed → packing", "confirmed → cancelled"],
    ...["packing → completed", "packing → cancelled"],
  ]);
  expect(orderStates.filter(isActive)).toEqual(["pending", "confirmed", "packing"]);
});

test("a consumed or expired voucher stays what it is", () => {
  expect(voucherMayBecome("pending", "applied") && voucherMayBecome("applied", "consumed")).toBe(true);
  for (const to of ["pending", "applied", "consumed", "expired"] as const)
    expect(voucherMayBecome("consumed", to) || voucherMayBecome("expired", to)).toBe(false);
  expect(voucherMayBecome("pending", "consumed")).toBe(false);
});

test("an order's number holds its day", () => {
  const fractions = [0, 0.2, 0.4, 0.6, 0.8, 0.999];
  expect(drawOrderNumber("2026-11-26", () => fractions.shift()!)).toBe("ORD-20261126-BGNT39");
});

test("windows are in the pantry's own time, also when clocks change", () => {
  const windows = [{ weekday: 7, opens: "09:00", closes: "12:00" }];
  const at = (instant: string) => isOpen(windows, new Date(instant), "Europe/Bucharest");
  // 29 March 2026, a Sunday: clocks go from 03:00 to 04:00, and the offset from two hours to three.
  expect(["2026-03-29T05:59Z", "2026-03-29T06:00Z", "2026-03-29T08:59Z", "2026-03-29T09:00Z"].map(at)).toEqual([
    ...[false, true, true, false],
  ]);
  expect(at("2026-03-22T07:00Z")).toBe(true);
  expect(at("2026-03-22T06:59Z")).toBe(false);
  expect(at("2026-03-28T08:00Z")).toBe(false);
});

test("times of day are checked", () => {
  expect(["00:00", "23:59", "24:00"].every(isTimeOfDay)).toBe(true);
  expect(["24:01", "9:00", "12:60", "noon", ""].some(isTimeOfDay)).toBe(false);
});
