/**
 * Our own tables and functions beside the application's tables, so that a change and its capture commit together.
 *
 * - `change`: the captured changes that are not in the trail yet, one for each row: `insert`, `update`, `delete`; `bulk` counts the rows of a statement that
 *   are too many to be told, and `truncate` those of an emptied table. Rows are deleted when the trail has them.
 * - `context`: who and what changes were made for, once for each transaction that said so.
 * - `captured_table`: what was decided for each table, so that a check needs nothing but the database.
 * - `state`: one row of counts.
 *
 * A context gets into the database as a bound value of `set_config(…, true)`, and from there by reading that setting: it is
 * never part of the text of a statement, and it ends with its transaction.
 */

export const captureSchema = "auditrail_capture";

export const captureTables = `
CREATE SCHEMA IF NOT EXISTS auditrail_capture;
CREATE TABLE IF NOT EXISTS auditrail_capture.change (
  number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name text COLLATE "C" NOT NULL,
  change     text COLLATE "C" NOT NULL,
  before     json,
  after      json,
  hidden     text[],
  context    bigint,
  role       text NOT NULL,
  xact       xid8 NOT NULL,
  at         timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE TABLE IF NOT EXISTS auditrail_capture.context (
  number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  context text NOT NULL
);
CREATE TABLE IF NOT EXISTS auditrail_capture.captured_table (
  name     text COLLATE "C" PRIMARY KEY,
  excluded text,
  masked   text[] NOT NULL,
  key      text[] NOT NULL,
  columns  jsonb NOT NULL,
  most     bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS auditrail_capture.state (
  one             boolean PRIMARY KEY DEFAULT true CHECK (one),
  capture         text NOT NULL DEFAULT gen_random_uuid()::text,
  without_context bigint NOT NULL DEFAULT 0
);
INSERT INTO auditrail_capture.state DEFAULT VALUES ON CONFLICT DO NOTHING;
`;

export const guardedTables = ["change", "context"] as const;

export const guardSql = guardedTables
  .map(
    (table) => `
DROP TRIGGER IF EXISTS auditrail_guard ON auditrail_capture.${table};
CREATE TRIGGER auditrail_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON auditrail_capture.${table}
  FOR EACH STATEMENT EXECUTE FUNCTION auditrail_capture.guard();
ALTER TABLE auditrail_capture.${table} ENABLE ALWAYS TRIGGER auditrail_guard;`,
  )
  .join("\n");
