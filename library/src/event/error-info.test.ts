import { describe, expect, test } from "vitest";
import fc from "fast-check";

import { errorInfo } from "./error-info.ts";

const throwing = {
  get name(): string {
    throw new Error("no");
  },
  get message(): string {
    throw new Error("no");
  },
  get code(): string {
    throw new Error("no");
  },
  get cause(): unknown {
    throw new Error("no");
  },
  get errors(): unknown {
    throw new Error("no");
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe("errorInfo", () => {
  test("takes name, code, message and stack of an error", () => {
    const info = errorInfo(Object.assign(new TypeError("bad"), { code: "E_BAD" }));
    expect(info).toMatchObject({ name: "TypeError", code: "E_BAD", message: "bad" });
    expect(info.stack).toMatch(/^TypeError: bad\n\s+at /);
  });

  test.each<[string, unknown, object]>([
    ["a text", "boom", { name: "NonError", message: "boom" }],
    ["null", null, { name: "NonError", message: "null" }],
    ["undefined", undefined, { name: "NonError", message: "undefined" }],
    ["a number", 42, { name: "NonError", message: "42" }],
    ["a symbol", Symbol("x"), { name: "NonError", message: "Symbol(x)" }],
    ["an object with a code", { code: 404, message: "gone" }, { name: "NonError", code: "404", message: "gone" }],
    [
      "an object without a message",
      { password: "x", b: 1 },
      { name: "NonError", message: "an object with password, b" },
    ],
    ["an empty object", {}, { name: "NonError", message: "an object with no members" }],
    [
      "an object whose getters throw",
      throwing,
      { name: "NonError", message: "an object with name, message, code, cause, errors" },
    ],
    ["a revoked proxy", revoked.proxy, { name: "NonError", message: "an object with members that cannot be read" }],
    ["an object without a prototype", Object.create(null), { name: "NonError", message: "an object with no members" }],
  ])("has an answer for %s", (_, thrown, info) => {
    expect(errorInfo(thrown)).toEqual(info);
  });

  test("appends causes to the stack, and ends where they go round", () => {
    const inner = new Error("inner");
    const outer = new Error("outer", { cause: inner });
    inner.cause = outer;
    const { stack } = errorInfo(outer);
    expect(stack?.match(/^Caused by: Error: inner$/gm)).toHaveLength(1);
    expect(errorInfo(new Error("a", { cause: "text" })).stack).toMatch(/\nCaused by: text$/);
    expect(errorInfo(new Error("a", { cause: { code: 1 } })).stack).toMatch(
      /\nCaused by: NonError: an object with code$/,
    );
  });

  test("appends the first errors of an aggregate", () => {
    const errors = Array.from({ length: 9 }, (_, index) => `e${index}`);
    const { stack } = errorInfo(new AggregateError(errors, "all"));
    expect(stack?.match(/^Contains: e\d$/gm)).toHaveLength(5);
  });

  test("cuts the stack at the end of a line", () => {
    const deep = new Error("deep");
    deep.stack = Array.from({ length: 1000 }, (_, index) => `    at line${index} (/srv/app/file.ts:1:1)`).join("\n");
    const { stack } = errorInfo(deep);
    expect(stack!.length).toBeLessThanOrEqual(8192);
    expect(stack).toMatch(/:1:1\)\n…$/);
    deep.stack = "x".repeat(10_000);
    expect(errorInfo(deep).stack).toBe("…");
  });

  test("takes causes without end in bounded time", () => {
    let cause: Error = new Error("0");
    for (let index = 1; index < 5000; index += 1) cause = new Error(String(index), { cause });
    expect(errorInfo(cause).stack!.match(/Caused by/g)!.length).toBeLessThanOrEqual(8);
  });

  test("never throws", () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withBoxedValues: true, withProxy: true } as never),
        (thrown) => {
          const info = errorInfo(thrown);
          expect(typeof info.name).toBe("string");
          expect(typeof info.message).toBe("string");
        },
      ),
    );
  });
});
