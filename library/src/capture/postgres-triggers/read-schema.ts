/** What tables a database has, as the catalogue of Postgres tells it. */

import { allRows, type Connection } from "./connection.ts";

export interface Column {
  readonly name: string;
  readonly type: string;
}

export interface TableSchema {
  /** `orders`, or `sales.orders` outside of the schema `public`; of a partition the name of the whole. */
  readonly name: string;
  /** Quoted, with its schema: the partition itself, where it is one. */
  readonly sqlName: string;
  readonly oid: number;
  readonly kind: "table" | "foreign";
  readonly isPartition: boolean;
  readonly columns: readonly Column[];
  /** In the order of the key. */
  readonly primaryKey: readonly string[];
}

const nameOf = (oid: string): string =>
  `(SELECT CASE n.nspname WHEN 'public' THEN t.relname ELSE n.nspname || '.' || t.relname END
    FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace WHERE t.oid = ${oid})`;

/** Left out are Postgres' own tables, ours, and those of stores, which other means protect. */
const selectTables = `
SELECT ${nameOf("coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)")} AS name, c.oid::int8::text AS oid, c.relkind, c.relispartition,
  pg_catalog.format('%I.%I', s.nspname, c.relname) AS sql_name,
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type', t.typname) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns,
  (SELECT pg_catalog.json_agg(a.attname ORDER BY k.place) FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    WHERE i.indrelid = c.oid AND i.indisprimary)::text AS key
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND s.nspname NOT LIKE 'pg\\_%' AND s.nspname NOT IN ('information_schema', 'auditrail_capture')
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class o WHERE o.relnamespace = s.oid AND o.relkind = 'r'
    AND o.relname IN ('inbox', 'trail', 'subject_key', 'erasure_end') HAVING pg_catalog.count(*) = 4)
ORDER BY c.relispartition, 1, 5`;

export async function readTables(connection: Connection): Promise<readonly TableSchema[]> {
  const rows = await allRows(connection, selectTables);
  return rows.map((row) => ({
    ...{ name: row["name"] as string, sqlName: row["sql_name"] as string, oid: Number(row["oid"]) },
    kind: row["relkind"] === "f" ? "foreign" : "table",
    isPartition: row["relispartition"] as boolean,
    columns: JSON.parse((row["columns"] as string | null) ?? "[]") as Column[],
    primaryKey: JSON.parse((row["key"] as string | null) ?? "[]") as string[],
  }));
}
