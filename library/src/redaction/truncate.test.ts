import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { z } from "zod";

import { utf8Length } from "../base/bytes.ts";
import { marksOf, personal } from "../event/marks.ts";
import { redact, testEvent, testRedactor } from "../../test/redaction/redact-event.ts";

describe("size", () => {
  test("a text of 10 MB is cut to what fits, marked with its size and hash", () => {
    const { event, text } = redact({ data: { blob: "é".repeat(5_000_000), small: "kept" } });
    expect(utf8Length(text)).toBeLessThanOrEqual(65_535);
    expect(utf8Length(text)).toBeGreaterThan(60_000);
    expect(event.data?.["small"]).toBe("kept");
    expect(event.data?.["blob"]).toMatch(/^é+…$/);
    expect(event.truncated).toEqual([
      { path: "/data/blob", bytes: 10_000_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
  });

  test("a payload of 10 MB in many pieces is cut in linear time", () => {
    const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ index, text: "x".repeat(1000) }));
    const { event, text } = redact({ data: { rows: rows(10_000) }, message: "kept" });
    expect(utf8Length(text)).toBeLessThanOrEqual(65_535);
    expect(event.message).toBe("kept");
    expect(JSON.stringify(event.data?.["rows"]).length).toBeGreaterThan(50_000);
    expect(event.truncated?.map(({ path }) => path)).toEqual(["/data/rows"]);
  });

  test("the hash is of the whole value after masking", async () => {
    const long = `password=hunter2 ${"y".repeat(80_000)}`;
    const { event } = redact({ reason: long });
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(long.replace("hunter2", "[masked]")));
    expect(event.truncated?.[0]?.sha256).toBe(Buffer.from(digest).toString("hex"));
  });

  test("personal data counts, is cut like the rest, and gets no hash", () => {
    const marks = {
      data: marksOf(z.object({ bio: personal(z.string()), list: z.array(z.object({ email: personal(z.string()) })) })),
    };
    const result = redact(
      {
        data: {
          bio: "b".repeat(100_000),
          list: Array.from({ length: 3000 }, (_, index) => ({ email: `p${index}@example.com` })),
        },
      },
      marks,
    );
    expect(utf8Length(result.text)).toBeLessThanOrEqual(65_535);
    expect(result.event.truncated?.length).toBeGreaterThan(0);
    for (const cut of result.event.truncated ?? []) expect(cut).not.toHaveProperty("sha256");
    expect(result.text).not.toContain("@example.com");
  });

  test("names and ids of more than 1,024 characters are cut", () => {
    const { event } = redact({
      tenant: "t".repeat(2000),
      actor: { type: "user", id: "i".repeat(1025), name: "n".repeat(3000) },
    });
    expect(event.tenant).toBe(`${"t".repeat(1023)}…`);
    expect(event.truncated?.map(({ path, bytes, sha256 }) => [path, bytes, sha256 !== undefined])).toEqual([
      ["/tenant", 2000, true],
      ["/actor/id", 1025, true],
      ["/actor/name", 3000, false],
    ]);
  });

  test("many targets are cut to the first ones", () => {
    const { event, text } = redact({
      targets: Array.from({ length: 5000 }, (_, index) => ({ type: "order", id: `o${index}`, name: `Order ${index}` })),
    });
    expect(utf8Length(text)).toBeLessThanOrEqual(65_535);
    expect(event.targets!.length).toBeGreaterThan(100);
    expect(event.truncated?.map(({ path }) => path)).toEqual(["/targets"]);
  });

  test("an event whose ids alone do not fit is refused", () => {
    const roles = Array.from({ length: 100 }, () => "r".repeat(1000));
    const small = testRedactor({ maxEntryBytes: 2048 });
    const refused = () =>
      small.redact(
        testEvent({
          tenant: "t".repeat(1000),
          correlationId: "c".repeat(1000),
          operationId: "o".repeat(1000),
          actor: { type: "user", roles },
        }),
        {},
      );
    expect(refused).toThrow(expect.objectContaining({ code: "EVENT_TOO_LARGE" }));
  });

  test("any event fits a small limit or is refused for its size", () => {
    const small = testRedactor({ maxEntryBytes: 4096 });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.string({ maxLength: 3000, unit: "grapheme" }),
        fc.integer(),
        fc.array(tie("value"), { maxLength: 30 }),
        fc.dictionary(fc.string({ maxLength: 40 }), tie("value"), { maxKeys: 20 }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.record(
          { data: value, before: value, after: value, message: fc.string({ maxLength: 9000 }) },
          { requiredKeys: [] },
        ),
        (given) => {
          const result = small.redact(testEvent(given), {});
          expect(utf8Length(result.text)).toBeLessThanOrEqual(4096);
          expect(JSON.parse(result.text)).toEqual(result.event);
        },
      ),
      { numRuns: 300 },
    );
  });
});
