import { installCapture, removeCapture } from "auditrail/postgres-triggers";
import pg from "pg";

import { round } from "../machine.ts";
import type { Scenario } from "./scenario.ts";

const rounds = 6;
const table = "bench_voucher";

/** A trigger for each row, as it is written by hand in ten minutes: both states as jsonb, and nothing else. */
const rowTrigger = `
CREATE TABLE bench_row_log (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, op text, old_row jsonb, new_row jsonb, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION bench_log_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bench_row_log (op, old_row, new_row) VALUES (TG_OP, to_jsonb(OLD), to_jsonb(NEW));
  RETURN NULL;
END $$;
CREATE TRIGGER bench_log_row AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION bench_log_row();`;

/**
 * After the public description of supa_audit: for each row one with a stable id, made of the table's oid and the values of its primary
 * key by UUIDv5, and indexes on that id, on the time (BRIN) and on the table.
 * @see https://supabase.com/blog/postgres-audit
 */
const recordVersions = `
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE TABLE bench_record_version (id bigserial PRIMARY KEY, record_id uuid, old_record_id uuid, op text NOT NULL, ts timestamptz NOT NULL DEFAULT now(),
  table_oid oid NOT NULL, table_schema name NOT NULL, table_name name NOT NULL, record jsonb, old_record jsonb);
CREATE INDEX ON bench_record_version (record_id) WHERE record_id IS NOT NULL;
CREATE INDEX ON bench_record_version (old_record_id) WHERE old_record_id IS NOT NULL;
CREATE INDEX ON bench_record_version USING brin (ts);
CREATE INDEX ON bench_record_version (table_oid);
CREATE FUNCTION bench_key_columns(of oid) RETURNS text[] STABLE SECURITY DEFINER SET search_path = '' LANGUAGE sql AS $$
  SELECT coalesce(array_agg(a.attname::text ORDER BY a.attname), '{}') FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = of AND i.indisprimary
$$;
CREATE FUNCTION bench_record_id(of oid, key_columns text[], rec jsonb) RETURNS uuid STABLE LANGUAGE sql AS $$
  SELECT CASE WHEN rec IS NULL THEN NULL WHEN key_columns = '{}' THEN uuid_generate_v4() ELSE (
    SELECT uuid_generate_v5('fd62bc3d-8d6e-43c2-919c-802ba3762271', (jsonb_build_array(to_jsonb(of)) || jsonb_agg(rec ->> name))::text)
    FROM unnest(key_columns) name) END
$$;
CREATE FUNCTION bench_record_version() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$
DECLARE
  key_columns text[] := bench_key_columns(TG_RELID);
  new_json jsonb := to_jsonb(NEW);
  old_json jsonb := to_jsonb(OLD);
BEGIN
  INSERT INTO bench_record_version (record_id, old_record_id, op, table_oid, table_schema, table_name, record, old_record)
  VALUES (bench_record_id(TG_RELID, key_columns, new_json), bench_record_id(TG_RELID, key_columns, old_json), TG_OP, TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, new_json, old_json);
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER bench_record_version AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION bench_record_version();`;

const designs = {
  ours: async (pool: pg.Pool, rows: number) => {
    await installCapture(pool, { tables: { [table]: {} }, mostRows: 10 * rows });
  },
  rowTrigger: async (pool: pg.Pool) => void (await pool.query(rowTrigger)),
  recordVersions: async (pool: pg.Pool) => void (await pool.query(recordVersions)),
};
type Design = keyof typeof designs;

/** Each design comes first in its turn: what runs behind a heavy one runs slower. */
function inTurn(turn: number): readonly Design[] {
  const all = Object.keys(designs) as Design[];
  return all.map((_, index) => all[(index + turn) % all.length]!);
}

/** Designs alternate, and medians are compared, because the machine's speed drifts. Every design keeps both states of every row. */
export const postgresTriggers: Scenario = {
  name: "postgres-triggers",
  says: "capturing changes in Postgres: single rows, and an UPDATE of 100,000, against triggers for each row; needs DATABASE_URL",
  async run({ factor, say }) {
    const url = process.env["DATABASE_URL"];
    if (url === undefined)
      throw new Error("Set DATABASE_URL to an empty database of a server with its usual settings.");
    const rows = Math.round(100_000 * factor);
    const single = Math.round(2_000 * factor);
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const seconds: Record<Design, { one: number[]; bulk: number[] }> = {
      ours: { one: [], bulk: [] },
      rowTrigger: { one: [], bulk: [] },
      recordVersions: { one: [], bulk: [] },
    };
    for (let turn = 0; turn < rounds; turn += 1) {
      for (const design of inTurn(turn)) {
        await fresh(pool, rows);
        await designs[design](pool, rows);
        seconds[design].one.push(await updateSingly(pool, single));
        seconds[design].bulk.push(await timed(() => pool.query(`UPDATE ${table} SET amount = amount + 1`)));
        await assertCaptured(pool, design, rows + single);
      }
    }
    await fresh(pool, 1);
    await pool.query(`DROP TABLE ${table}`);
    await pool.end();
    for (const [design, { one, bulk }] of Object.entries(seconds))
      say(
        `${design}: ${round((median(one) / single) * 1e6, 0)} µs a row singly, ${round((median(bulk) / rows) * 1e6, 1)} µs a row in bulk`,
      );
    const faster = (than: Design, kind: "one" | "bulk"): number =>
      median(seconds[than][kind]) / median(seconds.ours[kind]);
    return {
      ratios: {
        singleAgainstRowTrigger: faster("rowTrigger", "one"),
        bulkAgainstRowTrigger: faster("rowTrigger", "bulk"),
        singleAgainstRecordVersions: faster("recordVersions", "one"),
        bulkAgainstRecordVersions: faster("recordVersions", "bulk"),
      },
      targets: { singleAgainstRowTrigger: 0.9, bulkAgainstRowTrigger: 1, bulkAgainstRecordVersions: 2 },
    };
  },
};

async function fresh(pool: pg.Pool, rows: number): Promise<void> {
  await removeCapture(pool);
  await pool.query(`
    DROP TABLE IF EXISTS ${table}, bench_row_log, bench_record_version CASCADE; DROP SCHEMA IF EXISTS auditrail_capture CASCADE;
    DROP FUNCTION IF EXISTS bench_log_row, bench_record_version, bench_key_columns, bench_record_id;
    CREATE TABLE ${table} (id bigint PRIMARY KEY, owner text, amount numeric(12, 2), state text, made_at timestamptz, note text);
    INSERT INTO ${table} SELECT n, 'person ' || n % 500, n % 100, 'pending', now(), repeat('a note of some length ', 3) FROM generate_series(1, ${rows}) n;`);
  await pool.query(`VACUUM ANALYZE ${table}`);
  await pool.query("CHECKPOINT");
}

/** Each in a transaction of its own, on one connection. */
async function updateSingly(pool: pg.Pool, count: number): Promise<number> {
  for (let id = 1; id <= 50; id += 1) await pool.query(`UPDATE ${table} SET state = state WHERE false`);
  return timed(async () => {
    for (let id = 1; id <= count; id += 1)
      await pool.query(`UPDATE ${table} SET state = $1 WHERE id = $2`, [`applied ${count}`, id]);
  });
}

async function assertCaptured(pool: pg.Pool, design: Design, expected: number): Promise<void> {
  const log = { ours: "auditrail_capture.change", rowTrigger: "bench_row_log", recordVersions: "bench_record_version" };
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${log[design]}`);
  if (rows[0]!.n !== expected) throw new Error(`${design} captured ${rows[0]!.n} changes of ${expected}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
