/** What tables a database has, as SQLite tells it. */

import { allRows, type Connection } from "./connection.ts";

export interface UniqueKey {
  readonly columns: readonly { readonly name: string; readonly collation: string }[];
}

export interface TableSchema {
  readonly name: string;
  /** `virtual` tables take no triggers. */
  readonly kind: "table" | "virtual";
  /** Those that hold something: generated columns follow from the others. */
  readonly columns: readonly string[];
  /** In the order of the key. */
  readonly primaryKey: readonly string[];
  /** The name under which the rowid can be asked for; absent in a table WITHOUT ROWID, or where columns took all its names. */
  readonly rowid: string | undefined;
  /** What a REPLACE may remove other rows for: the primary key and the unique indexes. */
  readonly uniqueKeys: readonly UniqueKey[];
  /** Names of unique indexes on expressions, whose columns nobody can be asked for. */
  readonly expressionIndexes: readonly string[];
}

/** The tables of the main database that are the application's: ours and SQLite's own are left out, and views. */
export function readTables(connection: Connection): readonly TableSchema[] {
  const rows = allRows(
    connection,
    `SELECT name, type, wr FROM pragma_table_list
     WHERE schema = 'main' AND type IN ('table', 'virtual')
       AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'auditrail\\_%' ESCAPE '\\'
     ORDER BY name`,
  );
  return rows.map(({ name, type, wr }) =>
    readTable(connection, name as string, type === "virtual" ? "virtual" : "table", Number(wr) === 1),
  );
}

const generated = [2, 3];

function readTable(
  connection: Connection,
  name: string,
  kind: TableSchema["kind"],
  withoutRowid: boolean,
): TableSchema {
  const all = allRows(connection, "SELECT name, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid", name);
  const names = all.map((column) => column["name"] as string);
  const inKey = all.filter(({ pk }) => Number(pk) > 0).toSorted((a, b) => Number(a["pk"]) - Number(b["pk"]));
  const primaryKey = inKey.map((column) => column["name"] as string);
  const taken = new Set(names.map((column) => column.toLowerCase()));
  const { uniqueKeys, expressionIndexes } = readUniqueKeys(connection, name);
  // An INTEGER PRIMARY KEY is the rowid itself and has no index.
  const ownKey = primaryKey.map((column) => ({ name: column, collation: "BINARY" }));
  return {
    ...{ name, kind, primaryKey, expressionIndexes },
    columns: all.filter(({ hidden }) => !generated.includes(Number(hidden))).map((column) => column["name"] as string),
    rowid: withoutRowid ? undefined : ["rowid", "oid", "_rowid_"].find((alias) => !taken.has(alias)),
    uniqueKeys: ownKey.length === 0 ? uniqueKeys : [{ columns: ownKey }, ...uniqueKeys],
  };
}

function readUniqueKeys(connection: Connection, table: string) {
  const uniqueKeys: UniqueKey[] = [];
  const expressionIndexes: string[] = [];
  const indexes = allRows(connection, 'SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 ORDER BY name', table);
  for (const { name } of indexes) {
    const columns = allRows(
      connection,
      "SELECT cid, name, coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno",
      name as string,
    );
    const onExpression = columns.some(({ cid }) => Number(cid) < -1);
    if (onExpression) expressionIndexes.push(name as string);
    else uniqueKeys.push({ columns: columns.map((column) => keyColumn(column)) });
  }
  return { uniqueKeys, expressionIndexes };
}

function keyColumn({ name, coll }: Readonly<Record<string, unknown>>): UniqueKey["columns"][number] {
  return { name: (name as string | null) ?? "rowid", collation: coll as string };
}
