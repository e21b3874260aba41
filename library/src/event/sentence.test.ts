import { describe, expect, test } from "vitest";

import type { AuditEvent } from "./event.ts";
import { renderSentence, sentenceProblem } from "./sentence.ts";

const event = {
  action: "voucher.applied",
  outcome: "success",
  actor: { type: "user", id: "u1", name: "Dana" },
  targets: [{ type: "voucher", id: "v1", parent: "order/o1" }],
  data: { orderNumber: "SO-1", count: 0, list: [1, { a: "b" }], none: null, no: false },
  context: { route: "/a" },
} as unknown as AuditEvent;

describe("renderSentence", () => {
  test.each([
    ["{actor} applied voucher {target} to {data.orderNumber}", "Dana applied voucher voucher/v1 to SO-1"],
    ["{data.count} {data.no} {data.list}", '0 false [1,{"a":"b"}]'],
    ["{data.none} {data.missing.deeper} {reason} {before.a}", "… … … …"],
    ["{target.parent} {context.route} {action} {outcome}", "order/o1 /a voucher.applied success"],
    ["no placeholders", "no placeholders"],
    ["{data.orderNumber}{data.orderNumber}", "SO-1SO-1"],
    ["{data.list.1.a} {data.list.length}", "b 2"],
    ["{data.constructor} {data.toString.name} {data.orderNumber.length}", "… … …"],
  ])("writes %s as %s", (says, written) => {
    expect(renderSentence(says, event)).toBe(written);
  });

  test("names who has no name by type and id, and leaves a gap for a missing target", () => {
    expect(renderSentence("{actor}: {target}", { ...event, actor: { type: "job" }, targets: [] })).toBe("job: …");
  });

  test("does not read a value of the event as a pattern", () => {
    expect(renderSentence("{data.orderNumber}", { ...event, data: { orderNumber: "$& {actor} $1" } })).toBe(
      "$& {actor} $1",
    );
  });
});

describe("sentenceProblem", () => {
  test.each(["{actor} did it", "{data.a.b} {error.code} {after.x}", "nothing named"])("accepts %s", (says) => {
    expect(sentenceProblem(says)).toBeUndefined();
  });

  test.each([
    ["", /empty/],
    ["  ", /empty/],
    [undefined, /empty/],
    [7, /empty/],
    ["{actr} did it", /"actr"/],
    ["{} did it", /""/],
    ["{__proto__.x}", /__proto__/],
  ])("finds what is wrong with %j", (says, problem) => {
    expect(sentenceProblem(says)).toMatch(problem);
  });
});
