import { expect, test } from "vitest";

import { readEventFields } from "./record-fields.ts";

test("pairs become data: text, JSON, and members of members", () => {
  const { data } = readEventFields(["a=1", "b:=1", "c.d=x", "c.e:=[true]", "eq=x=y", "__proto__=safe"], {
    data: '{"a":0,"c":{"z":1}}',
  });
  expect(JSON.stringify(data)).toBe('{"a":"1","c":{"z":1,"d":"x","e":[true]},"b":1,"eq":"x=y","__proto__":"safe"}');
});

test("actors and targets are read as type/id, ids with slashes too", () => {
  const fields = readEventFields([], { actor: "user/a/b", actorName: "A", target: ["order/1", "from=account/2"] });
  expect(fields).toEqual({
    actor: { type: "user", id: "a/b", name: "A" },
    targets: [
      { type: "order", id: "1" },
      { type: "account", id: "2", role: "from" },
    ],
    context: { source: "cli" },
  });
});

test.for([
  [["novalue"], {}],
  [["a:=b"], {}],
  [["a=1"], { data: "[]" }],
  [[], { data: "{" }],
  [[], { target: ["order"] }],
  [[], { actor: "/7" }],
  [[], { actorName: "A" }],
] as const)("%j is refused with a sentence", ([pairs, options]) => {
  expect(() => readEventFields(pairs, options)).toThrow(/^Cannot record: .+\.$/);
});
