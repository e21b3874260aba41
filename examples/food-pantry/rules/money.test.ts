import { expect, test } from "vitest";

import { formatMoney, parseMoney, timesPercent } from "./money.ts";

test("what people type becomes whole cents, and nothing else does", () => {
  expect(["12", "12.5", "12.50", "0.07", " 3.10 "].map(parseMoney)).toEqual([1200, 1250, 1250, 7, 310]);
  for (const wrong of ["", "12.505", "-1", "1e3", "12,50", "NaN", "0x10", "9999999999"])
    expect(parseMoney(wrong)).toBeUndefined();
});

test("cents are written with two digits", () => {
  expect([0, 7, 310, 123456, -50].map(formatMoney)).toEqual(["0.00", "0.07", "3.10", "1234.56", "-0.50"]);
});

test("a tenth and two tenths are three tenths", () => {
  expect(formatMoney(parseMoney("0.10")! + parseMoney("0.20")!)).toBe("0.30");
});

test("multiplying rounds half a cent up", () => {
  expect([timesPercent(1001, 150), timesPercent(333, 50), timesPercent(100, 200)]).toEqual([1502, 167, 200]);
});
