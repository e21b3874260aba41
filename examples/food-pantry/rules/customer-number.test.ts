import { expect, test } from "vitest";

import { customerNumberAt, customerNumbers, isCustomerNumber } from "./customer-number.ts";

test("all numbers differ and pass their own check", () => {
  const all = Array.from({ length: customerNumbers }, (_, place) => customerNumberAt(place));
  expect(new Set(all).size).toBe(customerNumbers);
  expect(all.every(isCustomerNumber)).toBe(true);
  expect(all).toContain("C-BKM-7");
});

test("a misread digit or letter, another shape and confusable letters are refused", () => {
  for (const wrong of ["C-BKM-8", "C-BKN-7", "C-DKM-7", "C-KBM-7", "C-BKM", "c-bkm-7", "C-AKM-7", "C-BLS-7", "X-BKM-7"])
    expect(isCustomerNumber(wrong), wrong).toBe(false);
});
