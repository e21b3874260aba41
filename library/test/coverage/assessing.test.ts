import { join } from "node:path";

import { expect, test } from "vitest";

import { writeInOperation } from "../../src/capture/sqlite-triggers/index.ts";
import {
  appendObservation,
  assessCoverage,
  hasGap,
  readObservations,
  type CoverageLine,
  type CoverageReport,
} from "../../src/coverage/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { item, openShop } from "./shop.ts";

const lineOf = ({ lines }: CoverageReport, name: string): CoverageLine | undefined =>
  lines.find((line) => line.name === name);

test("a handler that ran is recorded, with its events, its domain's events and the tables it wrote", async () => {
  const { database, trail, handle, look } = await openShop();
  await handle("/done", () => {
    database.exec("INSERT INTO rewards VALUES (1, 1)");
    void trail.in(database).recordSync("habit.completed", { target: { type: "habit", id: "1" } });
  });
  const report = assessCoverage([await look([item("/done", { runs: 1 }), item("/help", { runs: 0 })])]);
  expect(lineOf(report, "/done")).toMatchObject({
    state: "recorded",
    runs: 1,
    actions: ["bot.command", "habit.completed"],
    writes: ["rewards"],
  });
  expect(lineOf(report, "/help")).toMatchObject({ state: "unexercised", says: "it did not run" });
  expect(lineOf(report, "rewards")).toMatchObject({ state: "recorded", actions: ["bot.command", "habit.completed"] });
  expect(lineOf(report, "habits")).toMatchObject({ state: "unexercised" });
  expect(lineOf(report, "cache")).toMatchObject({ state: "excluded", says: "computed anew at each start" });
  expect(report.counts).toEqual({ gap: 0, unexercised: 2, excluded: 1, recorded: 2 });
  expect(hasGap(report)).toBe(false);
});

test("what runs more often than it is recorded is a gap, and so is what stands before the capture", async () => {
  const { handle, look } = await openShop();
  await handle("/done", () => undefined);
  const report = assessCoverage([
    await look([
      item("/done", { runs: 3 }),
      item("/lost", { runs: 1 }),
      item("/early", { captured: false }),
      item("/odd", { problem: "it was filled before it was used" }),
      item("/health", { captured: false, excluded: "only a load balancer asks" }),
    ]),
  ]);
  expect(
    report.lines.filter(({ kind }) => kind === "command").map(({ name, state, says }) => [name, state, says]),
  ).toEqual([
    ["/done", "gap", "it ran 3 times and was recorded once"],
    ["/early", "gap", "nothing that it does passes the capture: register it after the capture"],
    ["/lost", "gap", "it ran once and was not recorded"],
    ["/odd", "gap", "it was filled before it was used"],
    ["/health", "excluded", "only a load balancer asks"],
  ]);
});

test("a counter changed with plain SQL behind the application's back is a silent write, and a gap of its table", async () => {
  const { database, handle, look } = await openShop();
  await handle("/done", () => database.exec("INSERT INTO rewards VALUES (1, 4), (2, 1)"));
  database.exec("UPDATE rewards SET pieces = 0");
  const report = assessCoverage([await look([])]);
  expect(report.silent).toEqual([
    {
      ...{ table: "rewards", change: "update", context: "missing", count: 2 },
      first: { row: "1", time: expect.any(String) as string, tenant: "default", seq: expect.any(Number) as number },
    },
  ]);
  expect(lineOf(report, "rewards")).toMatchObject({ state: "gap", says: "no event speaks of 2 of its 4 changes" });
  expect(hasGap(report)).toBe(true);
});

test("an operation that wrote and recorded nothing is silent too, unless its writer gave a reason", async () => {
  const { database, trail, look } = await openShop();
  trail.with({ operationId: "night" }, () =>
    writeInOperation(database, () => database.exec("INSERT INTO habits VALUES (1, 'read')")),
  );
  trail.with({ actor: { type: "job", id: "seed" }, reason: "fixtures of the tests" }, () =>
    writeInOperation(database, () => database.exec("INSERT INTO rewards VALUES (1, 1)")),
  );
  const report = assessCoverage([await look([])]);
  expect(report.silent).toMatchObject([{ table: "habits", change: "insert", context: "given", count: 1 }]);
  expect(lineOf(report, "habits")!.state).toBe("gap");
  expect(lineOf(report, "rewards")).toMatchObject({ state: "recorded", says: "also: fixtures of the tests" });
});

test("a table that came without a decision is a gap until it is captured or excluded with a reason", async () => {
  const { database, look } = await openShop();
  database.exec("CREATE TABLE achievements (id INTEGER PRIMARY KEY)");
  const report = assessCoverage([await look([])]);
  expect(lineOf(report, "achievements")).toMatchObject({
    state: "gap",
    says: expect.stringContaining("nobody decided") as string,
  });
  expect(hasGap(report)).toBe(true);
});

test("what is in the trail and on no list is told: rows as a gap, routes as such", async () => {
  const { database, trail, handle, look } = await openShop();
  await handle("/new", () => database.exec("INSERT INTO rewards VALUES (1, 1)"));
  const { items: _, ...seen } = await look([]);
  const report = assessCoverage([{ ...seen, items: [] }]);
  expect(report.unlisted).toEqual([{ route: "/new", runs: 1, actions: ["bot.command"] }]);
  expect(report.lines).toMatchObject([
    { name: "rewards", state: "gap", says: "its changes are in the trail, and no inventory lists it" },
  ]);
  await trail.flush();
});

test("requests are joined by method and pattern, HEAD to GET where it has no route of its own", () => {
  const route = (method: string, pattern: string) => ({
    route: pattern,
    method,
    runs: 1,
    actions: { "http.requested": 1 },
    writes: {},
  });
  const items = ["GET /orders/:id", "POST /orders/:id", "* /any", "DELETE /orders/:id"].map((name) =>
    item(name, { kind: "route" }),
  );
  const report = assessCoverage([
    {
      ...{ format: "auditrail/coverage/1", items, tables: [], silent: [], entries: 3 },
      routes: [route("HEAD", "/orders/:id"), route("POST", "/orders/:id"), route("PATCH", "/any")],
    },
  ]);
  expect(report.lines.map(({ name, state }) => [name, state])).toEqual([
    ["DELETE /orders/:id", "unexercised"],
    ["* /any", "recorded"],
    ["GET /orders/:id", "recorded"],
    ["POST /orders/:id", "recorded"],
  ]);
  expect(report.unlisted).toEqual([]);
});

test("runs add up over files: what one run shows another need not, and the worst word of any run holds", async () => {
  const one = await openShop();
  const other = await openShop();
  await one.handle("/done", () => undefined);
  await other.handle("/help", () => undefined);
  other.database.exec("ALTER TABLE habits ADD COLUMN colour");
  const file = join(temporaryDirectory(), "deep", "coverage.jsonl");
  appendObservation(file, await one.look([item("/done", { runs: 1 }), item("/help", { runs: 0 })]));
  appendObservation(file, await other.look([item("/done", { runs: 0 }), item("/help", { runs: 1 })]));
  const report = assessCoverage(readObservations(file));
  expect(report.observations).toBe(2);
  expect(lineOf(report, "/done")!.state).toBe("recorded");
  expect(lineOf(report, "/help")!.state).toBe("recorded");
  expect(lineOf(report, "habits")).toMatchObject({ state: "gap", says: expect.stringContaining("colour") as string });
});

test("a query keeps older entries out, and collapsed events count for all that they stand for", async () => {
  const { trail, handle, look } = await openShop();
  await handle("/old", () => undefined);
  const from = "2020-01-01T00:00:00Z";
  await trail.record("bot.command", { context: { route: "/done" }, collapsed: { count: 5, from, until: from } });
  const report = assessCoverage([await look([item("/done", { runs: 5 }), item("/old")], "route:/done")]);
  expect(lineOf(report, "/done")).toMatchObject({ state: "recorded", runs: 5 });
  expect(lineOf(report, "/old")).toMatchObject({ state: "unexercised" });
});

test.each([
  ["a file that is not there", undefined, "no such file"],
  ["a file of something else", '{"a":1}', "expected an observation of the format auditrail/coverage/1"],
  ["a file that was cut short", '{"format":"auditrail/cov', "line 1 of"],
])("%s is refused with what was expected", async (_, text, message) => {
  const file = join(temporaryDirectory(), "coverage.jsonl");
  const { writeFileSync } = await import("node:fs");
  if (text !== undefined) writeFileSync(file, text);
  expect(() => readObservations(file)).toThrow(
    expect.objectContaining({ code: "FILE_UNREADABLE", message: expect.stringContaining(message) as string }),
  );
});
