import { expect, test } from "vitest";

import type { JsonObject } from "../base/canonical-json.ts";
import { createMapping } from "./mapping.ts";

const smallest = { log: "shop", action: "{what}", occurredAt: "{at}" };
const at = "2026-01-01T00:00:00Z";

function apply(mapping: object, record: JsonObject) {
  return createMapping(JSON.stringify({ ...smallest, ...mapping }), "mapping.json").apply(record, record);
}

function problemsOf(mapping: unknown): string {
  try {
    createMapping(typeof mapping === "string" ? mapping : JSON.stringify(mapping), "mapping.json");
  } catch (error) {
    expect(error).toMatchObject({ code: "IMPORT_INVALID" });
    return (error as Error).message;
  }
  throw new Error("the mapping was taken");
}

test("a record becomes an event, and stays beside it", () => {
  const record = {
    what: "order.placed",
    at,
    who: "42",
    name: "Ann",
    roles: ["admin"],
    order: 7,
    total: 12.5,
    ms: "8",
    why: null,
  };
  const reading = apply(
    {
      ...{ id: "o-{order}", actor: { type: "user", id: "{who}", name: "{name}", roles: ["{roles.0}", "{roles.1}"] } },
      ...{
        target: { type: "order", id: "{order}" },
        targets: [
          { type: "shop", id: "1" },
          { type: "coupon", id: "{coupon}" },
        ],
      },
      ...{
        durationMs: "{ms}",
        reason: "{why}",
        data: { total: "{total}", missing: "{missing}" },
        after: { total: "{total}" },
      },
      ...{ context: { ip: "{ip}", service: "shop" }, subjects: ["user/{who}"], operationId: "{order}" },
    },
    record,
  );
  expect(reading).toEqual({
    event: {
      action: "shop.order.placed",
      occurredAtMicros: 1_767_225_600_000_000,
      identity: "o-7",
      fields: {
        actor: { type: "user", id: "42", name: "Ann", roles: ["admin"] },
        targets: [
          { type: "order", id: "7" },
          { type: "shop", id: "1" },
        ],
        durationMs: 8,
        operationId: "7",
        context: { service: "shop" },
        subjects: ["user/42"],
        after: { total: 12.5 },
        data: { total: 12.5, original: record },
      },
    },
  });
});

test("a table says what values become; what it lacks stays, or becomes otherwise", () => {
  const outcome = { value: "{status}", map: { "200": "success", "403": "denied" }, otherwise: "failure" };
  const outcomeOf = (status: number) =>
    (apply({ outcome }, { what: "x", at, status }) as { event: { fields: { outcome: string } } }).event.fields.outcome;
  expect([outcomeOf(200), outcomeOf(403), outcomeOf(500)]).toEqual(["success", "denied", "failure"]);
  const action = { value: "{what}", map: { a: "order.added" } };
  expect(apply({ action }, { what: "a", at })).toMatchObject({ event: { action: "shop.order.added" } });
  expect(apply({ action }, { what: "b", at })).toMatchObject({ event: { action: "shop.b" } });
});

test("an error is there when it has a message", () => {
  const error = { code: "{code}", message: "{problem}" };
  expect(apply({ error }, { what: "x", at, code: "E1", problem: "broken" })).toMatchObject({
    event: { fields: { error: { name: "E1", code: "E1", message: "broken" } } },
  });
  expect(apply({ error }, { what: "x", at })).not.toHaveProperty("event.fields.error");
});

test("keepOriginal: false keeps only what is mapped", () => {
  expect(apply({ keepOriginal: false, data: { a: 1 } }, { what: "x", at })).toMatchObject({
    event: { fields: { data: { a: 1 } } },
  });
  expect(apply({ keepOriginal: false }, { what: "x", at })).not.toHaveProperty("event.fields.data");
});

test.each([
  [{ at }, "no action"],
  [{ what: "x" }, "no time"],
  [{ what: "x", at: "noon" }, 'its time "noon" is not rfc3339'],
])("%j is malformed: %s", (record, reason) => {
  expect(apply({}, record)).toMatchObject({ malformed: expect.stringContaining(reason) as string });
});

test("a record without the id that the mapping asks for is malformed", () => {
  expect(apply({ id: "{n}" }, { what: "x", at })).toMatchObject({
    malformed: expect.stringContaining("no id") as string,
  });
});

test.each([
  [{ ...smallest, tagets: [] }, 'there is no "tagets". Did you mean "targets"?'],
  [{ ...smallest, actor: { type: "user", nme: "x" } }, 'actor: there is no "nme". Did you mean "name"?'],
  [
    {
      ...smallest,
      targets: [
        { type: "order", id: "1" },
        { typ: "x", id: "1" },
      ],
    },
    'targets.1: there is no "typ". Did you mean "type"?',
  ],
  [{ ...smallest, outcome: { value: "{a}", mapp: {} } }, "outcome"],
  [{ ...smallest, occurredAt: { value: "{at}", fromat: "rfc3339" } }, 'there is no "fromat". Did you mean "format"?'],
  [{ log: "shop", occurredAt: "{at}" }, "action is missing"],
  [{ ...smallest, data: { a: "{" } }, "data.a has a single {"],
  [{ ...smallest, log: "Shop Log" }, "Shop Log"],
  [{ ...smallest, occurredAt: { value: "{at}", format: "HH:mm" } }, 'the format "HH:mm"'],
  [{ ...smallest, occurredAt: { value: "{at}", zone: "Mars/Olympus" } }, "Mars/Olympus"],
  ["[1, 2", "mapping.json"],
  [[], "expected object"],
])("refuses %j: %s", (mapping, message) => {
  expect(problemsOf(mapping)).toContain(message);
});

test("every problem is told at once", () => {
  const message = problemsOf({ ...smallest, data: { a: "{", b: "{}" }, occurredAt: { value: "}", format: "?" } });
  for (const part of ["data.a", "data.b", "occurredAt has", "format"]) expect(message).toContain(part);
});
