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

test("an operation that ends elsewhere is recorded in the context in which it began, as the action it turned out to be", async () => {
  const trail = await createTestTrail(catalogue);
  const operation = trail.with({ actor }, () => trail.begin("order.validated", { target }));
  operation.set({ message: "all rules hold" });
  await operation.run(() => trail.record("order.checked", { actor, data: { rule: "r1" } }));
  await trail.with({ actor: { type: "user", id: "somebody else" } }, () =>
    operation.end({ data: { rule: "r2" } }, "order.checked"),
  );
  const { event } = await expectAudit(trail).toHave("order.checked", { data: { rule: "r2" }, actor, target });
  expect(event).toMatchObject({ id: operation.id, message: "all rules hold" });
  await expectAudit(trail).toHave("order.checked", { data: { rule: "r1" }, causationId: operation.id });
  expect(() => trail.begin("order.forgotten" as never)).toThrow(expect.objectContaining({ code: "ACTION_UNKNOWN" }));
  await trail.close();
  await operation.end();
  expect(trail.health()).toMatchObject({ refused: 1, lastError: { code: "TRAIL_CLOSED" } });
});

test("who acts, and in whose trail, may be known later than the context begins", async () => {
  const trail = await createTestTrail(catalogue);
  let signedIn: { readonly type: string; readonly id: string } | undefined;
  let tenant: string | undefined;
  await trail.with({ actor: () => signedIn, tenant: () => tenant }, async () => {
    await trail.record("order.validated", { target });
    signedIn = actor;
    tenant = "acme";
    await trail.with({ reason: "asked twice" }, () => trail.record("order.validated", { target }));
  });
  await expectAudit(trail).toHave("order.validated", { actor: { type: "unknown" } });
  await expectAudit(trail, { tenant: "acme" }).toHave("order.validated", { actor, reason: "asked twice" });
  await trail.close();
});
