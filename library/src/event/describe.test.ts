import { describe, expect, test } from "vitest";
import { z } from "zod";

import { action } from "./action.ts";
import { defineCatalogue, defineLog } from "./catalogue.ts";
import { describeCatalogue, parseCatalogue } from "./describe.ts";
import { money, personal, secret } from "./marks.ts";

const data = z.object({
  orderNumber: z.string().min(2),
  total: money,
  status: z.enum(["open", "paid"]).optional(),
  email: personal(z.email(), { of: "target" }),
  phone: personal(z.string()).optional(),
  codes: z.array(secret(z.string())).max(3),
  extra: z.record(z.string(), secret(z.number())).nullable(),
  address: personal(z.object({ street: z.string() })).optional(),
});

const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: {
      placed: action({
        op: "create",
        says: "{actor} placed {target}",
        data,
        state: z.looseObject({ key: secret(z.string()) }),
        guarantee: "atomic",
        reason: "required",
        severity: "warning",
        version: 2,
        upcast: { 1: (old: never) => old },
      }),
      seen: action({ op: "read", says: "{actor} saw {target}" }),
    },
    list: { columns: ["time", "data.total"], search: ["message"] },
    retain: { days: 30 },
    readers: "restricted",
  }),
  defineLog("bot", { title: "Bot", actions: {}, otherActions: action({ op: "other", says: "x" }) }),
);

const described = describeCatalogue(catalogue);
const parsed = parseCatalogue(JSON.parse(JSON.stringify(described)));

/** The action `a.b` with this data, described and read back. */
function roundTrip(schema: z.ZodType) {
  const log = defineLog("a", { title: "A", actions: { b: action({ op: "other", says: "x", data: schema }) } });
  return parseCatalogue(JSON.parse(JSON.stringify(describeCatalogue(defineCatalogue(log))))).find("a.b");
}

const valid = { orderNumber: "SO-1", total: "1.50", email: "a@example.com", codes: ["x"], extra: { a: 1 } };

describe("a description of a catalogue", () => {
  test("is plain JSON without our own log", () => {
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
    expect(Object.keys(described.logs)).toEqual(["order", "bot"]);
  });

  test("keeps logs, sentences, guarantees and lists", () => {
    expect(parsed.actionNames).toEqual(catalogue.actionNames);
    expect(parsed.logs.get("order")).toMatchObject({
      title: "Orders",
      readers: "restricted",
      retain: { days: 30 },
      list: { columns: ["time", "data.total"] },
    });
    expect(parsed.find("order.placed").definition).toMatchObject({
      op: "create",
      guarantee: "atomic",
      reason: "required",
      severity: "warning",
      version: 2,
    });
    expect(parsed.lookup("bot.anything")).toBeDefined();
  });

  test.each<[string, unknown, boolean]>([
    ["valid data", valid, true],
    ["all of it", { ...valid, status: "paid", phone: "1", address: { street: "A" }, extra: null }, true],
    ["a missing member", { ...valid, total: undefined }, false],
    ["a short text", { ...valid, orderNumber: "S" }, false],
    ["an amount that is none", { ...valid, total: "1,5" }, false],
    ["a value that is not listed", { ...valid, status: "lost" }, false],
    ["an address that is none", { ...valid, email: "a" }, false],
    ["too many items", { ...valid, codes: ["1", "2", "3", "4"] }, false],
    ["an item of another type", { ...valid, codes: [1] }, false],
    ["null where it may not be", { ...valid, codes: null }, false],
    ["a missing member that may be null", { ...valid, extra: undefined }, false],
    ["a value of a record that is of another type", { ...valid, extra: { a: "x" } }, false],
  ])("validates %s as the original does", (_, value, accepts) => {
    for (const each of [catalogue, parsed])
      expect(each.find("order.placed").definition.data!.safeParse(value).success).toBe(accepts);
  });

  test("keeps the marks", () => {
    for (const each of [catalogue, parsed]) {
      const { dataMarks, stateMarks } = each.find("order.placed");
      const member = (name: string) => dataMarks?.members?.get(name);
      expect(member("email")?.mark).toEqual({ kind: "personal", of: "target" });
      expect(member("phone")?.mark).toEqual({ kind: "personal", of: "subject" });
      expect(member("codes")?.items?.mark).toEqual({ kind: "secret" });
      expect(member("extra")?.items?.mark).toEqual({ kind: "secret" });
      expect(member("address")?.mark?.kind).toBe("personal");
      expect(member("orderNumber")?.mark).toBeUndefined();
      expect(stateMarks?.members?.get("key")?.mark).toEqual({ kind: "secret" });
    }
  });

  test("refuses members that the original leaves unread, on all levels but inside loose objects", () => {
    const schema = parsed.find("order.placed").definition;
    expect(schema.data!.safeParse({ ...valid, other: 1 }).success).toBe(false);
    expect(schema.data!.safeParse({ ...valid, address: { street: "A", other: 1 } }).success).toBe(false);
    expect(schema.state!.safeParse({ key: "x", other: 1 }).success).toBe(true);
  });

  test("lets each side of an intersection see the other's members", () => {
    const both = z.intersection(z.object({ a: z.string() }), z.object({ b: secret(z.string()) }));
    const back = roundTrip(both);
    expect(back.definition.data!.safeParse({ a: "1", b: "2" }).success).toBe(true);
    expect(back.definition.data!.safeParse({ a: "1" }).success).toBe(false);
    expect(back.dataMarks?.members?.get("b")?.mark).toEqual({ kind: "secret" });
  });

  test("keeps marks through descriptions and defaults", () => {
    const schema = z.object({
      a: secret(z.string()).describe("a key").default("x"),
      b: personal(z.string()).nullable().describe("a name"),
    });
    const { dataMarks } = roundTrip(schema);
    expect(dataMarks?.members?.get("a")?.mark).toEqual({ kind: "secret" });
    expect(dataMarks?.members?.get("b")?.mark).toEqual({ kind: "personal", of: "subject" });
  });

  test("keeps marks on fields of one schema that is used twice", () => {
    const key = secret(z.string());
    const twice = defineCatalogue(
      defineLog("a", {
        title: "A",
        actions: {
          b: action({ op: "other", says: "x", data: z.object({ one: key, two: key.optional(), three: z.string() }) }),
        },
      }),
    );
    const { dataMarks } = parseCatalogue(JSON.parse(JSON.stringify(describeCatalogue(twice)))).find("a.b");
    expect(["one", "two", "three"].map((name) => dataMarks?.members?.get(name)?.mark?.kind)).toEqual([
      "secret",
      "secret",
      undefined,
    ]);
  });

  test("describes what JSON Schema cannot say as anything", () => {
    const odd = defineCatalogue(
      defineLog("a", {
        title: "A",
        actions: { b: action({ op: "other", says: "x", data: z.object({ at: z.date(), big: z.bigint() }) }) },
      }),
    );
    expect(() =>
      parseCatalogue(describeCatalogue(odd)).find("a.b").definition.data!.parse({ at: 1, big: 2 }),
    ).not.toThrow();
  });

  test("describes a schema that contains itself", () => {
    const node: z.ZodType = z.object({
      key: secret(z.string()),
      get next() {
        return node.optional();
      },
    });
    const self = defineCatalogue(
      defineLog("a", { title: "A", actions: { b: action({ op: "other", says: "x", data: node }) } }),
    );
    const back = parseCatalogue(JSON.parse(JSON.stringify(describeCatalogue(self)))).find("a.b");
    expect(back.dataMarks?.members?.get("key")?.mark).toEqual({ kind: "secret" });
    expect(back.dataMarks?.members?.get("next")?.members?.get("key")?.mark).toEqual({ kind: "secret" });
  });
});

describe("parseCatalogue", () => {
  test.each([
    undefined,
    null,
    {},
    7,
    { format: 2, logs: {} },
    { format: 1 },
    { format: 1, logs: null },
    { format: 1, logs: { a: null } },
    { format: 1, logs: { a: { title: "A" } } },
  ])("refuses %j", (description) => {
    expect(() => parseCatalogue(description)).toThrow(expect.objectContaining({ code: "CATALOGUE_INVALID" }));
  });
});
