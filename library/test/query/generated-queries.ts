/** Queries as the property tests make them: every field, every operator, as text, which therefore is parsed too. */

import fc from "fast-check";

import { fields, type Field } from "../../src/query/fields.ts";
import { actions, ids, names, numbers, texts, types } from "./generated-events.ts";

const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
const quoted = fc.constantFrom(...texts, "Ann Other", "a@b.example", "10.0.0.1", ...actions).map(quote);
const pattern = fc.constantFrom(
  "a*",
  "*b",
  "*",
  '"a"*',
  "*e*",
  '*"*"*',
  "*[*",
  '*"?"*',
  "1*5",
  "voucher.*",
  "*.sent",
  '""*',
  "O*l",
  "order*",
  "user/*",
  "Ann*",
);
const number = fc.constantFrom(...numbers, 12, 12.51, 1000, 12345678901234567000).map(String);
const compared = fc.oneof(
  number,
  fc.tuple(fc.constantFrom("<", "<=", ">", ">="), number).map((parts) => parts.join("")),
  fc.constantFrom("0..5", "-3..12.5", "1..", "..1", "5..1e21"),
);
const times = [
  "2026",
  "2026-03",
  "2026-03-29",
  "2026-10-25T03",
  "2026-10-25T03:30",
  "2026-03-29T01:00:00Z",
  "2026-10-25T00:10:00.123457Z",
  "now",
  "now-2h",
  "now-1mo",
  "today",
  "yesterday",
  "this-week",
  "last-month",
  "this-year",
  "1969-12-31",
  "today-1y",
];
const time = fc.constantFrom(...times);
const timeTest = fc.oneof(
  time,
  fc.tuple(fc.constantFrom("<", "<=", ">", ">="), time).map((parts) => parts.join("")),
  fc.tuple(time, time).map(([from, to]) => `${from}..${to}`),
);
const reference = fc.oneof(
  fc
    .tuple(fc.constantFrom(...types, "*", "u*"), fc.constantFrom(...ids, "*", "4*"))
    .map(([type, id]) => `${type}/${id.replace(" ", '" "')}`),
  fc.constantFrom("42", "7", "4*", "nobody", "*"),
);
const pointer = fc.constantFrom(
  "role",
  "role.name",
  "/role",
  "ro*",
  "*",
  '"a/b"',
  '"x.y"',
  "/x.y",
  "data",
  "data.recipient",
  "actor.name",
  "actor",
  "/",
  "context.*",
);
const literal = fc.constantFrom("true", "false", "null", "12.50", "007");

function testOf({ type, values, name }: Field): fc.Arbitrary<string> {
  switch (type) {
    case "choice":
      return fc.oneof(fc.constantFrom(...values!), fc.constant("*e*"));
    case "text":
      return name === "action" || name === "log"
        ? fc.oneof(fc.constantFrom(...actions, "voucher", "order"), pattern)
        : fc.oneof(quoted, pattern);
    case "reference":
      return reference;
    case "number":
      return compared;
    case "time":
      return timeTest;
    case "value":
      return fc.oneof(quoted, pattern, compared, literal);
    case "pointer":
      return pointer;
  }
}

const step = fc.oneof(
  fc.constantFrom(...names).map((name) => (/^[a-z]+$/.test(name) ? name : quote(name))),
  fc.constantFrom("0", "1", "recipient", "amounts", "nested", "sealedRole"),
);
const path = fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => steps.join("."));

const fieldTerm = fc.constantFrom(...fields).chain((field) => {
  if (field.name === "error") return fc.constant("has:error");
  const list = fc.array(testOf(field), { minLength: 1, maxLength: 2 }).map((tests) => tests.join(","));
  if (field.type !== "value")
    return fc.oneof(
      { weight: 4, arbitrary: list.map((tests) => `${field.name}:${tests}`) },
      fc.constant(`has:${field.name}`),
    );
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(path, list).map(([below, tests]) => `${field.name}.${below}:${tests}`) },
    path.map((below) => `has:${field.name}.${below}`),
    fc.constant(`has:${field.name}`),
  );
});
const words = fc.oneof(
  fc.constantFrom(
    "a",
    "é",
    "voucher",
    "vouch*",
    "42",
    '"x y"',
    '"don\'t drop table"',
    "NEAR",
    '"applied voucher"',
    '"voucher applied"',
    "o'neil",
    "οδοσ",
    "istanbul",
    "fine",
    "日本*",
    '"ann other"',
    "a@b.example",
    "-a",
    "12.50",
  ),
  quoted.filter((text) => /[a-z0-9]/i.test(text)),
);
const bound = fc.tuple(fc.constantFrom("after", "before"), time).map((parts) => parts.join(":"));
const term = fc.oneof(
  { weight: 6, arbitrary: fieldTerm },
  { weight: 2, arbitrary: words },
  { weight: 1, arbitrary: bound },
);

export const generatedQuery: fc.Arbitrary<string> = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: term },
    fc.tuple(tie("query"), tie("query")).map(([left, right]) => `${left} ${right}`),
    fc.tuple(tie("query"), tie("query")).map(([left, right]) => `(${left} OR ${right})`),
    tie("query").map((query) => `-(${query})`),
    term.map((each) => (each.startsWith("-") ? each : `-${each}`)),
    fc.constant("*"),
  ),
})).query;

/** With those of a console's charts, which hours are counted for beforehand, wholly or but for their ends. */
export const countQuery: fc.Arbitrary<string> = fc.oneof(
  generatedQuery,
  fc.constantFrom(
    ...["", "-op:read", "-op:update", "log:voucher -op:create", "severity:error log:order", "log:voucher"],
    ...["-op:update after:2026-03-29", "-outcome:success", "after:2026-03-29", "before:2026-10-25T03:30"],
    ...["time:2026-03-28T23:30..2026-10-26T00:10", "action:voucher.* after:2026-03-29T01:17"],
  ),
);
