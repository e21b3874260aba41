/** Whatever stands in a query is looked for, never obeyed: by SQL, by JSON paths, by LIKE, by tsquery. */

import fc from "fast-check";
import { expect, test } from "vitest";

import { isAuditError } from "../../src/base/errors.ts";
import type { Query } from "../../src/query/ast.ts";
import { parseQuery } from "../../src/query/parse-query.ts";
import { compileQuery } from "../../src/stores/postgres/compile-query.ts";
import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { prepare } from "./generated-events.ts";
import { hostile, hostileEvent } from "./hostile-texts.ts";

const { pool } = await createTestDatabase();
const store = await openPostgresStore({ connection: pool, createIfMissing: true, origin: "test.example/x" });
const long = { ...hostileEvent("a"), event: { ...hostileEvent("a").event, message: "a".repeat(60_000) } };
await store.append([
  ...hostile.map((text, index) => prepare(hostileEvent(text), index, "test.example/x")),
  prepare(long, 1_000, "test.example/x", "long"),
]);

const options = { now: 0, zone: "UTC" };
const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
const found = async (query: Query, tenant = "main"): Promise<readonly number[]> => {
  const page = await store.page({ tenant, query, order: { by: "seq", direction: "oldest" }, limit: 1_000 });
  return page.entries.map(({ seq }) => seq);
};

test("a hostile text finds the one event that has it, whichever field it is asked in", async () => {
  for (const [seq, text] of hostile.entries()) {
    const quoted = quote(text);
    const fields = ["message", "data.value", "data.list", "actor.id", "target.id", "changed"];
    const exact = [
      ...fields.map((field) => `${field}:${quoted}`),
      `data.${quoted}:1`,
      `has:data.${quoted}`,
      `actor:user/""${quoted}`,
    ];
    for (const query of exact) expect([query, await found(parseQuery(query, options))]).toEqual([query, [seq]]);
    for (const query of [`message:${quoted}*`, `message:*${quoted}`])
      expect(await found(parseQuery(query, options))).toContain(seq);
  }
});

test("no value is ever part of the SQL", () => {
  const texts = hostile.map((text) => {
    const plain = text.replaceAll('"', "").replaceAll("\\", "");
    const query = `data.${quote(text)}:*${quote(`${text}x`)},${quote(text)} actor:${quote(text)} changed:${quote(text)} "word ${plain}"`;
    return compileQuery(parseQuery(query, options), 1).texts.join("$");
  });
  expect(new Set(texts).size).toBeLessThanOrEqual(4);
});

test("any text is a query that runs, or an error that says where", async () => {
  const pieces = [...hostile, "(", ")", " ", ":", "data.", "actor:", "-", "<", "OR ", "\0", "\ud800"];
  const property = fc.asyncProperty(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join("")),
    ),
    async (text) => {
      try {
        await found(parseQuery(text, options));
      } catch (error) {
        if (!isAuditError(error) || error.code !== "QUERY_INVALID") throw error;
      }
    },
  );
  await fc.assert(property, { numRuns: 150, endOnFailure: true });
});

test("the largest queries still run", { timeout: 120_000 }, async () => {
  const alternatives = Array.from({ length: 250 }, (_, index) => `data.a${index}:<${index}`).join(" OR ");
  const list = `message:${Array.from({ length: 250 }, (_, index) => `*${index}*`).join(",")}`;
  const deep = `${"-(a ".repeat(16)}${")".repeat(16)}`;
  for (const text of [`(${alternatives})`, list, deep, `message:${"a*".repeat(4_000)}b`])
    for (const tenant of ["main", "long"]) await found(parseQuery(text, options), tenant);
});

test("the trail is untouched", async () => {
  expect((await store.listTrails()).map(({ size }) => size)).toEqual([1, hostile.length]);
});
