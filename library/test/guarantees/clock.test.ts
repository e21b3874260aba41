import { join } from "node:path";

import { expect, test } from "vitest";

import { fixedClock } from "../../src/testing/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { clerk, openShop, orderNumbers, readShop } from "./shop.ts";

test("a clock that goes backwards neither stops recording nor disorders the trail", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const clock = fixedClock("2026-03-29T12:00:00Z");
  const trail = await openShop(file, { clock, sqlite: { clock } });
  const receipts = [];
  for (const [number, step] of [0, -3_600_000, 1_800_000, -60_000, 7_200_000].entries()) {
    clock.advance(step);
    receipts.push(await trail.record("order.placed", { actor: clerk, data: { number } }));
  }
  await trail.close();
  const entries = await readShop(file);
  expect(orderNumbers(entries, "order.placed")).toEqual([0, 1, 2, 3, 4]);
  expect(entries.map(({ recordedAt }) => recordedAt.slice(11, 16))).toEqual([
    "12:00",
    "12:00",
    "12:00",
    "12:00",
    "13:29",
  ]);
  expect(entries.map(({ event }) => event.occurredAt.slice(11, 16))).toEqual([
    "12:00",
    "11:00",
    "11:30",
    "11:29",
    "13:29",
  ]);
  const ids = receipts.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
});
