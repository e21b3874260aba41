import type { Trigger } from "./trigger-sql.ts";

/**
 * Our tables beside the application's, in the same file, so that a change and its capture commit together.
 *
 * - `auditrail_change`: the captured changes that are not in the trail yet. Numbers are never given twice, so a hole in them is
 *   a change that somebody took away. Rows are deleted only up to what the trail has (`drained`).
 * - `auditrail_change_context`: who and what a change was made for, once for each operation.
 * - `auditrail_change_now`: the context in force. It is set and taken back inside the writing transaction, so that neither another
 *   connection nor a crash ever leaves it behind.
 * - `auditrail_change_replaced`: rows that a statement under way may replace. SQLite runs no delete triggers for those unless
 *   `recursive_triggers` is on.
 * - `auditrail_change_table`: what was decided for each table, so that a check needs nothing but the database.
 * - `auditrail_change_state`: one row of counts.
 *
 * Everything here is understood by SQLite 3.38 and newer, because a shell of another age has to be able to write the tables.
 */
export const createCaptureTables = `
CREATE TABLE IF NOT EXISTS auditrail_change (
  number     INTEGER PRIMARY KEY AUTOINCREMENT,
  table_name TEXT NOT NULL,
  change     TEXT NOT NULL CHECK (change IN ('insert', 'update', 'delete')),
  row_key    TEXT NOT NULL,
  before     TEXT,
  after      TEXT,
  hidden     TEXT,
  context    INTEGER,
  at         TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS auditrail_change_context (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  context TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS auditrail_change_now (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  context INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS auditrail_change_replaced (
  table_name TEXT NOT NULL,
  k1, k2, k3, k4, k5, k6, k7, k8,
  row_key    TEXT NOT NULL,
  row        TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS auditrail_change_table (
  name     TEXT PRIMARY KEY,
  excluded TEXT,
  masked   TEXT NOT NULL,
  columns  TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auditrail_change_state (
  one             INTEGER PRIMARY KEY CHECK (one = 1),
  capture         TEXT NOT NULL,
  drained         INTEGER NOT NULL,
  without_context INTEGER NOT NULL,
  missing         INTEGER NOT NULL
);
`;

/** What keeps captured changes from being altered, or taken away before the trail has them. */
export const guards: readonly Trigger[] = [
  guard(
    "no_update",
    `BEFORE UPDATE ON auditrail_change
BEGIN SELECT RAISE(ABORT, 'auditrail: captured changes are never changed');END`,
  ),
  guard(
    "no_replace",
    `BEFORE INSERT ON auditrail_change
WHEN EXISTS (SELECT 1 FROM auditrail_change WHERE number = new.number)
BEGIN SELECT RAISE(ABORT, 'auditrail: captured changes are never replaced');END`,
  ),
  guard(
    "no_delete",
    `BEFORE DELETE ON auditrail_change
WHEN old.number > (SELECT drained FROM auditrail_change_state)
BEGIN SELECT RAISE(ABORT, 'auditrail: captured changes are deleted once they are in the trail');END`,
  ),
  guard(
    "context_no_update",
    `BEFORE UPDATE ON auditrail_change_context
BEGIN SELECT RAISE(ABORT, 'auditrail: contexts of changes are never changed');END`,
  ),
  guard(
    "context_no_delete",
    `BEFORE DELETE ON auditrail_change_context
WHEN EXISTS (SELECT 1 FROM auditrail_change WHERE context = old.number)
BEGIN SELECT RAISE(ABORT, 'auditrail: contexts of changes are deleted after their changes');END`,
  ),
  guard(
    "state_forward",
    `BEFORE UPDATE ON auditrail_change_state
WHEN new.capture <> old.capture OR new.drained < old.drained OR new.without_context < old.without_context OR new.missing < old.missing
BEGIN SELECT RAISE(ABORT, 'auditrail: counts of captured changes only grow');END`,
  ),
  guard(
    "state_no_delete",
    `BEFORE DELETE ON auditrail_change_state
BEGIN SELECT RAISE(ABORT, 'auditrail: counts of captured changes only grow');END`,
  ),
];

function guard(does: string, rest: string): Trigger {
  const name = `auditrail_change_guard_${does}`;
  return { name, sql: `CREATE TRIGGER ${name} ${rest}` };
}
