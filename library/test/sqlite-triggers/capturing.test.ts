import { execFileSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import type { Entry } from "../../src/index.ts";
import {
  checkCapture,
  countChanges,
  drainChanges,
  installCapture,
  writeInOperation,
} from "../../src/capture/sqlite-triggers/index.ts";
import { checkTrails } from "../../src/testing/index.ts";
import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { openHabits } from "./habits.ts";

type Habits = Awaited<ReturnType<typeof openHabits>>;

async function rowsOf({ trail }: Habits, query = "log:row"): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of trail.entries(query, { order: { by: "seq", direction: "oldest" } })) entries.push(entry);
  return entries;
}

const aliza = { actor: { type: "user", id: "7", name: "Aliza" }, context: { source: "bot", route: "/done" } } as const;

test("a change knows the operation and the actor that it was made for, and shares them with the event beside it", async () => {
  const habits = await openHabits();
  const { database, trail } = habits;
  trail.with(aliza, () =>
    writeInOperation(database, () => {
      database.exec("INSERT INTO rewards VALUES (1, 4)");
      database.exec("UPDATE rewards SET pieces = 5 WHERE id = 1");
      trail.in(database).recordSync("bot.completed", { target: { type: "reward", id: "1" } });
    }),
  );
  expect(await drainChanges(database, trail)).toEqual({ changes: 2, withoutContext: 0, missing: 0 });
  const [completed] = await rowsOf(habits, "action:bot.completed");
  const rows = await rowsOf(habits);
  expect(rows.map(({ event }) => event)).toMatchObject([
    { action: "row.inserted", targets: [{ type: "rewards", id: "1" }], after: { id: 1, pieces: 4 } },
    {
      action: "row.updated",
      before: { pieces: 4 },
      after: { pieces: 5 },
      changed: ["/pieces"],
      data: { table: "rewards", columns: ["pieces"], context: "given" },
    },
  ]);
  for (const { event } of rows) {
    expect(event.operationId).toBe(completed!.event.operationId);
    expect(event.actor).toMatchObject({ type: "user", id: "7" });
    expect(event.context).toMatchObject({ source: "trigger", route: "/done" });
  }
});

test("a write from the shell is captured, has no context, and is counted", async () => {
  const habits = await openHabits();
  const { file, database, trail } = habits;
  writeInShell(file, "INSERT INTO rewards VALUES (1, 5); UPDATE rewards SET pieces = 0");
  expect(countChanges(database)).toEqual({ waiting: 2, withoutContext: 2, missing: 0 });
  // Whoever drains has a context, which is not the change's.
  const drained = await trail.with(aliza, () => drainChanges(database, trail));
  expect(drained).toEqual({ changes: 2, withoutContext: 2, missing: 0 });
  expect(countChanges(database)).toEqual({ waiting: 0, withoutContext: 2, missing: 0 });
  for (const { event } of await rowsOf(habits)) {
    expect(event).toMatchObject({ actor: { type: "unknown" }, data: { context: "missing" } });
    expect(event.operationId).toBeUndefined();
  }
});

/** A plain second connection where there is no shell: what matters is that it knows nothing of us. */
function writeInShell(file: string, sql: string): void {
  try {
    execFileSync("sqlite3", [file, sql]);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    const other = new DatabaseSync(file);
    other.exec(sql);
    other.close();
  }
}

test("the context does not outlive its transaction: not a commit, not an error, not a write that comes after", async () => {
  const { file, database } = await openHabits();
  writeInOperation(database, () => database.exec("INSERT INTO rewards VALUES (1, 1)"));
  writeInShell(file, "INSERT INTO rewards VALUES (2, 2)");
  expect(() =>
    writeInOperation(database, () => {
      database.exec("INSERT INTO rewards VALUES (3, 3)");
      throw new Error("no");
    }),
  ).toThrow("no");
  await expect(
    writeInOperation(database, async () => {
      await Promise.resolve();
      database.exec("INSERT INTO rewards VALUES (1, 1)");
    }),
  ).rejects.toThrow("UNIQUE");
  expect(database.isTransaction).toBe(false);
  database.exec("BEGIN; INSERT INTO rewards VALUES (4, 4)");
  writeInOperation(database, () => database.exec("INSERT INTO rewards VALUES (5, 5)"));
  database.exec("INSERT INTO rewards VALUES (6, 6); COMMIT");
  const kept = database.prepare(
    "SELECT json_extract(after, '$.id') AS id, context IS NULL AS silent FROM auditrail_change",
  );
  expect(kept.all().map((row) => ({ ...row }))).toEqual([
    { id: 1, silent: 0 },
    { id: 2, silent: 1 },
    { id: 4, silent: 1 },
    { id: 5, silent: 0 },
    { id: 6, silent: 1 },
  ]);
});

test("operations inside one another give way and come back", async () => {
  const { database, trail } = await openHabits();
  trail.with({ operationId: "outer" }, () =>
    writeInOperation(database, () => {
      database.exec("INSERT INTO rewards VALUES (1, 1)");
      trail.with({ operationId: "inner" }, () =>
        writeInOperation(database, () => database.exec("INSERT INTO rewards VALUES (2, 2)")),
      );
      database.exec("INSERT INTO rewards VALUES (3, 3)");
    }),
  );
  const kept = database.prepare(
    "SELECT json_extract(x.context, '$.operationId') AS operation FROM auditrail_change c JOIN auditrail_change_context x ON x.number = c.context ORDER BY c.number",
  );
  expect(kept.all().map(({ operation }) => operation)).toEqual(["outer", "inner", "outer"]);
});

test("whoever ends the transaction inside is told, and leaves no context behind", async () => {
  const { database } = await openHabits();
  expect(() => writeInOperation(database, () => database.exec("INSERT INTO rewards VALUES (1, 1); COMMIT"))).toThrow(
    expect.objectContaining({ code: "TRANSACTION_INVALID" }),
  );
  expect(database.prepare("SELECT count(*) AS n FROM auditrail_change_now").get()).toMatchObject({ n: 0 });
});

test("masked columns are in no captured change and no entry, and still known to have changed; personal ones are sealed", async () => {
  const habits = await openHabits();
  const { database, trail } = habits;
  const insert = database.prepare(
    "INSERT INTO users VALUES (1, 'Aliza', 'canary-token', 'canary-phrase', 'canary-note')",
  );
  insert.run();
  database.exec("UPDATE users SET session_token = 'canary-token-2'; UPDATE users SET note = NULL");
  const captured = JSON.stringify(database.prepare("SELECT * FROM auditrail_change").all());
  expect(captured).not.toContain("canary");
  expect(captured).toContain("Aliza");
  await drainChanges(database, trail);
  const rows = await rowsOf(habits);
  expect(rows.map(({ event }) => event.data?.["columns"])).toEqual([undefined, ["session_token"], ["note"]]);
  expect(rows[2]!.event).toMatchObject({ before: { note: "[masked]" }, after: { note: null } });
  const texts = database.prepare("SELECT entry FROM auditrail_entry").all();
  expect(JSON.stringify(texts)).not.toMatch(/canary|Aliza/);
  expect(rows[0]!.event.sealed).toMatchObject([{ subject: "users/1", paths: ["/after/name"] }]);
});

test("cascades, foreign keys that set, and other triggers' writes are captured in the order they happened", async () => {
  const { database } = await openHabits();
  database.exec(`
    PRAGMA foreign_keys = ON;
    CREATE TRIGGER greet AFTER INSERT ON users BEGIN INSERT INTO habits VALUES (NULL, new.id, 'read', 1); END;
    CREATE TRIGGER heavier AFTER INSERT ON habits BEGIN UPDATE habits SET weight = weight + 1 WHERE id = new.id; END;`);
  const before = installCapture(database, { tables: { users: {}, habits: {}, rewards: {} } });
  // Ours were older than the application's, which SQLite would have run first.
  expect(before.changed).toContain("auditrail_change_insert_habits");
  database.exec("INSERT INTO users (id) VALUES (1); DELETE FROM users");
  const kept = database.prepare("SELECT change || ' ' || table_name AS what FROM auditrail_change ORDER BY number");
  expect(kept.all().map(({ what }) => what)).toEqual([
    "insert users",
    "insert habits",
    "update habits",
    "delete habits",
    "delete users",
  ]);
});

test("updates that change nothing are not captured, a change of case is", async () => {
  const { database } = await openHabits();
  database.exec("CREATE TABLE tag (name TEXT COLLATE NOCASE)");
  installCapture(database, { tables: { tag: {}, rewards: {} } });
  database.exec("INSERT INTO tag VALUES ('a'); INSERT INTO rewards VALUES (1, 1)");
  database.exec("UPDATE rewards SET pieces = 1; UPDATE tag SET name = 'a'; UPDATE tag SET name = 'A'");
  const kept = database.prepare("SELECT row_key, after FROM auditrail_change WHERE change = 'update'").all();
  expect(kept.map((row) => ({ ...row }))).toEqual([{ row_key: "[1]", after: '{"name":"A"}' }]);
});

test("a bulk update is captured row by row, drained in order, and the trail verifies", async () => {
  const habits = await openHabits();
  const { file, database, trail } = habits;
  database.exec(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO rewards SELECT i, 0 FROM n`,
  );
  await trail.with(aliza, () =>
    writeInOperation(database, async () => database.exec("UPDATE rewards SET pieces = id")),
  );
  expect(await drainChanges(database, trail)).toEqual({ changes: 2_000, withoutContext: 1_000, missing: 0 });
  expect(await trail.count("action:row.updated data.context:given")).toEqual([{ keys: [], count: 1_000 }]);
  const store = await openSqliteStore({ file, readOnly: true, threads: false });
  await checkTrails(store);
  await store.close();
});

test("draining again, from two sides, and after a crash between recording and forgetting adds nothing", async () => {
  const habits = await openHabits();
  const { file, database, trail } = habits;
  database.exec("INSERT INTO users VALUES (1, 'A', NULL, NULL, NULL), (2, 'B', NULL, NULL, NULL)");
  const crash = new Error("crash");
  const dying = {
    record: async (...event: Parameters<typeof trail.record<"row.inserted">>) => {
      await trail.record(...event);
      throw crash;
    },
  };
  await expect(drainChanges(database, dying as never)).rejects.toBe(crash);
  expect(countChanges(database).waiting).toBe(2);
  const other = new DatabaseSync(file, { timeout: 2_000 });
  const both = await Promise.all([drainChanges(database, trail), drainChanges(other, trail)]);
  other.close();
  expect(both[0].changes + both[1].changes).toBe(2);
  expect((await rowsOf(habits)).map(({ event }) => event.targets![0]!.id)).toEqual(["1", "2"]);
});

test("captured changes cannot be altered or taken away, and what was taken by force is counted as missing", async () => {
  const { database, trail } = await openHabits();
  database.exec("INSERT INTO rewards VALUES (1, 1), (2, 2), (3, 3)");
  for (const sql of [
    "UPDATE auditrail_change SET after = '{}'",
    "DELETE FROM auditrail_change",
    "REPLACE INTO auditrail_change SELECT * FROM auditrail_change",
    "UPDATE auditrail_change_state SET drained = -1",
    "UPDATE auditrail_change_state SET capture = 'x'",
    "DELETE FROM auditrail_change_state",
  ]) {
    expect(() => database.exec(sql)).toThrow("auditrail: ");
  }
  database.exec("DROP TRIGGER auditrail_change_guard_no_delete; DELETE FROM auditrail_change WHERE number = 2");
  expect(await drainChanges(database, trail)).toEqual({ changes: 2, withoutContext: 2, missing: 1 });
  expect(countChanges(database)).toMatchObject({ missing: 1 });
  const told = checkCapture(database).filter(({ name }) => name === "auditrail_change");
  expect(told.at(-1)!.problem).toBe("1 captured change was taken away before the trail had it");
});

test("a context that somebody wrote by hand does not hold up the changes after it", async () => {
  const habits = await openHabits();
  const { database, trail } = habits;
  database.exec(
    "INSERT INTO auditrail_change_context VALUES (1, 'forged'); INSERT INTO auditrail_change_now VALUES (1, 1)",
  );
  database.exec("INSERT INTO rewards VALUES (1, 1)");
  await drainChanges(database, trail);
  const [row] = await rowsOf(habits);
  expect(row!.event).toMatchObject({ actor: { type: "unknown" }, data: { context: "missing" } });
  expect(database.prepare("SELECT count(*) AS n FROM auditrail_change_now").get()).toMatchObject({ n: 0 });
});

test("a database that captures nothing says so", async () => {
  const database = new DatabaseSync(":memory:");
  expect(() => countChanges(database)).toThrow(expect.objectContaining({ code: "CAPTURE_MISSING" }));
  database.close();
});
