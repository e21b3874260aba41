import { expect, test } from "vitest";

import type { AuditEvent } from "../event/event.ts";
import { leaves, listChanges, showPath, valueAt } from "./changes.ts";

const event = (fields: Partial<AuditEvent>): AuditEvent => fields as AuditEvent;

test("values are found by pointer, escaped names and list items too", () => {
  const root = { "a/b": { "c~d": [1, { e: null }] } };
  expect(valueAt(root, "/a~1b/c~0d/1/e")).toBe(null);
  expect(valueAt(root, "/a~1b/constructor")).toBeUndefined();
  expect(leaves(root)).toEqual(["/a~1b/c~0d/0", "/a~1b/c~0d/1/e"]);
  expect(showPath("/a~1b/c~0d/0")).toBe("a/b.c~d.0");
});

test("changes are the changed paths with their values, absent where there was none", () => {
  const changes = listChanges(event({ before: { a: 1, b: 2 }, after: { a: 3, c: 4 }, changed: ["/a", "/b", "/c"] }));
  expect(changes).toEqual([
    { path: "/a", before: 1, after: 3 },
    { path: "/b", before: 2 },
    { path: "/c", after: 4 },
  ]);
});

test("something made or taken away is each of its values", () => {
  expect(listChanges(event({ after: { a: { b: 1 } } }))).toEqual([{ path: "/a/b", after: 1 }]);
  expect(listChanges(event({ op: "delete", before: { a: [] } }))).toEqual([{ path: "/a", before: [] }]);
  expect(listChanges(event({}))).toEqual([]);
});

test("what failed changed nothing, and the state before an update was not taken away", () => {
  expect(listChanges(event({ op: "delete", outcome: "failure", before: { a: 1 } }))).toEqual([]);
  expect(listChanges(event({ op: "update", before: { a: 1 } }))).toEqual([]);
});
