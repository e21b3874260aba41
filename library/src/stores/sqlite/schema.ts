/** Making, opening and migrating the tables. Making is never a side effect of opening: it has to be asked for. */

import { AuditError, quote } from "../../base/errors.ts";
import { readValue, type SqliteConnection, type SqliteRow } from "./driver.ts";
import { createTrail } from "./migrations/0001-create-trail.ts";
import { appendStatement } from "./migrations/0002-append-statement.ts";
import { tallyOfKinds } from "./migrations/0003-tally-of-kinds.ts";
import { indexWithoutReads } from "./migrations/0004-index-without-reads.ts";

/** Append-only once released: migration n brings version n - 1 to version n. */
export const migrations: readonly string[] = [createTrail, appendStatement, tallyOfKinds, indexWithoutReads];

export const schemaVersion = migrations.length;

/** 3.51.3 mends a bug by which two writing connections could corrupt a WAL database (all versions since 3.7.0). */
const oldestSqlite = [3, 51, 3] as const;

/** Errors: `RUNTIME_UNSUPPORTED`. */
export function assertSqliteVersion(version: string): void {
  const parts = version.split(".").map(Number);
  const difference = oldestSqlite.map((part, index) => (parts[index] ?? 0) - part).find((step) => step !== 0) ?? 0;
  if (difference >= 0) return;
  throw new AuditError(
    "RUNTIME_UNSUPPORTED",
    `Cannot use SQLite ${version}: versions before ${oldestSqlite.join(".")} can corrupt a database that two connections write. ` +
      "Use Node 24.15 or newer, or better-sqlite3 13 or newer.",
  );
}

/** The version of our tables in a database, or `undefined` where it has none of them. */
export function readSchemaVersion(connection: SqliteConnection): number | undefined {
  const found = readValue(
    connection,
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'auditrail_meta'",
  );
  if (found === 0) return undefined;
  return Number(readMeta(connection, "schema_version"));
}

export function readMeta(connection: SqliteConnection, name: string): string | undefined {
  const row = connection.prepare("SELECT value FROM auditrail_meta WHERE name = ?").get(name) as SqliteRow | undefined;
  return row?.["value"] as string | undefined;
}

/** Errors: `STORE_FOREIGN`, `STORE_NEWER`. */
export function assertOurs(file: string, version: number | undefined): asserts version is number {
  if (version === undefined) {
    throw new AuditError(
      "STORE_FOREIGN",
      `Cannot open ${quote(file)} as a trail: it is a database without our tables. ` +
        "If the trail is to live beside your own tables, pass createIfMissing: true or run `auditrail init` on it.",
    );
  }
  if (version > schemaVersion) throw newer(file, version);
}

function newer(file: string, version: number): AuditError {
  return new AuditError(
    "STORE_NEWER",
    `Cannot open ${quote(file)}: its schema is version ${version}, and this library knows up to ${schemaVersion}. Update auditrail.`,
  );
}

export interface MigrateOptions {
  /** For errors. */
  readonly file: string;
  /** Of a new store. */
  readonly origin: string;
  readonly nowMicros: number;
}

/** Brings the tables to the current version in one transaction. Any number of processes may try at once. */
export function migrate(connection: SqliteConnection, { file, origin, nowMicros }: MigrateOptions): void {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const version = readSchemaVersion(connection) ?? 0;
    // A newer process may have been here since the version was looked at: it must not be taken back.
    if (version > schemaVersion) throw newer(file, version);
    for (const sql of migrations.slice(version)) connection.exec(sql);
    if (version === 0) {
      const put = connection.prepare("INSERT INTO auditrail_meta (name, value) VALUES (?, ?)");
      put.run("origin", origin);
      put.run("created_at", String(nowMicros));
      put.run("schema_version", String(schemaVersion));
    } else {
      connection
        .prepare("UPDATE auditrail_meta SET value = ? WHERE name = 'schema_version'")
        .run(String(schemaVersion));
    }
    connection.exec("COMMIT");
  } catch (error) {
    try {
      connection.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself; the first error is the one to report.
    }
    throw error;
  }
}
