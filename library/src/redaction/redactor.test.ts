import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { z } from "zod";

import { utf8Length } from "../base/bytes.ts";
import { canonicalize } from "../base/canonical-json.ts";
import { marksOf, secret } from "../event/marks.ts";
import { content, opened, redact, testEvent, testRedactor } from "../../test/redaction/redact-event.ts";

describe("redact", () => {
  test("keeps an ordinary event as it is", () => {
    const { event, text, sealed } = redact({ message: "Voucher applied", data: { orderNumber: "SO-1" } });
    expect(event).toEqual({ ...testEvent(), message: "Voucher applied", data: { orderNumber: "SO-1" } });
    expect(text).toBe(canonicalize(event as never));
    expect(sealed).toEqual([]);
  });

  test("masks secrets by name, by shape and by mark, and says where", () => {
    const marks = { data: marksOf(z.object({ answer: secret(z.string()), codes: z.array(secret(z.number())) })) };
    const { event } = redact(
      { data: { answer: "blue", codes: [1, 2], password: "hunter2", note: "token=abc123", pin: 1234, ok: true } },
      marks,
    );
    expect(event.data).toEqual({
      ...{ answer: "[masked]", codes: ["[masked]", "[masked]"], password: "[masked]" },
      ...{ note: "token=[masked]", pin: "[masked]", ok: true },
    });
    expect(event.redacted).toEqual([
      { path: "/data/answer", rule: "secret-marked" },
      { path: "/data/codes/0", rule: "secret-marked" },
      { path: "/data/codes/1", rule: "secret-marked" },
      { path: "/data/password", rule: "secret-named" },
      { path: "/data/note", rule: "secret-shaped" },
      { path: "/data/pin", rule: "secret-named" },
    ]);
  });

  test("masks a structure under a secret name whole, but looks into authorization objects", () => {
    const { event } = redact({
      data: {
        secrets: { a: "x" },
        tokens: 1200,
        authorization: { id: "a1", token: "x" },
        headers: { authorization: ["x"] },
      },
    });
    expect(event.data).toEqual({
      secrets: "[masked]",
      tokens: 1200,
      authorization: { id: "a1", token: "[masked]" },
      headers: { authorization: "[masked]" },
    });
  });

  test("masks values that a neighbour names", () => {
    const { event } = redact({
      data: {
        form: [
          { name: "password", value: "hunter2" },
          { name: "colour", value: "blue" },
        ],
        changes: [{ field: "apiKey", from: "a", to: "b" }],
        pairs: [
          ["x-api-key", "abc"],
          ["accept", "all"],
        ],
        rawHeaders: ["Cookie", "sid=1", "Accept", "all"],
      },
    });
    expect(event.data).toEqual({
      form: [
        { name: "password", value: "[masked]" },
        { name: "colour", value: "blue" },
      ],
      changes: [{ field: "apiKey", from: "[masked]", to: "[masked]" }],
      pairs: [
        ["x-api-key", "[masked]"],
        ["accept", "all"],
      ],
      rawHeaders: ["Cookie", "[masked]", "Accept", "all"],
    });
  });

  test("masks card numbers that are numbers", () => {
    expect(redact({ data: { paid: 4111111111111111, micros: 1793352360123456 } }).event.data).toEqual({
      paid: "[masked]",
      micros: 1793352360123456,
    });
  });

  test("leaves the trail's own name, also where it looks like a card number", () => {
    const origin = "auditrail.local/4238668262643471/default";
    const { event } = testRedactor({}).redact(testEvent({ origin, message: "of 4238668262643471" }), {});
    expect([event.origin, event.message]).toEqual([origin, "of [masked]"]);
  });

  test("takes names that the application adds, and leaves those that it allows", () => {
    const own = testRedactor({ secretNames: ["employeeNumber"], allowNames: ["pin"] });
    const { event } = own.redact(
      testEvent({ data: { employee_number: 17, pin: "A4", Pin: "1234", note: "employeeNumber: 1234" } }),
      {},
    );
    expect(event.data).toEqual({
      employee_number: "[masked]",
      pin: "A4",
      Pin: "[masked]",
      note: "employeeNumber: [masked]",
    });
  });

  test("does not judge the event's own fields by name, and keeps AWS key ids", () => {
    const own = testRedactor({ secretNames: ["id", "name"] });
    const { event } = own.redact(testEvent({ data: { id: "x", accessKey: "AKIAIOSFODNN7EXAMPLE" } }), {});
    expect(event.actor.id).toBe("u1");
    expect(event.data).toEqual({ id: "[masked]", accessKey: "AKIAIOSFODNN7EXAMPLE" });
  });

  test("says that a secret changed without saying from what to what", () => {
    const { event } = redact({ before: { password: "a", name: "x" }, after: { password: "b", name: "x" } });
    expect(event.changed).toEqual(["/password"]);
    expect(event.before).toEqual({ password: "[masked]", name: "x" });
    expect(event.after).toEqual({ password: "[masked]", name: "x" });
  });

  test("lists 256 changed paths and says that there are more", () => {
    const state = (value: number) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, value]));
    const { event } = redact({ before: state(1), after: state(2) });
    expect(event.changed).toHaveLength(256);
    expect(event.redacted).toEqual([{ path: "/changed", rule: "too-many-changes" }]);
  });

  test("gives the event its shape whatever JavaScript passes", () => {
    const { event } = redact({
      tenant: 7,
      actor: "bob",
      targets: { type: "order", id: 1, secret: "x" },
      data: [1],
      message: null,
      context: { ip: {} },
      durationMs: "soon",
    });
    expect(event).toMatchObject({
      tenant: "7",
      actor: { type: "unknown" },
      targets: [{ type: "order", id: "1" }],
      data: { value: [1] },
      context: {},
    });
    expect(event).not.toHaveProperty("message");
    expect(event.redacted).toContainEqual({ path: "/targets/0/secret", rule: "unknown-field" });
    expect(event.redacted).toContainEqual({ path: "/durationMs", rule: "wrong-type" });
  });

  test("leaves data out where all of it is secret", () => {
    const { event } = redact({ data: { a: 1 } }, { data: { mark: { kind: "secret" } } });
    expect(event).not.toHaveProperty("data");
    expect(event.redacted).toEqual([{ path: "/data", rule: "secret-marked" }]);
  });

  test("refuses options that it does not know or cannot use", () => {
    expect(() => testRedactor({ maxEntryByte: 1 } as never)).toThrow(/maxEntryBytes/);
    expect(() => testRedactor({ maxEntryBytes: 10 })).toThrow(/2048/);
    expect(() =>
      testRedactor({ randomSalt: () => new Uint8Array(8) }).redact(
        testEvent({ actor: { type: "user", name: "Dana" } }),
        {},
      ),
    ).toThrow(/salt/i);
  });
});

describe("an event of any content", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withUnicodeString: true,
    withNullPrototype: true,
  });
  const names = [
    "message",
    "reason",
    "tenant",
    "actor",
    "onBehalfOf",
    "targets",
    "before",
    "after",
    "data",
    "context",
    "error",
    "subjects",
    "durationMs",
    "collapsed",
  ];
  const fields = fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] });

  test("is kept as canonical JSON within the limit, and stays the same when it is redacted again", () => {
    fc.assert(
      fc.property(fields, (given) => {
        const first = redact(given);
        expect(utf8Length(first.text)).toBeLessThanOrEqual(65_535);
        expect(canonicalize(JSON.parse(first.text) as never)).toBe(first.text);
        const again = redact(content(opened(first)));
        expect(content(opened(again))).toEqual(content(opened(first)));
      }),
      { numRuns: 1000 },
    );
  });

  test("stays the same when it holds secrets and is redacted again", () => {
    const piece = fc.constantFrom(
      "password",
      "token",
      "=",
      ": ",
      "hunter2",
      '"',
      "\\",
      "Bearer ",
      "[masked]",
      "&",
      " ",
      ";",
      "4111111111111111",
      "://",
      "@",
      ":",
      "a",
      "-",
      "<pin>",
      "is",
      "\n",
      "{",
      "}",
      "[",
      ",",
      "authorization",
      "cookie",
      "'",
      "1",
      "key",
      "api ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const first = redact({ message: pieces.join("") }).event.message;
        expect(redact({ message: first }).event.message).toBe(first);
      }),
      { numRuns: 5000 },
    );
  });
});
