import { AuditError, isAuditError, quote } from "../../base/errors.ts";
import type { ErrorCode } from "../../base/error-codes.ts";

/** Postgres' conditions that we tell apart: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const bySqlState: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  "3D000": ["STORE_NOT_FOUND", "there is no such database", "Check the address"],
  "3F000": ["STORE_FOREIGN", "the schema is not there", "Check the name, or run `auditrail init`"],
  "42P01": ["STORE_FOREIGN", "our tables are not there", "Run `auditrail init`"],
  "42501": ["STORE_READ_ONLY", "the role may not do that", "See grantStatements() for what each role needs"],
  "25006": ["STORE_READ_ONLY", "the database cannot be written", "Connect to the primary server"],
  "53100": ["STORE_FULL", "the server's disk is full", "Free some space; the spool keeps new events meanwhile"],
  "55P03": ["STORE_LOCKED", "another transaction holds a lock", "Keep transactions short"],
  "40P01": ["STORE_LOCKED", "transactions wait for each other", "Try again"],
  "40001": ["STORE_LOCKED", "another transaction was first", "Try the whole transaction again"],
  "53300": ["STORE_FAILED", "the server has too many connections", "Use a pooler, or fewer connections"],
  "28P01": ["STORE_FAILED", "the password is wrong", "Check the address"],
  "28000": ["STORE_FAILED", "the server does not let this role in", "Check the address"],
  XX001: ["STORE_CORRUPT", "the database is damaged", "Restore a backup beside it and verify both"],
  XX002: ["STORE_CORRUPT", "an index is damaged", "REINDEX it, then run `auditrail doctor`"],
  AUD01: ["STORE_FAILED", "the database refuses it", "See the cause"],
};

export function sqlStateOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** The one place where a driver's error becomes ours. `doing` completes "Cannot …". */
export function translatePostgresError(doing: string, error: unknown): AuditError {
  if (isAuditError(error)) return error;
  const found = error instanceof Error ? error.message : String(error);
  const [code, what, remedy] = bySqlState[sqlStateOf(error) ?? ""] ?? [
    "STORE_FAILED",
    "Postgres failed",
    "See the cause",
  ];
  return new AuditError(code, `Cannot ${doing}: ${what} (${quote(found, 200)}). ${remedy}.`, { cause: error });
}
