/**
 * The floors in Postgres: bare inserts, by the same driver, of rows that the library has put into its own tables, into tables
 * with the same columns and indexes. Nothing is checked, derived or hashed here, and the tables have no CHECKs.
 */

import pg from "pg";

const month = "(SELECT to_char(now() AT TIME ZONE 'UTC', '\"entry_\"YYYY_MM'))";
/** Names of tables, and whose indexes they get. */
const placedTables = { entry: month, target: "'target'", sealed: "'sealed'", search: "'search'" } as const;
type PlacedTable = keyof typeof placedTables;

interface Rows {
  readonly columns: readonly string[];
  /** Types of the columns. */
  readonly types: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

async function likeTable(pool: pg.Pool, table: string, indexesOf: string): Promise<void> {
  await pool.query(`DROP TABLE IF EXISTS floor_${table}`);
  await pool.query(`CREATE TABLE floor_${table} (LIKE auditrail.${table} INCLUDING DEFAULTS INCLUDING IDENTITY)`);
  const { rows } = await pool.query<{ definition: string }>(
    `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index JOIN pg_class c ON c.oid = indrelid
     WHERE relnamespace = 'auditrail'::regnamespace AND relname = ${indexesOf}`,
  );
  for (const { definition } of rows)
    await pool.query(
      definition.replace(/INDEX \S+ ON (ONLY )?\S+/, (found) => `${found.split(" ")[0]} ON floor_${table}`),
    );
}

async function readRows(pool: pg.Pool, table: string, condition: string): Promise<Rows> {
  const { rows: described } = await pool.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = 'auditrail.${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum`,
  );
  const columns = described.map(({ name }) => name);
  const written = described.map(({ name, type }) => (type === "jsonb" ? `${name}::text` : name));
  const { rows } = await pool.query<unknown[]>({
    text: `SELECT ${written.join(", ")} FROM auditrail.${table} WHERE ${condition}`,
    rowMode: "array",
  } as never);
  return { columns, types: described.map(({ type }) => type), rows };
}

/** Inserts the rows of the first entries of the trail, `batch` entries at once, into all four tables by one statement. */
export async function openBatchFloor(pool: pg.Pool, count: number) {
  const tables = Object.keys(placedTables) as PlacedTable[];
  const all = new Map<PlacedTable, Rows>();
  for (const table of tables) {
    await likeTable(pool, table, placedTables[table]);
    all.set(table, await readRows(pool, table, `key < (1::bigint << 32) + ${count} ORDER BY key`));
  }
  const keys = all.get("entry")!.rows.map(([key]) => key as string);
  const cuts = (batch: number): readonly unknown[][] => {
    const next = new Map(tables.map((table) => [table, 0]));
    return Array.from({ length: Math.ceil(keys.length / batch) }, (_, index) => {
      const last = BigInt(keys[Math.min((index + 1) * batch, keys.length) - 1]!);
      return tables.flatMap((table) => {
        const { columns, rows } = all.get(table)!;
        const key = columns.indexOf("key");
        const from = next.get(table)!;
        let to = from;
        while (to < rows.length && BigInt(rows[to]![key] as string) <= last) to += 1;
        next.set(table, to);
        return columns.map((__, column) => rows.slice(from, to).map((row) => row[column]));
      });
    });
  };
  const statement = insertAll(tables.map((table) => [table, all.get(table)!]));
  return {
    count: keys.length,
    /** In the size of batches that suits it best. */
    async insert(batch: number): Promise<number> {
      for (const table of tables) await pool.query(`TRUNCATE floor_${table}`);
      const batches = cuts(batch);
      const started = performance.now();
      for (const values of batches) await pool.query(statement, values as unknown[]);
      return (keys.length * 1_000) / (performance.now() - started);
    },
  };
}

function insertAll(tables: readonly (readonly [string, Rows])[]): string {
  let place = 0;
  const inserts = tables.map(([table, { columns, types }]) => {
    const arrays = types.map((type) => `$${(place += 1)}::${type}[]`);
    return `INSERT INTO floor_${table} (${columns.join(", ")}) SELECT * FROM unnest(${arrays.join(", ")})`;
  });
  const last = inserts.pop()!;
  return `WITH ${inserts.map((insert, index) => `i${index} AS (${insert})`).join(", ")} ${last}`;
}

/** One row of the inbox by an INSERT of an application's own; the rows are those that wait in the inbox now. */
export async function openRowFloor(pool: pg.Pool) {
  await likeTable(pool, "inbox", "'inbox'");
  const { columns, rows } = await readRows(pool, "inbox", "true ORDER BY number");
  const places = columns.map((_, index) => `$${index + 1}`).join(", ");
  const statement = `INSERT INTO floor_inbox (${columns.join(", ")}) VALUES (${places})`;
  return {
    empty: () => pool.query("TRUNCATE floor_inbox"),
    insert: (client: pg.PoolClient, index: number) => client.query(statement, rows[index] as unknown[]),
  };
}
