import { AssertionError } from "node:assert";

import { expect, test } from "vitest";
import { z } from "zod";

import { action } from "../event/action.ts";
import { defineCatalogue, defineLog } from "../event/catalogue.ts";
import { createTestTrail } from "./create-test-trail.ts";
import { expectAudit } from "./expect-audit.ts";

const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: {
      placed: action({
        op: "create",
        says: "{actor} placed {target}",
        data: z.object({ total: z.string(), items: z.array(z.string()) }),
      }),
      cancelled: action({ op: "delete", says: "{actor} cancelled {target}", guarantee: "buffered" }),
    },
  }),
);

const placed = (id: string, total = "12.50") => ({
  actor: { type: "user", id, name: "Ida" },
  target: { type: "order", id: `o${id}` },
  data: { total, items: ["tea", "cup"] },
});

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AssertionError);
  return (error as AssertionError).message;
}

test("toHave() finds an event by any part of it and answers with its entry", async () => {
  await using trail = await createTestTrail(catalogue);
  await trail.record("order.placed", placed("1"));
  await trail.record("order.placed", placed("2", "99.00"));
  const audit = expectAudit(trail);
  expect((await audit.toHave("order.placed")).seq).toBe(0);
  expect((await audit.toHave("order.placed", { actor: { id: "2" } })).seq).toBe(1);
  await audit.toHave("order.placed", {
    data: { total: /^99/, items: ["tea", "cup"] },
    target: { id: "o2" },
    outcome: "success",
  });
  await audit.toHave("order.placed", { id: expect.any(String) as string, targets: [{ type: "order" }] });
  await audit.toHaveNo("order.placed", { data: { total: "1.00" } });
  await audit.toHaveNo("order.cancelled");
});

test("a failed toHave() shows the nearest event with what differs, and all that was recorded", async () => {
  await using trail = await createTestTrail(catalogue);
  await trail.record("order.placed", placed("1"));
  await trail.record("order.placed", placed("2"));
  const message = await messageOf(
    expectAudit(trail).toHave("order.placed", { actor: { id: "2" }, data: { total: "13.00", items: ["tea"] } }),
  );
  expect(message).toContain("Nearest, entry 1:");
  expect(message).toContain('data.total: expected "13.00", found "12.50"');
  expect(message).toContain('data.items[1]: expected no further item, found "cup"');
  expect(message).toContain("0. order.placed success by user/1 on order/o1");
});

test("a failed toHave() names the action that was recorded when only that is nearly right", async () => {
  await using trail = await createTestTrail(catalogue);
  expect(await messageOf(expectAudit(trail).toHave("order.placed"))).toContain("Nothing was recorded.");
  await trail.record("order.placed", placed("1"));
  expect(await messageOf(expectAudit(trail).toHave("order.place" as "order.placed"))).toContain(
    "Was order.placed meant",
  );
});

test("toHaveExactly() compares the whole trail in order", async () => {
  await using trail = await createTestTrail(catalogue);
  await trail.record("order.placed", placed("1"));
  await trail.record("order.cancelled", { actor: { type: "user", id: "1" } });
  const audit = expectAudit(trail);
  expect(await audit.toHaveExactly(["order.placed", ["order.cancelled", { actor: { id: "1" } }]])).toHaveLength(2);
  expect(await messageOf(audit.toHaveExactly(["order.placed"]))).toContain(
    "event 2, order.cancelled, was not expected",
  );
  expect(await messageOf(audit.toHaveExactly(["order.cancelled", "order.placed"]))).toContain(
    'event 1, action: expected "order.cancelled", found "order.placed"',
  );
  expect(await messageOf(audit.toHaveExactly(["order.placed", "order.cancelled", "order.placed"]))).toContain(
    "event 3, order.placed, is missing",
  );
});

test("toHaveCount() and toBeEmpty() count", async () => {
  await using trail = await createTestTrail(catalogue);
  const audit = expectAudit(trail);
  await audit.toBeEmpty();
  await trail.record("order.placed", placed("1"));
  await audit.toHaveCount("order.placed", 1);
  await audit.toHaveCount("order.cancelled", 0);
  expect(await messageOf(audit.toHaveCount("order.placed", 2))).toContain("Expected 2 × order.placed, found 1.");
  expect(await messageOf(audit.toBeEmpty())).toContain("Expected no events.");
});

test("during() looks at what one function records, and throws its error on", async () => {
  await using trail = await createTestTrail(catalogue);
  await trail.record("order.placed", placed("1"));
  let runs = 0;
  const during = expectAudit(trail).during(async () => {
    runs += 1;
    await trail.record("order.cancelled", { actor: { type: "user", id: "1" } });
  });
  await during.toHaveExactly(["order.cancelled"]);
  await during.toHaveNo("order.placed");
  expect(runs).toBe(1);
  await expectAudit(trail)
    .during(() => undefined)
    .toBeEmpty();
  const error = new Error("the application's own");
  await expect(
    expectAudit(trail)
      .during(() => Promise.reject(error))
      .toBeEmpty(),
  ).rejects.toBe(error);
});

test("each tenant has a trail of its own to expect things of", async () => {
  await using trail = await createTestTrail(catalogue);
  await trail.record("order.placed", { ...placed("1"), tenant: "acme" });
  await expectAudit(trail).toBeEmpty();
  await expectAudit(trail, { tenant: "acme" }).toHaveExactly(["order.placed"]);
});

test("a test trail stands still in time until its clock is moved, and has transactions", async () => {
  await using trail = await createTestTrail(catalogue);
  const first = await trail.record("order.placed", placed("1"));
  expect(first.recordedAt).toBe("2026-01-01T00:00:00.000000Z");
  trail.clock.advance(1_500);
  const dropped = trail.transaction(async (transaction) => {
    await trail.in(transaction).record("order.placed", placed("2"));
    throw new Error("rolled back");
  });
  await expect(dropped).rejects.toThrow("rolled back");
  await trail.transaction((transaction) => trail.in(transaction).recordSync("order.placed", placed("3")));
  const [, second] = await expectAudit(trail).toHaveExactly(["order.placed", ["order.placed", { actor: { id: "3" } }]]);
  expect(second!.recordedAt).toBe("2026-01-01T00:00:01.500000Z");
});

test("recording outside a transaction from inside one is refused instead of hanging", async () => {
  await using trail = await createTestTrail(catalogue);
  const work = trail.transaction(async () => {
    await trail.record("order.placed", placed("1"));
  });
  await expect(work).rejects.toMatchObject({
    code: "STORE_LOCKED",
    message: expect.stringContaining("trail.in(transaction)"),
  });
});
