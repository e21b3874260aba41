/** Real pino, in this process, into a trail. */

import { Writable } from "node:stream";

import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createLogStream, systemLog, type LogStreamOptions } from "../../src/capture/pino/index.ts";
import { defineCatalogue } from "../../src/event/catalogue.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { createTestTrail, expectAudit, holdAppends, type TestTrail } from "../../src/testing/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";

const catalogue = defineCatalogue(systemLog());
let trail: TestTrail<NonNullable<typeof catalogue.actions>>;
beforeEach(async () => {
  trail = await createTestTrail(catalogue);
});
afterEach(() => trail.close());

function open(options: LogStreamOptions = {}) {
  const stream = createLogStream(trail, options);
  const logger = pino({ level: "trace" }, stream);
  return { stream, logger, orders: logger.child({ name: "apps.orders" }) };
}

test("a line is recorded with its logger, level and message, in the operation and for the actor in force", async () => {
  const { orders } = open();
  const actor = { type: "user", id: "mira" };
  const operationId = "0199d8a0-0000-7000-8000-000000000001";
  trail.with({ actor, operationId }, () => orders.warn({ order: "1042" }, "stock is low"));
  const { event } = await expectAudit(trail).toHave("system.logged", {
    actor,
    operationId,
    message: "stock is low",
    severity: "warning",
    data: { logger: "apps.orders", level: "warn", fields: { order: "1042" } },
  });
  expect(event.data).toEqual({ logger: "apps.orders", level: "warn", fields: { order: "1042" } });
  orders.info("outside of any request");
  await expectAudit(trail).toHave("system.logged", { message: "outside of any request", actor: { type: "system" } });
  expect(trail.health().unknownActors).toBe(0);
});

test("each logger has its level, and the others have theirs", async () => {
  const { logger, orders } = open({ levels: { "apps.orders": "debug", "apps.mail": "silent", "*": "error" } });
  orders.trace("no");
  orders.debug("orders");
  logger.child({ name: "apps.mail" }).fatal("no");
  logger.warn("no");
  logger.error("others");
  await expectAudit(trail).toHaveExactly([
    ["system.logged", { message: "orders", data: { logger: "apps.orders", level: "debug" } }],
    ["system.logged", { message: "others", data: { logger: "application" }, severity: "error", outcome: "failure" }],
  ]);
});

test("errors have name, code, message and stack with that of their cause, and secrets in fields, messages and stacks are masked", async () => {
  const { orders } = open();
  const error = Object.assign(new RangeError("bad token=abcdefgh12345678", { cause: new Error("root") }), {
    code: "E_STOCK",
  });
  orders.error({ err: error, password: "correct-battery", nested: { apiKey: "correct-battery" } }, "failed");
  const entry = await expectAudit(trail).toHave("system.logged", {
    outcome: "failure",
    error: { name: "RangeError", code: "E_STOCK" },
  });
  expect(entry.event.error?.stack).toMatch(/at .*pino\.test\.ts/);
  expect(entry.event.error?.stack).toContain("root");
  expect(JSON.stringify(entry)).not.toMatch(/correct-battery|abcdefgh12345678/);
  expect(entry.event.data?.["fields"]).toEqual({ password: "[masked]", nested: { apiKey: "[masked]" } });
});

test("it works beside other streams, with levels written as words and other keys", async () => {
  const seen: string[] = [];
  const other = new Writable({ write: (chunk: Buffer, _, done) => (seen.push(chunk.toString()), done()) });
  const stream = createLogStream(trail, { messageKey: "message", levels: { "*": "debug" } });
  const formatters = { level: (label: string) => ({ level: label }) };
  const logger = pino(
    { level: "debug", messageKey: "message", formatters },
    pino.multistream([{ stream: other }, { level: "debug", stream }]),
  );
  logger.debug("only for the trail");
  logger.info("for both");
  await expectAudit(trail).toHaveExactly([
    ["system.logged", { message: "only for the trail", data: { level: "debug" } }],
    ["system.logged", { message: "for both", data: { level: "info" } }],
  ]);
  expect(seen).toHaveLength(1);
});

test("when the trail cannot keep up, lines are dropped, counted and told, and other events still find room", async () => {
  const store = holdAppends(openMemoryStore());
  const busy = await openTrail({ catalogue, store, exitHooks: false });
  const stream = createLogStream(busy, { mostWaiting: 10 });
  const logger = pino({ name: "apps.orders" }, stream);
  store.hold();
  for (let count = 0; count < 25; count += 1) logger.info("line");
  expect(stream.dropped).toBe(15);
  const other = busy.record("system.logged", {
    actor: { type: "user", id: "1" },
    data: { logger: "l", level: "info" },
  });
  store.release();
  await other;
  await stream.flush();
  const { event } = await expectAudit(busy as never).toHave("system.dropped" as never, {});
  expect(event.data).toMatchObject({ count: 15, loggers: { "apps.orders": 15 }, causes: { overloaded: 15 } });
  await busy.close();
});

test("what was dropped is told without anybody asking", async () => {
  vi.useFakeTimers();
  try {
    const { stream } = open();
    stream.write("not of pino\n");
    stream.write(`{"level":30,"msg":"${"x".repeat(300_000)}"}\n`);
    await vi.advanceTimersByTimeAsync(1_000);
  } finally {
    vi.useRealTimers();
  }
  await expectAudit(trail).toHave("system.dropped", { data: { count: 2, causes: { unreadable: 1, "too-long": 1 } } });
});

test("logging goes on after the trail was closed", async () => {
  const { stream, logger } = open();
  await trail.close();
  logger.info("late");
  await expect.poll(() => stream.dropped).toBe(1);
  await stream.close();
  logger.info("later");
  expect(stream.dropped).toBe(1);
});

test("what cannot be set up says so where it is set up", async () => {
  expect(() => open({ levels: { "*": "inof" as never } })).toThrow(/Did you mean "info"/);
  expect(() => open({ mostWaiting: 0 })).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  const bare = await createTestTrail(defineCatalogue());
  expect(() => createLogStream(bare as never)).toThrow(expect.objectContaining({ code: "ACTION_UNKNOWN" }));
});
