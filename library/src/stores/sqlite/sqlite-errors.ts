import { AuditError, isAuditError, quote } from "../../base/errors.ts";
import type { ErrorCode } from "../../base/error-codes.ts";

/** SQLite's primary result codes that we tell apart: https://www.sqlite.org/rescode.html */
const byResultCode: Readonly<Record<number, readonly [ErrorCode, string, string]>> = {
  5: [
    "STORE_LOCKED",
    "another connection holds the write lock",
    "Keep write transactions short, or raise lockTimeoutMs",
  ],
  6: ["STORE_LOCKED", "another statement of this connection holds a lock", "Finish open statements before recording"],
  8: ["STORE_READ_ONLY", "the database cannot be written", "Check the permissions of the file and its directory"],
  11: [
    "STORE_CORRUPT",
    "the database file is damaged",
    "Restore a backup beside it and run `auditrail doctor` on both",
  ],
  13: ["STORE_FULL", "there is no space left", "Free some space; the spool keeps new events meanwhile"],
  14: ["STORE_READ_ONLY", "the file cannot be opened or made", "Check that its directory exists and can be written"],
  26: ["STORE_FOREIGN", "the file is not a SQLite database", "Check the path"],
};

const resultCodes: Readonly<Record<string, number>> = {
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_READONLY: 8,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_NOTADB: 26,
};

/** The result code of an error of either driver: a number on node:sqlite, a name on better-sqlite3. */
function resultCode(error: unknown): number | undefined {
  const { errcode, code } = (error ?? {}) as { readonly errcode?: unknown; readonly code?: unknown };
  if (typeof errcode === "number") return errcode & 0xff;
  if (typeof code !== "string") return undefined;
  const name = Object.keys(resultCodes).find((known) => code === known || code.startsWith(`${known}_`));
  return name === undefined ? undefined : resultCodes[name];
}

/** The driver's own error where a query builder has wrapped it. */
export function driverError(error: unknown): unknown {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return cause instanceof Error && resultCode(error) === undefined && !isAuditError(error) ? driverError(cause) : error;
}

/** The one place where a driver's error becomes ours. `doing` completes "Cannot …". */
export function translateSqliteError(doing: string, thrown: unknown): AuditError {
  const error = driverError(thrown);
  if (isAuditError(error)) return error;
  const found = error instanceof Error ? error.message : String(error);
  const [code, what, remedy] = byResultCode[resultCode(error) ?? -1] ?? [
    "STORE_FAILED",
    "SQLite failed",
    "See the cause",
  ];
  return new AuditError(code, `Cannot ${doing}: ${what} (${quote(found, 200)}). ${remedy}.`, { cause: error });
}
