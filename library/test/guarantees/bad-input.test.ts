/** What an application may hand over by mistake: each has a clear error, or its written treatment (docs/reference/values.md). */

import { expect, test } from "vitest";
import { z } from "zod";

import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import { checkTrails, createTestTrail, expectAudit } from "../../src/testing/index.ts";

const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: {
      placed: action({ op: "create", says: "{actor} placed {target}", data: z.object({ number: z.number() }) }),
      noted: action({ op: "other", says: "{actor} noted", data: z.object({ any: z.unknown() }) }),
      cancelled: action({ op: "delete", says: "{actor} cancelled", reason: "required" }),
    },
  }),
);

const actor = { type: "user", id: "1" };

/** A trail for callers that no types hold. */
async function openLoosely() {
  const trail = await createTestTrail(catalogue);
  const record = (name: unknown, fields?: unknown) =>
    (trail.record as (...all: unknown[]) => Promise<unknown>)(name, fields);
  return { trail, record };
}

const throwing = Object.defineProperty({}, "secretly", {
  enumerable: true,
  get(): never {
    throw new TypeError("not to be read");
  },
});

test.for([
  ["an unknown action", "order.plaeced", { data: { number: 1 } }, "ACTION_UNKNOWN", 'Did you mean "order.placed"?'],
  ["an action of another kind", 42, {}, "ACTION_UNKNOWN", ""],
  ["no action", undefined, {}, "ACTION_UNKNOWN", ""],
  ["wrong data", "order.placed", { data: { number: "one" } }, "EVENT_INVALID", "data.number"],
  ["NaN where a number has to be", "order.placed", { data: { number: Number.NaN } }, "EVENT_INVALID", "data.number"],
  ["BigInt where a number has to be", "order.placed", { data: { number: 1n } }, "EVENT_INVALID", "data.number"],
  ["no data where some has to be", "order.placed", {}, "EVENT_INVALID", "data"],
  ["nothing at all", "order.placed", undefined, "EVENT_INVALID", "data"],
  ["null for the event", "order.placed", null, "EVENT_INVALID", "expected an object"],
  ["a text for the event", "order.placed", "text", "EVENT_INVALID", "expected an object"],
  ["data where there is none", "order.cancelled", { reason: "r", data: { number: 1 } }, "EVENT_INVALID", "data"],
  [
    "a member that the catalogue does not have",
    "order.placed",
    { data: { number: 1, numbr: 2 } },
    "EVENT_INVALID",
    'Did you mean "number"?',
  ],
  ["a missing reason", "order.cancelled", {}, "EVENT_INVALID", "reason"],
  ["an unknown field", "order.placed", { data: { number: 1 }, actr: actor }, "EVENT_INVALID", 'Did you mean "actor"?'],
  [
    "an actor without a type",
    "order.placed",
    { data: { number: 1 }, actor: { id: "1" } },
    "EVENT_INVALID",
    "type is missing",
  ],
  [
    "an actor's id that is a number",
    "order.placed",
    { data: { number: 1 }, actor: { type: "user", id: 1 } },
    "EVENT_INVALID",
    "id",
  ],
  ["an id that is none", "order.placed", { data: { number: 1 }, id: "42" }, "EVENT_INVALID", "UUID version 7"],
  [
    "a time that is none",
    "order.placed",
    { data: { number: 1 }, occurredAt: "yesterday" },
    "EVENT_INVALID",
    "RFC 3339",
  ],
  [
    "an invalid Date",
    "order.placed",
    { data: { number: 1 }, occurredAt: new Date(Number.NaN) },
    "EVENT_INVALID",
    "RFC 3339",
  ],
  [
    "a time after the year 9999",
    "order.placed",
    { data: { number: 1 }, occurredAt: new Date(8.64e15) },
    "EVENT_INVALID",
    "occurredAt",
  ],
  [
    "an id from after the year 9999",
    "order.placed",
    { data: { number: 1 }, id: "ffffffff-ffff-7fff-bfff-ffffffffffff" },
    "EVENT_INVALID",
    "id",
  ],
  [
    "a tenant with control characters",
    "order.placed",
    { data: { number: 1 }, tenant: "a\nb" },
    "EVENT_INVALID",
    "tenant",
  ],
  ["a getter that throws in the event", "order.placed", throwing, "EVENT_INVALID", ""],
  ["a getter that throws in the actor", "order.placed", { data: { number: 1 }, actor: throwing }, "EVENT_INVALID", ""],
  ["a getter that throws in the data", "order.placed", { data: throwing }, "EVENT_INVALID", "data"],
] as const)("%s is refused with %s, and nothing is recorded", async ([, name, fields, code, message]) => {
  const { trail, record } = await openLoosely();
  const failure = await record(name, fields).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ name: "AuditError", code, message: expect.stringContaining(message) });
  await expectAudit(trail).toBeEmpty();
  await trail.close();
});

function deep(levels: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < levels; level += 1) value = { below: value };
  return value;
}

const cyclic: Record<string, unknown> = { name: "loop" };
cyclic["self"] = cyclic;

test.for([
  ["10 MB of text", "x".repeat(10 * 1024 * 1024)],
  ["an object 200 deep", deep(200)],
  ["an object 100,000 deep", deep(100_000)],
  ["a list of 100,000 values", Array.from({ length: 100_000 }, (_, index) => index)],
  ["NUL", "a\u0000b"],
  ["a lone surrogate", "a\ud800b"],
  ["a lone surrogate in a name", { "a\udfffb": 1 }],
  ["NaN", Number.NaN],
  ["infinity", Number.POSITIVE_INFINITY],
  ["BigInt", 2n ** 70n],
  ["an integer above 2^53", 2 ** 60],
  ["negative zero", -0],
  ["a cyclic object", cyclic],
  ["a getter that throws", throwing],
  ["a Date", new Date(0)],
  ["an invalid Date", new Date(Number.NaN)],
  ["a Map", new Map([["key", 1]])],
  ["a Set", new Set([1])],
  ["bytes", new Uint8Array([1, 2, 3])],
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
  ["an object without a prototype", Object.create(null)],
  ["an object with __proto__", JSON.parse('{"__proto__":{"polluted":true}}') as unknown],
  [
    "a proxy that throws",
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    ),
  ],
  ["a promise", Promise.resolve(1)],
  ["an Error", new Error("message", { cause: new Error("cause") })],
  ["undefined", undefined],
  ["null", null],
] as const)(
  "%s in before, after and data is kept as the written treatment says, in an entry that verifies",
  async ([, value]) => {
    const { trail } = await openLoosely();
    await trail.record("order.noted", { actor, before: { value }, after: { value, more: 1 }, data: { any: value } });
    await trail.record("order.noted", { actor, before: value, after: value, data: { any: 1 }, error: value });
    const [first] = (await trail.query("", { order: { by: "seq", direction: "oldest" } })).entries;
    expect(JSON.stringify(first!.event).length).toBeLessThan(65_535);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(await trail.trails()).toMatchObject([{ size: 2 }]);
    await trail.close();
  },
);

test("a context that is none is refused when it is used, not kept", async () => {
  const { trail, record } = await openLoosely();
  const loosely = trail.with as (context: unknown, fn: () => unknown) => unknown;
  for (const context of [null, undefined, "text", { actr: actor }]) {
    expect(() => loosely(context, () => 1)).toThrow(expect.objectContaining({ code: "CONTEXT_INVALID" }));
  }
  for (const context of [
    { actor: "Bob" },
    { actor: { id: 5 } },
    { tenant: 7 },
    { context: { ip: 4 } },
    { context: "web" },
  ]) {
    await expect(
      loosely(context, () => record("order.placed", { data: { number: 1 } })) as Promise<unknown>,
    ).rejects.toMatchObject({ code: "EVENT_INVALID" });
  }
  await expectAudit(trail).toBeEmpty();
  await trail.close();
});

test("a trail is not opened with what cannot work", async () => {
  const { openTrail } = await import("../../src/trail/open-trail.ts");
  const { openMemoryStore } = await import("../../src/stores/memory/memory-store.ts");
  const store = openMemoryStore();
  for (const [options, code] of [
    [{ catalogue, store, stroe: 1 }, "OPTION_UNKNOWN"],
    [{ store }, "OPTION_INVALID"],
    [{ catalogue }, "OPTION_INVALID"],
    [{ catalogue, store: Promise.resolve(store) }, "OPTION_INVALID"],
    [{ catalogue, store, maxWaiting: 0 }, "OPTION_INVALID"],
    [{ catalogue, store, maxWaiting: Number.NaN }, "OPTION_INVALID"],
  ] as const) {
    await expect(openTrail(options as never)).rejects.toMatchObject({ code });
  }
  await checkTrails(store);
});

test("a position that is none names no entry", async () => {
  const { trail } = await openLoosely();
  await trail.record("order.placed", { actor, data: { number: 1 } });
  for (const position of [
    -1,
    1,
    0.5,
    Number.NaN,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    "",
    "0",
    "01920000-0000-7000-8000-000000000001",
  ]) {
    await expect(trail.read(position)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
  }
  for (const limit of [0, 1_001, 1.5, Number.NaN])
    await expect(trail.query("", { limit })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  await expect(trail.query("acton:order.placed")).rejects.toMatchObject({ code: "QUERY_INVALID" });
  await expect(trail.query("", { cursor: "1_x" })).rejects.toMatchObject({ code: "CURSOR_INVALID" });
  await trail.close();
});

test("a strict trail refuses events without an actor; others count them", async () => {
  const strict = await createTestTrail(catalogue, { strict: true });
  await expect(strict.record("order.placed", { data: { number: 1 } })).rejects.toMatchObject({ code: "ACTOR_MISSING" });
  await strict.with({ actor }, () => strict.record("order.placed", { data: { number: 2 } }));
  await expectAudit(strict).toHaveExactly([["order.placed", { actor, data: { number: 2 } }]]);
  await strict.close();
  const lenient = await createTestTrail(catalogue);
  await lenient.record("order.placed", { data: { number: 1 } });
  await expectAudit(lenient).toHave("order.placed", { actor: { type: "unknown" } });
  expect(lenient.health().unknownActors).toBe(1);
  await lenient.close();
});
