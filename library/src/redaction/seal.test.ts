import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { z } from "zod";

import { marksOf, personal } from "../event/marks.ts";
import { content, everything, opened, redact, testEvent } from "../../test/redaction/redact-event.ts";

describe("sealing", () => {
  const marks = {
    data: marksOf(
      z.object({
        email: personal(z.string()),
        approver: personal(z.string(), { of: "actor" }),
        address: personal(z.object({ street: z.string() }), { of: "target" }),
        people: z.array(z.object({ name: personal(z.string()), age: z.number() })),
        phones: z.array(personal(z.string())),
      }),
    ),
    state: marksOf(z.object({ email: personal(z.string()) })),
  };
  const fields = {
    actor: { type: "user", id: "u1", name: "Dana", email: "dana@example.com", roles: ["clerk"] },
    onBehalfOf: [{ type: "user", id: "u2", name: "Eli" }],
    targets: [
      { type: "order", id: "o1", name: "Order 1" },
      { type: "user", id: "u2", name: "Eli P." },
    ],
    context: { ip: "203.0.113.9", userAgent: "Firefox", source: "http" },
    subjects: ["customer/c9"],
    data: {
      email: "c@example.com",
      approver: "Dana",
      address: { street: "A 1" },
      people: [
        { name: "P1", age: 1 },
        { name: "P2", age: 2 },
      ],
      phones: ["1", null, "2"],
    },
    before: { email: "old@example.com" },
    after: { email: null },
  };

  test("takes personal data out, one compartment for each subject", () => {
    const result = redact(fields, marks);
    expect(result.event.actor).toEqual({ type: "user", id: "u1", roles: ["clerk"] });
    expect(result.event.data).toEqual({ people: [{ age: 1 }, { age: 2 }], phones: [null, null, null] });
    expect(result.event.before).toEqual({});
    expect(result.event.after).toEqual({ email: null });
    expect(result.event.sealed?.map(({ subject, paths }) => [subject, ...paths])).toEqual([
      ["user/u1", "/actor/name", "/actor/email", "/context/ip", "/context/userAgent", "/data/approver"],
      ["user/u2", "/onBehalfOf/0/name", "/targets/1/name"],
      ["order/o1", "/targets/0/name", "/data/address"],
      [
        "customer/c9",
        "/data/email",
        "/data/people/0/name",
        "/data/people/1/name",
        "/data/phones/0",
        "/data/phones/2",
        "/before/email",
      ],
    ]);
    for (const value of [
      "dana@example.com",
      "Dana",
      "Eli",
      "Order 1",
      "203.0.113.9",
      "Firefox",
      "c@example.com",
      '"P2"', // Quoted: the letters alone may stand in a commitment's base64.
      "A 1",
    ]) {
      expect(result.text).not.toContain(value);
    }
  });

  test("is undone by openEntry", () => {
    const result = redact(fields, marks);
    expect(content(opened(result))).toEqual(content(redact(fields).event) && { ...testEvent(), ...fields });
  });

  test("gives the data to the actor where there is no subject", () => {
    const { event } = redact({ actor: { type: "bot" }, data: { email: "c@example.com" } }, marks);
    expect(event.sealed?.map(({ subject }) => subject)).toEqual(["bot"]);
  });

  test("gives way to secrets", () => {
    const { event, sealed } = redact(
      { data: { password: "x" } },
      { data: marksOf(z.object({ password: personal(z.string()) })) },
    );
    expect(event.data).toEqual({ password: "[masked]" });
    expect(sealed).toEqual([]);
  });

  test("masks secrets inside personal data", () => {
    const result = redact({ data: { address: { street: "password=hunter2", pin: 1 } } }, marks);
    expect(everything(result)).not.toContain("hunter2");
    expect(opened(result).data).toEqual({ address: { street: "password=[masked]", pin: "[masked]" } });
  });

  test("never uses a salt twice", () => {
    const { sealed } = redact(fields, marks);
    expect(new Set(sealed.map(({ salt }) => Buffer.from(salt).toString("hex"))).size).toBe(sealed.length);
  });

  test("of any data is undone by openEntry", () => {
    const schema = z.object({
      a: personal(z.any()),
      b: z.array(personal(z.any())),
      c: z.record(z.string(), personal(z.any(), { of: "actor" })),
      d: z.object({ a: personal(z.any(), { of: "target" }) }),
    });
    const tree = { data: marksOf(schema), state: marksOf(schema) };
    const names = fc.oneof(fc.constantFrom("a", "constructor", "toString", "__proto__", "0", "x/y~z"), fc.string());
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(names, tie("value"), { maxKeys: 4 }),
      ),
    }));
    const shape = fc.record(
      {
        a: value,
        b: fc.oneof(value, fc.array(value)),
        c: fc.oneof(value, fc.dictionary(names, value)),
        d: fc.oneof(value, fc.record({ a: value })),
        e: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(shape, shape, (data, before) => {
        const plain = redact({ data, before, targets: [{ type: "t", id: "1" }] }).event;
        const sealed = redact({ data, before, targets: [{ type: "t", id: "1" }] }, tree);
        expect(content(opened(sealed))).toEqual(content(plain));
      }),
      { numRuns: 500 },
    );
  });
});
