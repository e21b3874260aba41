import { describe, expect, test } from "vitest";
import { z } from "zod";

import { action } from "./action.ts";
import { defineCatalogue, defineLog, openCatalogue } from "./catalogue.ts";
import { personal, secret } from "./marks.ts";

const plain = action({ op: "update", says: "{actor} changed {target}" });
const log = (name: string, options: object = {}) =>
  defineLog(name, { title: name, actions: { changed: plain }, ...options });
const invalid = expect.objectContaining({ code: "CATALOGUE_INVALID" }) as Error;

describe("action", () => {
  test("is durable, informational and of version 1 unless said otherwise", () => {
    expect(plain).toEqual({
      op: "update",
      says: "{actor} changed {target}",
      guarantee: "durable",
      reason: "optional",
      severity: "info",
      version: 1,
      upcast: {},
      data: undefined,
      state: undefined,
    });
  });
});

describe("defineLog", () => {
  test("keeps what it is given", () => {
    expect(log("order", { retain: { days: 30 }, readers: "restricted", list: { columns: ["time"] } })).toMatchObject({
      name: "order",
      title: "order",
      retain: { days: 30 },
      readers: "restricted",
      list: { columns: ["time"] },
    });
    expect(log("order")).toMatchObject({ retain: undefined, readers: "staff", list: {}, otherActions: undefined });
  });

  test.each(["", "Order", "1order", "a.b", "a b", "a".repeat(64), "__proto__"])("refuses the name %j", (name) => {
    expect(() => log(name)).toThrow(invalid);
  });

  test.each(["", ".a", "a.", "a..b", "a b", "-a"])("refuses an action named %j", (name) => {
    expect(() => defineLog("order", { title: "Orders", actions: { [name]: plain } })).toThrow(invalid);
  });

  test.each<[string, object]>([
    ["an op", { op: "write" }],
    ["a severity", { severity: "bad" }],
    ["a guarantee", { guarantee: "eventual" }],
    ["a reason", { reason: "maybe" }],
    ["a sentence", { says: "{who} did it" }],
    ["an empty sentence", { says: "" }],
    ["a version", { version: 0 }],
    ["a version", { version: 1.5 }],
    ["a version without its upcasts", { version: 3, upcast: { 1: (data: never) => data } }],
  ])("refuses an action with %s that it does not know", (_, options) => {
    expect(() =>
      defineLog("order", { title: "Orders", actions: { changed: action({ op: "update", says: "x", ...options }) } }),
    ).toThrow(invalid);
    expect(() =>
      defineLog("order", {
        title: "Orders",
        actions: {},
        otherActions: action({ op: "update", says: "x", ...options }),
      }),
    ).toThrow(invalid);
  });

  test.each([{ days: 0 }, { days: -1 }, { days: NaN }, {}, { days: "30" }])("refuses to retain %j", (retain) => {
    expect(() => log("order", { retain })).toThrow(invalid);
  });

  test("refuses readers that it does not know", () => {
    expect(() => log("order", { readers: "everyone" })).toThrow(invalid);
  });

  test("names the option that was meant", () => {
    expect(() => log("order", { reader: "staff" })).toThrow(/readers/);
  });
});

describe("defineCatalogue", () => {
  const catalogue = defineCatalogue(
    log("order"),
    defineLog("voucher", {
      title: "Vouchers",
      actions: {
        applied: action({
          op: "update",
          says: "x",
          data: z.object({ code: secret(z.string()) }),
          state: z.object({ name: personal(z.string()) }),
        }),
      },
    }),
    defineLog("bot", { title: "Bot", actions: {}, otherActions: plain }),
  );

  test("knows the actions of all logs, and those of its own", () => {
    expect(catalogue.actionNames.filter((name) => !name.startsWith("auditrail."))).toEqual([
      "order.changed",
      "voucher.applied",
    ]);
    expect(catalogue.actionNames).toContain("auditrail.gap");
    expect([...catalogue.logs.keys()]).toEqual(["auditrail", "order", "voucher", "bot"]);
  });

  test("finds an action with its log and marks", () => {
    const found = catalogue.find("voucher.applied");
    expect(found.log.name).toBe("voucher");
    expect(found.dataMarks?.members?.get("code")?.mark).toEqual({ kind: "secret" });
    expect(found.stateMarks?.members?.get("name")?.mark?.kind).toBe("personal");
    expect(catalogue.find("order.changed")).toMatchObject({ dataMarks: undefined, stateMarks: undefined });
  });

  test("names the action that was meant", () => {
    expect(() => catalogue.find("voucher.aplied")).toThrow(/Did you mean "voucher\.applied"/);
    expect(() => catalogue.find("voucher.aplied")).toThrow(expect.objectContaining({ code: "ACTION_UNKNOWN" }));
  });

  test("takes any well-formed action of an open log", () => {
    expect(catalogue.lookup("bot.command.start")?.definition).toBe(plain);
    for (const name of ["bot", "bot.", "bot..a", "bot.a b", "other.a", "", ".a", undefined, null, 7, {}])
      expect(catalogue.lookup(name as string)).toBeUndefined();
  });

  test("does not take names of Object.prototype for actions", () => {
    for (const name of ["constructor", "order.constructor", "order.__proto__", "order.toString"])
      expect(catalogue.lookup(name)).toBeUndefined();
  });

  test("refuses two logs of one name, and its own", () => {
    expect(() => defineCatalogue(log("order"), log("order"))).toThrow(invalid);
    expect(() => defineCatalogue(log("auditrail"))).toThrow(invalid);
  });
});

describe("openCatalogue", () => {
  test("takes any well-formed action", () => {
    expect(openCatalogue().find("email.sent").log.name).toBe("email");
    expect(openCatalogue().lookup("Email.sent")).toBeUndefined();
    expect(openCatalogue().lookup("email")).toBeUndefined();
    expect(openCatalogue().lookup("auditrail.other")).toBeUndefined();
  });
});
