/** Whatever is written to a table, and however: what was captured, played back, gives the table again. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import BetterSqlite3 from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { installCapture, type Connection } from "../../src/capture/sqlite-triggers/index.ts";
import { decodeRow, type CapturedRow } from "../../src/capture/sqlite-triggers/decode-row.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

type Open = (file: string) => Connection & { close(): unknown };

const drivers: readonly (readonly [string, Open])[] = [
  ["node:sqlite", (file) => new DatabaseSync(file)],
  ["better-sqlite3", (file) => new BetterSqlite3(file) as unknown as ReturnType<Open>],
];

const odd = '"It\'s, a ""table"""';

/** Shapes of tables that SQLite treats differently. */
const shapes: Readonly<
  Record<string, { readonly name: string; readonly create: string; readonly key: readonly string[] }>
> = {
  rowid: { name: "t", create: "CREATE TABLE t (id INTEGER PRIMARY KEY, u, v)", key: ["id"] },
  unique: {
    name: "t",
    create:
      "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT COLLATE NOCASE UNIQUE, v); CREATE UNIQUE INDEX some ON t (v) WHERE v > 5",
    key: ["id"],
  },
  replacing: {
    name: "t",
    create: "CREATE TABLE t (id PRIMARY KEY ON CONFLICT REPLACE NOT NULL, u UNIQUE ON CONFLICT REPLACE, v)",
    key: ["id"],
  },
  withoutRowid: { name: "t", create: "CREATE TABLE t (id, u, v, PRIMARY KEY (u, id)) WITHOUT ROWID", key: ["u", "id"] },
  odd: { name: odd, create: `CREATE TABLE ${odd} (id TEXT PRIMARY KEY NOT NULL, u INTEGER UNIQUE, v)`, key: ["id"] },
};

const value = fc.oneof(
  fc.integer({ min: -1, max: 8 }),
  fc.constantFrom("a", "A", "it's", "\u0000nul", "", "\u{1f600}"),
  fc.constantFrom(0.1, 1e300, -2.5, 9007199254740993n, -9223372036854775808n, Infinity),
  fc.uint8Array({ maxLength: 3 }),
);
const id = fc.integer({ min: 0, max: 6 });
const step = fc.oneof(
  fc.record({
    do: fc.constantFrom("INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE", "REPLACE"),
    id,
    u: value,
    v: value,
  }),
  fc.record({ do: fc.constant("UPSERT"), id, u: value, v: value }),
  fc.record({ do: fc.constantFrom("UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"), id, u: value, v: value }),
  fc.record({ do: fc.constantFrom("MOVE", "BULK", "DELETE", "DELETE ALL", "ROLLBACK"), id, u: value, v: value }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What SQLite refuses is part of the game: then nothing may be captured either. */
function perform(database: Connection, table: string, { do: what, id: row, u, v }: Step): void {
  const run = (sql: string, ...parameters: readonly unknown[]): unknown =>
    database.prepare(sql).run(...(parameters as never[]));
  try {
    if (what === "UPSERT")
      run(
        `INSERT INTO ${table} (id, u, v) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET v = excluded.v, u = excluded.u`,
        row,
        u,
        v,
      );
    else if (what.startsWith("UPDATE")) run(`${what} ${table} SET u = ?, v = ? WHERE id = ?`, u, v, row);
    else if (what === "MOVE") run(`UPDATE OR REPLACE ${table} SET id = ? WHERE id = ?`, (row + 3) % 7, row);
    else if (what === "BULK") run(`UPDATE ${table} SET v = ? WHERE id > ?`, v, row);
    else if (what === "DELETE") run(`DELETE FROM ${table} WHERE id = ?`, row);
    else if (what === "DELETE ALL") run(`DELETE FROM ${table}`);
    else if (what === "ROLLBACK") {
      database.exec("BEGIN");
      run(`REPLACE INTO ${table} (id, u, v) VALUES (?, ?, ?)`, row, u, v);
      database.exec("ROLLBACK");
    } else run(`${what} INTO ${table} (id, u, v) VALUES (?, ?, ?)`, row, u, v);
  } catch {
    if (database.isTransaction ?? database.inTransaction) database.exec("ROLLBACK");
  }
}

const nameOf = (row: CapturedRow, key: readonly string[]): string => shown(key.map((column) => row[column]!));

function shown(content: unknown): string {
  return JSON.stringify(content, (_, part: unknown) =>
    typeof part === "bigint"
      ? String(part)
      : part === Infinity
        ? "Infinity"
        : part instanceof Uint8Array
          ? [...part]
          : part,
  );
}

function replay(database: Connection, key: readonly string[]): ReadonlyMap<string, CapturedRow> {
  const table = new Map<string, CapturedRow>();
  const changes = database.prepare("SELECT change, before, after FROM auditrail_change ORDER BY number").all() as {
    readonly [name: string]: string;
  }[];
  for (const { change, before, after } of changes) {
    if (change !== "insert") {
      const old = decodeRow(before!);
      // What a change says that was there has to be what the changes before it left there.
      expect(shown(table.get(nameOf(old, key)))).toBe(shown(old));
      table.delete(nameOf(old, key));
    }
    if (change === "delete") continue;
    const fresh = decodeRow(after!);
    expect(table.has(nameOf(fresh, key))).toBe(false);
    table.set(nameOf(fresh, key), fresh);
  }
  return table;
}

function present(database: Connection, name: string, key: readonly string[]): ReadonlyMap<string, CapturedRow> {
  const statement = database.prepare(`SELECT id, u, v FROM ${name}`) as ReturnType<Connection["prepare"]> & {
    setReadBigInts?(on: boolean): void;
    safeIntegers?(on: boolean): void;
  };
  (statement.setReadBigInts ?? statement.safeIntegers)!.call(statement, true);
  const small = (cell: unknown): unknown =>
    cell instanceof Uint8Array
      ? new Uint8Array(cell)
      : typeof cell === "bigint" && Number.isSafeInteger(Number(cell))
        ? Number(cell)
        : cell;
  const rows = (statement.all() as CapturedRow[]).map((row) =>
    Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, small(cell)])),
  ) as CapturedRow[];
  return new Map(rows.map((row) => [nameOf(row, key), row]));
}

const sorted = (rows: ReadonlyMap<string, CapturedRow>): string[] => [...rows.values()].map(shown).toSorted();

describe.each(drivers)("with %s", (_, open) => {
  test.each(Object.keys(shapes))(
    "any sequence of writes to a table of the shape %s is played back from its changes",
    (shape) => {
      const { name, create, key } = shapes[shape]!;
      const property = fc.property(fc.array(step, { maxLength: 25 }), fc.boolean(), (steps, recursive) => {
        const database = open(":memory:");
        try {
          database.exec(`${create}; PRAGMA recursive_triggers = ${recursive ? "ON" : "OFF"}`);
          installCapture(database, { tables: { [name.replaceAll('""', '"').replace(/^"|"$/g, "")]: {} } });
          for (const each of steps) perform(database, name, each);
          expect(sorted(replay(database, key))).toEqual(sorted(present(database, name, key)));
        } finally {
          database.close();
        }
      });
      fc.assert(property, { numRuns: Number(process.env["AUDITRAIL_RUNS"] ?? 25) });
    },
  );
});

test("writes of the sqlite3 shell, of whatever age, are captured as exactly", (context) => {
  try {
    execFileSync("sqlite3", ["--version"]);
  } catch {
    context.skip("there is no sqlite3 shell on this machine");
  }
  const file = join(temporaryDirectory(), "shop.db");
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE, v)");
  installCapture(database, { tables: { t: {} } });
  execFileSync("sqlite3", [
    file,
    "INSERT INTO t VALUES (1, 0.1, x'00ff'), (2, 'a' || char(0) || 'b', 9007199254740993), (3, 9e999, -9e999);" +
      "REPLACE INTO t VALUES (4, 0.1, NULL); UPDATE t SET v = 'x' WHERE id > 1; DELETE FROM t WHERE id = 3",
  ]);
  expect(sorted(replay(database, ["id"]))).toEqual(sorted(present(database, "t", ["id"])));
  const kinds = database.prepare("SELECT change, count(*) AS n FROM auditrail_change GROUP BY change").all();
  expect(kinds.map((row) => ({ ...row }))).toEqual([
    { change: "delete", n: 2 },
    { change: "insert", n: 4 },
    { change: "update", n: 3 },
  ]);
  database.close();
});
