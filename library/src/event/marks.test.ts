import { describe, expect, test } from "vitest";
import { z } from "zod";

import { markOf, marksOf, money, personal, secret, type MarkTree } from "./marks.ts";

const secretMark = { mark: { kind: "secret" } };
const personalMark = { mark: { kind: "personal", of: "subject" } };

/** The marks as plain objects, to be compared. */
function shown(tree: MarkTree | undefined): unknown {
  if (tree === undefined) return undefined;
  const members = [...(tree.members ?? [])]
    .map(([name, child]) => [name, shown(child)] as const)
    .filter(([, child]) => child !== undefined && Object.keys(child as object).length > 0);
  const items = shown(tree.items) as object | undefined;
  return {
    ...(tree.mark === undefined ? {} : { mark: tree.mark }),
    ...(members.length === 0 ? {} : { members: Object.fromEntries(members) }),
    ...(items === undefined || Object.keys(items).length === 0 ? {} : { items }),
  };
}

describe("marks", () => {
  test("are on a copy: the schema that was marked stays as it was", () => {
    const text = z.string();
    expect(markOf(secret(text))).toEqual({ kind: "secret" });
    expect(markOf(text)).toBeUndefined();
  });

  test.each<[string, z.ZodType]>([
    ["optional", secret(z.string()).optional()],
    ["nullable and optional", secret(z.string()).nullable().optional()],
    ["min", secret(z.string()).min(3)],
    ["a refinement", secret(z.string()).refine((text) => text !== "")],
    ["a description", secret(z.string()).describe("a key")],
    ["a default", secret(z.string()).default("x")],
    ["catch", secret(z.string()).catch("x")],
    ["readonly", secret(z.object({})).readonly()],
    ["a transformation", secret(z.string()).transform((text) => text.length)],
    ["a pipe", z.string().pipe(secret(z.string()))],
    ["a brand", secret(z.string()).brand("Key")],
    ["a union", z.union([z.number(), secret(z.string())])],
    ["an intersection", z.intersection(z.object({ a: z.string() }), secret(z.object({ b: z.string() })))],
    ["lazy", z.lazy(() => secret(z.string()))],
    ["preprocess", z.preprocess((value) => value, secret(z.string()))],
    ["trim", secret(z.string()).trim()],
  ])("stay with the field through %s", (_, schema) => {
    expect(shown(marksOf(z.object({ field: schema, other: z.string() })))).toEqual({ members: { field: secretMark } });
  });

  test.each<[string, z.ZodType, object]>([
    [
      "members",
      z.object({ a: z.object({ b: personal(z.string()) }) }),
      { members: { a: { members: { b: personalMark } } } },
    ],
    ["items", z.array(secret(z.string())), { items: secretMark }],
    ["a tuple", z.tuple([z.string(), secret(z.string())]), { items: secretMark }],
    ["the rest of a tuple", z.tuple([z.string()], secret(z.string())), { items: secretMark }],
    ["a record's values", z.record(z.string(), personal(z.string())), { items: personalMark }],
    ["a map's values", z.map(z.string(), secret(z.string())), { items: secretMark }],
    ["a set's items", z.set(secret(z.string())), { items: secretMark }],
    [
      "either side of a discriminated union",
      z.discriminatedUnion("t", [
        z.object({ t: z.literal(1), a: secret(z.string()) }),
        z.object({ t: z.literal(2), b: personal(z.string()) }),
      ]),
      { members: { a: secretMark, b: personalMark } },
    ],
    [
      "what objects extend",
      z.object({ a: secret(z.string()) }).extend({ b: z.string() }),
      { members: { a: secretMark } },
    ],
    ["members that are not declared", z.object({ a: z.string() }).catchall(secret(z.string())), { items: secretMark }],
    ["the whole", secret(z.object({ a: z.string() })), secretMark],
  ])("are found on %s", (_, schema, tree) => {
    expect(shown(marksOf(schema))).toEqual(tree);
  });

  test("say whose the personal data is", () => {
    expect(markOf(personal(z.string()))).toEqual({ kind: "personal", of: "subject" });
    expect(markOf(personal(z.string(), { of: "target" }))).toEqual({ kind: "personal", of: "target" });
  });

  test("of a schema that contains itself make a tree that does so too", () => {
    const node: z.ZodType = z.object({
      key: secret(z.string()),
      get next() {
        return node.optional();
      },
    });
    const tree = marksOf(node)!;
    let deep: MarkTree | undefined = tree;
    for (let level = 0; level < 50; level += 1) deep = deep?.members?.get("next");
    expect(deep?.members?.get("key")?.mark).toEqual({ kind: "secret" });
  });

  test("of a recursion under one name do not leak to a field of the same schema elsewhere", () => {
    const text = z.string();
    expect(shown(marksOf(z.object({ a: secret(text), b: text })))).toEqual({ members: { a: secretMark } });
    const shared = z.object({ key: secret(text) });
    expect(shown(marksOf(z.object({ a: shared, b: shared })))).toEqual({
      members: { a: { members: { key: secretMark } }, b: { members: { key: secretMark } } },
    });
  });

  test("that are not there make no tree", () => {
    expect(marksOf(z.object({ a: z.array(z.string()) }))).toBeUndefined();
  });
});

describe("money", () => {
  test.each(["0", "12.50", "-3.1", "99999999999999999999.0000000001"])("takes %s", (text) => {
    expect(money.safeParse(text).success).toBe(true);
  });

  test.each(["", "1.", ".5", "1,50", "1e3", "NaN", "+1", " 1", "1\n", 1.5])("refuses %j", (text) => {
    expect(money.safeParse(text).success).toBe(false);
  });
});
