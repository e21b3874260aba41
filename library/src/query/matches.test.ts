import { describe, expect, test } from "vitest";

import type { Entry } from "../event/entry.ts";
import { everything, not, or } from "./ast.ts";
import { matches } from "./matches.ts";
import { parseQuery } from "./parse-query.ts";

const entry = {
  ...{ seq: 7, recordedAt: "2026-03-26T10:00:01.000000Z", hash: "", erased: ["/data/recipient"] },
  event: {
    ...{ schema: 1, origin: "o", id: "0195d0a0-0000-7000-8000-000000000001", tenant: "main", action: "voucher.bulk.applied", version: 2 },
    ...{ op: "update", severity: "warning", message: "Voucher applied to order", outcome: "failure", durationMs: 12.5 },
    error: { name: "TypeError", code: "E_X", message: "no" },
    actor: { type: "user", id: "42", name: "Ann Other", email: "ann@b.example", roles: ["admin", "staff"] },
    onBehalfOf: [{ type: "agent", id: "a1" }, { type: "user", id: "7", name: "Bob" }],
    targets: [{ type: "order", id: "42", name: "First", role: "order" }, { type: "file", id: "a/b", parent: "folder/9" }],
    before: { role: "staff", tags: ["a", "b"], "x.y": 1 },
    after: { role: "admin", tags: [] },
    changed: ["/role", "/tags/0", "/x.y"],
    occurredAt: "2026-03-26T10:00:00.500000Z",
    context: { source: "http", ip: "10.0.0.1", requestId: "r-1" },
    reason: "Ticket 7",
    operationId: "op-1",
    data: { price: "12.50", count: 5, ok: true, none: null, big: "12345678901234567890", text: "true", list: ["a", 7, null], object: { "0": "zero" }, empty: [] },
    subjects: ["user/42", "nobody"],
    redacted: [{ path: "/data/card", rule: "card" }],
  },
} as unknown as Entry;

const options = { now: Date.parse("2026-03-26T12:00:00Z") * 1000, zone: "UTC" };
const yes = [
  "", "*", "action:voucher.bulk.applied", "action:voucher.*", "action:*.applied", "log:voucher", "op:update", "severity:warning,error", "outcome:failure",
  "-outcome:success", "message:*applied*", 'message:"Voucher applied to order"', "version:2", "duration:12.5", "duration:12..13", "seq:7", "seq:<8",
  "has:error", "error.name:TypeError", "error.code:E_*", "actor:user/42", "actor:42", "actor:*/4*", "actor.type:user", "actor.role:staff",
  'actor.name:"Ann Other"', "actor.email:*@b.example", "onBehalfOf:7", "onBehalfOf:agent/a1", "onBehalfOf.name:Bob", "target:order/42", "target:42",
  "target:file/a/b", "target.id:a/b", "target.type:file", "target.name:First", "target.role:order", "target.parent:folder/9", "subject:user/42", "subject:42",
  "has:subject", "before.role:staff", "after.role:admin", "before.tags:b", 'before."x.y":1', "has:before", "has:after.tags,after.role", "changed:role",
  "changed:tags", "changed:tags.0", '-changed:"tags.0"', "changed:/tags", 'changed:"x.y"', "changed:*ag*", "time:2026-03-26", "after:2026-03-26T10:00", "before:now",
  "recorded:2026-03-26T10:00:01Z", "source:http", "ip:10.0.0.*", "request:r-1", 'reason:"Ticket 7"', "operation:op-1", "-has:correlation",
  "data.price:12.5", "data.price:12.50", 'data.price:"12.50"', "data.price:<20", "data.price:>=12.5", "data.price:12..13", "data.count:5", "data.count:5.0", "data.ok:true",
  "data.text:true", 'data.text:"true"', "data.none:null", "data.missing:null", "data.empty:null", "-has:data.none", "data.list:a", "data.list:7", "data.list.1:7",
  'data.object."0":zero', "-data.object.0:zero", "has:data.object", "data.big:12345678901234567890", "data.big:>1e19", "redacted:data.card", "redacted:data",
  "erased:data.recipient", "has:erased", "voucher", "VOUCHER applied", '"voucher applied"', "appl*", '"ann other"', "ann@b.example", '-"applied voucher"', "-missing",
  "(missing OR ticket) -(missing applied)", "id:0195d0a0-0000-7000-8000-000000000001", "id:0195*",
];
const no = [
  "-*", "action:voucher", "action:VOUCHER.*", "log:vouch", "message:Voucher", "duration:<12.5", "duration:12", "error.name:Type", "actor:user", "actor:bot/42", "actor:user/4",
  'actor:"user/*"', "actor.name:Ann", "onBehalfOf:42", "target:user/42", "target:file/42", "subject:nobody", "before.role:admin", "after.tags:a", "has:after.tags", "changed:rol",
  "changed:x", "time:2026-03-25", "after:2026-03-27", "before:2026-03-26T10:00", 'data.price:"12.5"', "data.price:>12.5", "data.count:\"5\"", "data.ok:\"true\"", "data.ok:1",
  "data.missing:*", "data.none:*", "data.list.0:7", "data.object:zero", "data.big:12345678901234567891", "data.length:1", "data.list.length:3", "redacted:data.car",
  "erased:data.x", '"applied voucher"', "missing", "oucher", '"order ticket"', "id:0195D0A0-0000-7000-8000-000000000001", "has:correlation",
];

describe("an entry", () => {
  for (const text of yes) test(`is found by ${JSON.stringify(text)}`, () => expect(matches(parseQuery(text, options), entry)).toBe(true));
  for (const text of no) test(`is not found by ${JSON.stringify(text)}`, () => expect(matches(parseQuery(text, options), entry)).toBe(false));

  test("is found by none of nothing never, and by all of nothing always", () => {
    expect(matches(or(), entry)).toBe(false);
    expect(matches(not(or()), entry)).toBe(true);
    expect(matches(everything, entry)).toBe(true);
  });

  test("is not asked for a field that does not exist", () => {
    expect(() => matches({ kind: "field", field: "actr", tests: [{ kind: "exists" }] }, entry)).toThrow(/Did you mean "actor"/);
  });
});
