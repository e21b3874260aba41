import { DatabaseSync } from "node:sqlite";

import { expect, onTestFinished, test } from "vitest";

import {
  captureSql,
  checkCapture,
  installCapture,
  removeCapture,
  type CaptureOptions,
} from "../../src/capture/sqlite-triggers/index.ts";
import { createHabits, tables } from "./habits.ts";

function open(options: CaptureOptions = { tables }): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  onTestFinished(() => database.close());
  database.exec(createHabits);
  installCapture(database, options);
  return database;
}

/** What the check says of one table. */
function problem(database: DatabaseSync, table: string, options?: CaptureOptions): string | undefined {
  return checkCapture(database, options).find(({ name }) => name === table)?.problem;
}

test("the check lists every table: captured, excluded with its reason, or with what is wrong", () => {
  const database = open({ tables: { users: {}, rewards: { exclude: "computed anew at each start" } } });
  expect(checkCapture(database)).toEqual([
    {
      kind: "table",
      name: "habits",
      listedBy: "sqlite-triggers",
      captured: false,
      problem: "nobody decided whether its changes are captured: name it in `tables`",
    },
    {
      kind: "table",
      name: "rewards",
      listedBy: "sqlite-triggers",
      captured: false,
      excluded: "computed anew at each start",
    },
    { kind: "table", name: "users", listedBy: "sqlite-triggers", captured: true },
  ]);
});

test("a database without any capture has nothing but undecided tables", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (x)");
  expect(checkCapture(database)).toMatchObject([{ name: "t", captured: false }]);
  database.close();
});

test("a column that came later, a renamed table and a table made anew are found, and installing again mends them", () => {
  const database = open();
  database.exec("ALTER TABLE rewards ADD COLUMN colour TEXT");
  expect(problem(database, "rewards")).toContain("the column colour came after the triggers");
  database.exec("ALTER TABLE habits RENAME TO habit");
  expect(problem(database, "habits")).toBe("the table is gone, or has another name now");
  expect(problem(database, "habit")).toContain("nobody decided");
  database.exec("DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY)");
  expect(problem(database, "users")).toContain("is missing: run installCapture()");
  installCapture(database, { tables: { users: {}, habit: {}, rewards: {} } });
  expect(checkCapture(database).every(({ captured }) => captured)).toBe(true);
  database.exec("INSERT INTO rewards VALUES (1, 1, 'red'); INSERT INTO habit VALUES (1, NULL, 'read', 1)");
  const names = database.prepare("SELECT table_name, after FROM auditrail_change").all();
  expect(names.map((row) => ({ ...row }))).toEqual([
    { table_name: "rewards", after: '{"id":1,"pieces":1,"colour":"red"}' },
    { table_name: "habit", after: '{"id":1,"user":null,"name":"read","weight":1.0}' },
  ]);
});

test("an altered, a dropped and a weakened trigger are found", () => {
  const database = open();
  database.exec("DROP TRIGGER auditrail_change_update_rewards");
  expect(problem(database, "rewards")).toBe(
    "the trigger auditrail_change_update_rewards is missing: run installCapture()",
  );
  database.exec("CREATE TRIGGER auditrail_change_update_rewards AFTER UPDATE ON rewards WHEN 0 BEGIN SELECT 1; END");
  expect(problem(database, "rewards")).toContain("is not the one that we make");
  database.exec("DROP TRIGGER auditrail_change_guard_no_delete");
  expect(problem(database, "auditrail_change")).toContain("auditrail_change_guard_no_delete is missing or altered");
});

test("with the application's own options, a decision that was changed in the database is found", () => {
  const database = open();
  const said = { tables: { ...tables, users: { mask: ["note", "name"] } } };
  expect(problem(database, "users", said)).toContain("is not the one that we make");
  database.exec(
    "UPDATE auditrail_change_table SET excluded = 'because' WHERE name = 'rewards'; DROP TRIGGER auditrail_change_update_rewards",
  );
  expect(problem(database, "rewards")).toBeUndefined();
  expect(problem(database, "rewards", { tables })).toContain("is missing");
});

test("a trigger of the application's that is newer than ours, and a unique index on an expression, are told", () => {
  const database = open();
  database.exec("CREATE TRIGGER later AFTER INSERT ON rewards BEGIN UPDATE rewards SET pieces = 9; END");
  expect(problem(database, "rewards")).toContain("the trigger later is newer than ours");
  database.exec("CREATE UNIQUE INDEX lowered ON habits (lower(name))");
  expect(problem(database, "habits")).toContain("lowered is on an expression");
});

test("installing twice changes nothing, and removing leaves the guards and what was captured", () => {
  const database = open();
  database.exec("INSERT INTO rewards VALUES (1, 1)");
  expect(installCapture(database, { tables }).changed).toEqual([]);
  removeCapture(database);
  database.exec("UPDATE rewards SET pieces = 2; ALTER TABLE rewards DROP COLUMN pieces");
  expect(database.prepare("SELECT count(*) AS n FROM auditrail_change").get()).toMatchObject({ n: 1 });
  expect(() => database.exec("DELETE FROM auditrail_change")).toThrow("auditrail: ");
});

test("columns that look like secrets are masked unless they are allowed by name, and the SQL says so", () => {
  const database = open();
  expect(captureSql(database, { tables: { users: {} } })).toContain(
    `iif(new."session_token" IS NULL, 'null', '"[masked]"')`,
  );
  const allowed = captureSql(database, { tables: { users: {} }, allowNames: ["session_token"] });
  expect(allowed).not.toContain(`new."session_token" IS NULL, 'null'`);
});

test.each<[string, CaptureOptions["tables"], string]>([
  ["a table that is not there", { habit: {} }, 'no such table. Did you mean "habits"?'],
  ["a column that is not there", { users: { mask: ["nam"] } }, 'no column "nam" to mask. Did you mean "name"?'],
  ["no reason", { users: { exclude: " " } }, "exclude has to say why"],
  ["a virtual table", { words: {} }, "it is a virtual table, which takes no triggers"],
  ["a masked key without a rowid", { keys: {} }, "a column of its primary key is masked"],
])("installing refuses %s and leaves the database as it was", (_, given, message) => {
  const database = open();
  database.exec(
    "CREATE VIRTUAL TABLE words USING fts5 (w); CREATE TABLE keys (api_key TEXT PRIMARY KEY) WITHOUT ROWID",
  );
  expect(() => installCapture(database, { tables: given })).toThrow(
    expect.objectContaining({ code: "OPTION_INVALID", message: expect.stringContaining(message) as string }),
  );
  expect(problem(database, "rewards")).toBeUndefined();
});

test("installing refuses an option that it does not know", () => {
  const database = open();
  const given = { tables: { users: { masked: ["name"] } } };
  expect(() => installCapture(database, given as never)).toThrow(expect.objectContaining({ code: "OPTION_UNKNOWN" }));
});

test("a secret that is the key of a row is masked, and the row is called by its rowid", () => {
  const database = open();
  database.exec("CREATE TABLE sessions (token TEXT PRIMARY KEY, user INTEGER)");
  installCapture(database, { tables: { sessions: {} } });
  database.exec("INSERT INTO sessions VALUES ('canary', 1); REPLACE INTO sessions VALUES ('canary', 2)");
  const kept = database.prepare("SELECT change, row_key, before, after FROM auditrail_change").all();
  expect(kept.map((row) => ({ ...row }))).toEqual([
    { change: "insert", row_key: "[1]", before: null, after: '{"token":"[masked]","user":1}' },
    { change: "delete", row_key: "[1]", before: '{"token":"[masked]","user":1}', after: null },
    { change: "insert", row_key: "[2]", before: null, after: '{"token":"[masked]","user":2}' },
  ]);
});
