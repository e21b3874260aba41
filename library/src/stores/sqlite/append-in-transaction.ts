import { AuditError } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Appended, PreparedEntry } from "../../trail/contracts.ts";
import { isInTransaction, type SqliteConnection } from "./driver.ts";
import { assertSynchronous } from "./open-database.ts";
import { assertSqliteVersion, readMeta, readSchemaVersion } from "./schema.ts";
import { translateSqliteError } from "./sqlite-errors.ts";
import { createWriter, type Writer } from "./writer.ts";

interface StoreIdentity {
  readonly origin: string;
  readonly clock: Clock;
}

const writers = new WeakMap<SqliteConnection, Writer>();

/**
 * Appends through the caller's own connection, inside the transaction it has open.
 * Errors: `TRANSACTION_INVALID`, `STORE_UNSAFE`, those of appending.
 */
export function appendInTransaction(
  connection: SqliteConnection,
  entries: readonly PreparedEntry[],
  store: StoreIdentity,
): readonly Appended[] {
  try {
    return writerFor(connection, store).appendWithin(entries);
  } catch (error) {
    throw translateSqliteError("record in the transaction", error);
  }
}

function writerFor(connection: SqliteConnection, store: StoreIdentity): Writer {
  if (typeof (connection as SqliteConnection | undefined)?.prepare !== "function") {
    throw invalid(
      "it is not a SQLite handle. Pass the DatabaseSync or better-sqlite3 handle that has the transaction open",
    );
  }
  if (!isOpenTransaction(connection))
    throw invalid("no transaction is open on it. BEGIN one first, or record without trail.in()");
  const known = writers.get(connection);
  if (known !== undefined) return known;
  if (readSchemaVersion(connection) === undefined || readMeta(connection, "origin") !== store.origin) {
    throw invalid("it is connected to another database than the trail's store. Open it on the same file");
  }
  assertSqliteVersion(connection);
  assertSynchronous(connection, "the trail's database");
  const writer = createWriter(connection, store.origin, store.clock);
  writers.set(connection, writer);
  return writer;
}

/** node:sqlite throws when a closed handle is asked. */
function isOpenTransaction(connection: SqliteConnection): boolean {
  try {
    return isInTransaction(connection);
  } catch (cause) {
    throw invalid("its connection is closed", cause);
  }
}

function invalid(problem: string, cause?: unknown): AuditError {
  return new AuditError("TRANSACTION_INVALID", `Cannot record in this transaction: ${problem}.`, { cause });
}
