/** The database as SQLite sees it: its pages, our tables, and what keeps entries from being changed. */

import { openNodeSqlite, type SqliteConnection, type SqliteRow } from "../../stores/sqlite/driver.ts";
import { migrations, schemaVersion } from "../../stores/sqlite/schema.ts";
import { counted, ok, problem, tampered, warning, type Finding } from "./finding.ts";

export function checkIntegrity(connection: SqliteConnection, isQuick: boolean): Finding {
  const pragma = isQuick ? "quick_check" : "integrity_check";
  const rows = connection.prepare(`PRAGMA ${pragma}(10)`).all() as SqliteRow[];
  const found = rows.map((row) => String(Object.values(row)[0]));
  if (found.length === 1 && found[0] === "ok") return ok("integrity", `SQLite finds no damage (${pragma})`);
  const todo = "Copy the file, restore a backup beside it, and see what each still has";
  return problem("integrity", `the database is damaged: ${found.slice(0, 3).join("; ")}`, todo);
}

interface SchemaObject {
  readonly name: string;
  readonly type: string;
  readonly sql: string;
}

/** Compares our tables, indexes and triggers with those that the migrations make. */
export function checkSchema(connection: SqliteConnection, version: number): Finding {
  if (version < schemaVersion) {
    return warning(
      "schema",
      `version ${version}; this library writes ${schemaVersion}`,
      "Nothing: the next program that records brings it up to date",
    );
  }
  const found = new Map(readObjects(connection).map((object) => [object.name, object]));
  const expected = expectedObjects();
  const changed = expected.filter(({ name, sql }) => found.has(name) && found.get(name)!.sql !== sql);
  const missing = expected.filter(({ name }) => !found.has(name));
  const guards = [...missing, ...changed].filter(({ type }) => type === "trigger");
  if (guards.length > 0) {
    return tampered("schema", `what refuses changes to entries was taken away: ${showNames(guards)}`);
  }
  const others = [...missing, ...changed];
  if (others.length === 0)
    return ok(
      "schema",
      `version ${version}; ${counted(expected.length, "table, index or trigger is", "tables, indexes and triggers are")} as they should be`,
    );
  return problem("schema", `missing or changed: ${showNames(others)}`, "Restore the file from a backup");
}

function showNames(objects: readonly SchemaObject[]): string {
  const names = objects.slice(0, 3).map(({ name }) => name);
  return `${names.join(", ")}${objects.length > 3 ? ` and ${objects.length - 3} more` : ""}`;
}

function expectedObjects(): readonly SchemaObject[] {
  const connection = openNodeSqlite(":memory:", { readOnly: false });
  try {
    for (const sql of migrations) connection.exec(sql);
    return readObjects(connection);
  } finally {
    connection.close();
  }
}

/** Tables that full-text search makes for itself are its own business. */
function readObjects(connection: SqliteConnection): readonly SchemaObject[] {
  const sql =
    "SELECT name, type, sql FROM sqlite_schema WHERE name GLOB 'auditrail_*' AND name NOT GLOB 'auditrail_text_*' AND sql IS NOT NULL";
  return (connection.prepare(sql).all() as SqliteRow[]).map(({ name, type, sql: text }) => ({
    name: String(name),
    type: String(type),
    sql: String(text).replace(/\s+/g, " "),
  }));
}
