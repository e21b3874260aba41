/**
 * The accounts file: people, sessions, API keys, saved searches. A SQLite file of its own, beside the trail, so that the
 * trail's file holds nothing that may be changed.
 */

import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { AuditError, quote } from "../../base/errors.ts";

const schema = `
CREATE TABLE IF NOT EXISTS auditrail_server_setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auditrail_server_person (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  name_folded  TEXT NOT NULL UNIQUE,
  password     TEXT NOT NULL,
  roles        TEXT NOT NULL,
  tenants      TEXT,
  disabled     INTEGER NOT NULL DEFAULT 0,
  created_at   INTEGER NOT NULL,
  signed_in_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auditrail_server_handed_over (
  subject TEXT PRIMARY KEY,
  person  TEXT NOT NULL REFERENCES auditrail_server_person (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auditrail_server_nonce (
  nonce      TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auditrail_server_session (
  hash       BLOB PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  person     TEXT NOT NULL REFERENCES auditrail_server_person (id),
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS auditrail_server_session_person ON auditrail_server_session (person);
CREATE TABLE IF NOT EXISTS auditrail_server_key (
  id         TEXT PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,
  label      TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  tenants    TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auditrail_server_search (
  id         TEXT PRIMARY KEY,
  person     TEXT NOT NULL REFERENCES auditrail_server_person (id),
  name       TEXT NOT NULL,
  query      TEXT NOT NULL,
  view       TEXT,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auditrail_server_attempt (
  subject    TEXT PRIMARY KEY,
  failures   INTEGER NOT NULL,
  failed_at  INTEGER NOT NULL,
  open_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

export type Row = Readonly<Record<string, null | number | bigint | string | Uint8Array>>;
type Value = null | number | string | Uint8Array;

export interface AccountsFile {
  get(sql: string, ...values: Value[]): Row | undefined;
  all(sql: string, ...values: Value[]): readonly Row[];
  /** How many rows it changed. */
  run(sql: string, ...values: Value[]): number;
  /** All of it, or nothing where `work` throws. */
  transaction<Result>(work: () => Result): Result;
  /** 32 random bytes that stay with the file: what tokens are signed with. */
  readonly secret: Uint8Array;
  close(): void;
}

/** Opens the file, and makes it when it is missing; `:memory:` keeps nothing. Errors: `STORE_FAILED`. */
export function openAccountsFile(file: string): AccountsFile {
  const database = open(file);
  // The statements are few and always the same, and every request asks for its key or session.
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  const get = (sql: string, ...values: Value[]) => prepare(sql).get(...values) as Row | undefined;
  const run = (sql: string, ...values: Value[]) => Number(prepare(sql).run(...values).changes);
  run("INSERT OR IGNORE INTO auditrail_server_setting VALUES ('secret', ?)", randomBytes(32));
  return {
    get,
    run,
    all: (sql, ...values) => prepare(sql).all(...values) as readonly Row[],
    transaction(work) {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    secret: get("SELECT value FROM auditrail_server_setting WHERE name = 'secret'")!["value"] as Uint8Array,
    close: () => database.close(),
  };
}

function open(file: string): DatabaseSync {
  // Loaded when it is needed: importing a door loads no database.
  const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");
  try {
    // Its owner's alone from the first byte; SQLite gives the files beside it the same mode.
    if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
    const database = new DatabaseSync(file, { timeout: 5_000 });
    database.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON",
    );
    database.exec(schema);
    return database;
  } catch (cause) {
    throw new AuditError("STORE_FAILED", `Cannot open the accounts file ${quote(file)}: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

export function texts(value: Row[string] | undefined): readonly string[] | null {
  return typeof value === "string" ? (JSON.parse(value) as readonly string[]) : null;
}
