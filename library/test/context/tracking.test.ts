import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";
import { z } from "zod";

import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import { runWithContext } from "../../src/context/context.ts";
import { failBeforeAppend, createTestTrail, expectAudit } from "../../src/testing/index.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openTrail } from "../../src/trail/open-trail.ts";

const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: {
      validated: action({ op: "update", says: "{actor} validated {target}" }),
      checked: action({ op: "read", says: "{actor} checked {target}", data: z.object({ rule: z.string() }) }),
    },
  }),
);

const target = { type: "order", id: "7" };
const actor = { type: "user", id: "ida" };

test("an operation is recorded when it ends: outcome, duration, state before and after, and its result is passed on", async () => {
  const trail = await createTestTrail(catalogue);
  const result = await trail.track(
    "order.validated",
    { actor, target, before: { state: "new" } },
    async (operation) => {
      await sleep(15);
      operation.set({ message: "all rules hold" });
      operation.after({ state: "valid" });
      return 42;
    },
  );
  expect(result).toBe(42);
  const { event } = await expectAudit(trail).toHave("order.validated", {
    outcome: "success",
    message: "all rules hold",
    before: { state: "new" },
    after: { state: "valid" },
    changed: ["/state"],
    target,
  });
  expect(event.durationMs).toBeGreaterThanOrEqual(14);
  expect(event.operationId).toBe(event.id);
  await trail.close();
});

test("a failing operation is recorded with its error, which is thrown on as it came", async () => {
  const trail = await createTestTrail(catalogue);
  const error = Object.assign(new RangeError("no such rule"), { code: "E_RULE" });
  await expect(trail.track("order.validated", { actor, target }, () => Promise.reject(error))).rejects.toBe(error);
  await expectAudit(trail).toHave("order.validated", {
    outcome: "failure",
    error: { name: "RangeError", code: "E_RULE", message: "no such rule" },
  });
  for (const thrown of [undefined, null, "text", 5]) {
    await expect(trail.track("order.validated", { actor }, () => Promise.reject(thrown))).rejects.toBe(thrown);
  }
  await expectAudit(trail).toHaveCount("order.validated", 5);
  await trail.close();
});

test("an operation may call its end something else than a failure", async () => {
  const trail = await createTestTrail(catalogue);
  await expect(
    trail.track("order.validated", { actor, target }, (operation) => {
      operation.set({ outcome: "denied" });
      throw new Error("not allowed");
    }),
  ).rejects.toThrow("not allowed");
  await expectAudit(trail).toHave("order.validated", { outcome: "denied", error: { message: "not allowed" } });
  await trail.close();
});

test("what is recorded inside shares the operation and names it as its cause, however deep", async () => {
  const trail = await createTestTrail(catalogue);
  await trail.with({ actor }, () =>
    trail.track("order.validated", { target }, async (outer) => {
      await trail.record("order.checked", { data: { rule: "stock" } });
      await trail.track("order.checked", { data: { rule: "credit" } }, async (inner) => {
        expect(inner.operationId).toBe(outer.operationId);
        await sleep(1);
        await trail.record("order.checked", { data: { rule: "limit" } });
      });
    }),
  );
  const [stock, limit, credit, validated] = (
    await expectAudit(trail).toHaveExactly(["order.checked", "order.checked", "order.checked", "order.validated"])
  ).map(({ event }) => event);
  expect([stock!, limit!, credit!, validated!].map(({ data }) => data?.["rule"])).toEqual([
    "stock",
    "limit",
    "credit",
    undefined,
  ]);
  const operation = validated!.id;
  for (const event of [stock!, limit!, credit!, validated!]) expect(event.operationId).toBe(operation);
  expect([stock!.causationId, credit!.causationId, limit!.causationId, validated!.causationId]).toEqual([
    operation,
    operation,
    credit!.id,
    undefined,
  ]);
  await trail.close();
});

test("an operation inside another's operationId goes on with it", async () => {
  const trail = await createTestTrail(catalogue);
  await runWithContext({ actor, operationId: "request-1" }, () =>
    trail.track("order.validated", { target }, () => undefined),
  );
  await expectAudit(trail).toHave("order.validated", { operationId: "request-1" });
  await trail.close();
});

test("the operation's own error is thrown on also when it cannot be recorded, and that is counted", async () => {
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const trail = await openTrail({ catalogue, store });
  store.fail();
  const error = new Error("the operation's own");
  await expect(trail.track("order.validated", { actor }, () => Promise.reject(error))).rejects.toBe(error);
  expect(trail.health().refused).toBe(1);
  await expect(trail.track("order.validated", { actor }, () => "done")).rejects.toMatchObject({ code: "STORE_FULL" });
  await trail.close();
});

test("an action that is not in the catalogue is refused before the operation runs", async () => {
  const trail = await createTestTrail(catalogue);
  let ran = false;
  await expect(trail.track("order.valdated" as "order.validated", {}, () => (ran = true))).rejects.toMatchObject({
    code: "ACTION_UNKNOWN",
  });
  expect(ran).toBe(false);
  await trail.close();
});
