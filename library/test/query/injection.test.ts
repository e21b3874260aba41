/** Whatever stands in a query is looked for, never obeyed: by SQL, by JSON paths, by GLOB, by FTS5. */

import type { DatabaseSync } from "node:sqlite";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { isAuditError } from "../../src/base/errors.ts";
import type { JsonObject } from "../../src/base/canonical-json.ts";
import type { Query } from "../../src/query/ast.ts";
import { parseQuery } from "../../src/query/parse-query.ts";
import { compileQuery } from "../../src/stores/sqlite/compile-query.ts";
import { createReader, type Reader } from "../../src/stores/sqlite/reader.ts";
import { createSqlRunner } from "../../src/stores/sqlite/statement-cache.ts";
import { prepare } from "./generated-events.ts";
import { hostile, hostileEvent } from "./hostile-texts.ts";
import { createTestDatabase } from "./test-database.ts";

const options = { now: 0, zone: "UTC" };
const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

let connection: DatabaseSync;
let reader: Reader;
const found = (query: Query): readonly number[] =>
  reader
    .page({ tenant: "main", query, order: { by: "seq", direction: "oldest" }, limit: 1000 })
    .entries.map(({ seq }) => seq);

beforeAll(() => {
  const database = createTestDatabase("test.example/x", { nowMicros: () => 0 });
  const { writer } = database;
  connection = database.connection;
  // Another trail has what makes a careless pattern matcher run for hours.
  const long = {
    event: {
      action: "a.b",
      op: "other",
      severity: "info",
      outcome: "success",
      actor: { type: "user" },
      message: "a".repeat(60_000),
    } as unknown as JsonObject,
    sealed: [],
    timeMicros: 0,
  };
  writer.append([prepare(long, 1000, "test.example/x/long", "long")]);
  // One event for each text, which has it as a value and as a name.
  const events = hostile.map(hostileEvent);
  writer.append(events.map((event, index) => prepare(event, index, "test.example/x")));
  reader = createReader(createSqlRunner(connection));
});

afterAll(() => connection.close());

describe("a hostile text finds the one event that has it", () => {
  for (const [seq, text] of hostile.entries()) {
    test(`that is ${JSON.stringify(text)}`, () => {
      const quoted = quote(text);
      for (const field of ["message", "data.value", "data.list", "actor.id", "target.id", "changed"]) {
        expect([field, found(parseQuery(`${field}:${quoted}`, options))]).toEqual([field, [seq]]);
      }
      expect(found(parseQuery(`data.${quoted}:1`, options))).toEqual([seq]);
      expect(found(parseQuery(`has:data.${quoted}`, options))).toEqual([seq]);
      expect(found(parseQuery(`actor:user/""${quoted}`, options))).toEqual([seq]);
      expect(found(parseQuery(`message:${quoted}*`, options))).toContain(seq);
      expect(found(parseQuery(`message:*${quoted}`, options))).toContain(seq);
    });
  }
});

test("no value is ever part of the SQL", () => {
  const parsed = hostile.map((text) =>
    parseQuery(
      `data.${quote(text)}:*${quote(`${text}x`)},${quote(text)} actor:${quote(text)} changed:${quote(text)} "word ${text.replaceAll('"', "").replaceAll("\\", "")}"`,
      options,
    ),
  );
  const texts = new Set(
    parsed.map((query) => compileQuery(query, { trail: 1, windowOf: () => ({ from: 0, to: 1 }) }).sql),
  );
  expect([...texts]).toSatisfy((sql: readonly string[]) =>
    sql.every((each) => /^[\sA-Za-z0-9_.,'$<>=()*?|+&-]*$/.test(each)),
  );
  expect(texts.size).toBeLessThanOrEqual(4);
});

test("any text is a query that runs, or an error that says where", () => {
  const property = fc.property(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom(...hostile, "(", ")", " ", ":", "data.", "actor:", "-", "<", "OR "), { maxLength: 8 })
        .map((parts) => parts.join("")),
    ),
    (text) => {
      try {
        found(parseQuery(text, options));
      } catch (error) {
        if (!isAuditError(error) || error.code !== "QUERY_INVALID") throw error;
        const { position, length } = error.details as { position: number; length: number };
        if (!(position >= 0 && length >= 0 && position <= text.length)) throw error;
      }
    },
  );
  expect(() => fc.assert(property, { numRuns: 500 })).not.toThrow();
});

test("the largest queries still run", () => {
  const many = parseQuery(
    `(${Array.from({ length: 250 }, (_, index) => `data.a${index}:<${index}`).join(" OR ")})`,
    options,
  );
  const list = parseQuery(`message:${Array.from({ length: 250 }, (_, index) => `*${index}*`).join(",")}`, options);
  const deep = parseQuery(`${"-(a ".repeat(16)}${")".repeat(16)}`, options);
  const stars = parseQuery(`message:${"a*".repeat(4000)}b`, options);
  for (const query of [many, list, deep, stars]) {
    found(query);
    reader.page({ tenant: "long", query, order: { by: "seq", direction: "oldest" }, limit: 10 });
  }
});

test("the trail is untouched", () => {
  expect(connection.prepare("SELECT count(*) AS n FROM auditrail_entry").get()!["n"]).toBe(hostile.length + 1);
});
