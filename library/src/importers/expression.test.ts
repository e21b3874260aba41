import { expect, test } from "vitest";

import type { Json, JsonObject } from "../base/canonical-json.ts";
import { parseExpression } from "./expression.ts";

const record: JsonObject = {
  id: 7,
  user: { name: "Ann", roles: ["admin", "staff"], "e.mail": "a@example.org" },
  ok: false,
  nothing: null,
  empty: "",
  "Order ID": "A-1",
  "a.b": "whole name",
  a: { b: "inner" },
};

function evaluate(template: Json): Json | undefined {
  const expression = parseExpression(template);
  if (typeof expression !== "function") throw new Error(expression.problem);
  return expression(record);
}

test.each([
  ["a constant text", "user", "user"],
  ["other constants", 3, 3],
  ["a path keeps the value's type", "{id}", 7],
  ["false is a value", "{ok}", false],
  ["members of members", "{user.name}", "Ann"],
  ["places in lists", "{user.roles.1}", "staff"],
  ["a JSON Pointer", "{/user/e.mail}", "a@example.org"],
  ["a name with a space", "{Order ID}", "A-1"],
  ["a whole name counts before a path", "{a.b}", "whole name"],
  ["a template", "order {id} of {user.name}", "order 7 of Ann"],
  ["an object in a template", "{a} ", '{"b":"inner"} '],
  ["braces themselves", "{{{id}}}", "{7}"],
  ["nothing", "{missing}", undefined],
  ["null is nothing", "{nothing}", undefined],
  ["an empty text is nothing", "{empty}", undefined],
  ["a template with a gap is nothing", "x{user.missing}", undefined],
  ["what every object has is nothing", "{constructor}", undefined],
  ["nor has a text members", "{user.name.length}", undefined],
] as const)("%s: %j", (_, template, expected) => {
  expect(evaluate(template)).toEqual(expected);
});

test.each(["{", "a } b", "{}", "{a{b}", "{ }"])("refuses %j", (template) => {
  expect(parseExpression(template)).toHaveProperty("problem");
});
