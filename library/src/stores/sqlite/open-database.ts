import { closeSync, existsSync, openSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { AuditError, quote } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import { makeUpOrigin } from "../../trail/contracts.ts";
import { readValue, type OpenConnection, type SqliteConnection } from "./driver.ts";
import { assertOurs, assertSqliteVersion, migrate, readMeta, readSchemaVersion, schemaVersion } from "./schema.ts";
import { translateSqliteError } from "./sqlite-errors.ts";

export interface OpenDatabaseOptions {
  readonly file: string;
  readonly createIfMissing: boolean;
  readonly readOnly: boolean;
  /** What the origins of a new store's trails start with; made up when absent. */
  readonly origin: string | undefined;
  readonly openConnection: OpenConnection;
  readonly clock: Clock;
}

/**
 * Opens the database as promises need it: WAL and `synchronous=FULL`, read back, on a file system that can lock.
 * Errors: `STORE_NOT_FOUND`, `STORE_FOREIGN`, `STORE_NEWER`, `STORE_CORRUPT`, `STORE_READ_ONLY`, `STORE_UNSAFE`,
 * `RUNTIME_UNSUPPORTED`.
 */
export function openDatabase(options: OpenDatabaseOptions): SqliteConnection {
  const file = resolve(options.file);
  assertPlace(file, options.createIfMissing);
  const doing = `open ${quote(options.file)}`;
  let connection: SqliteConnection | undefined;
  try {
    if (!existsSync(file)) makePrivate(file);
    connection = options.openConnection(file, { readOnly: options.readOnly });
    assertSqliteVersion(String(readValue(connection, "SELECT sqlite_version()")));
    prepare(connection, options);
    return connection;
  } catch (error) {
    connection?.close();
    throw translateSqliteError(doing, error);
  }
}

/** SQLite's own 2 MiB do not hold the inner pages of the indexes from some hundred thousand entries on. */
const cacheKiB = 32 * 1024;

/** The log grows to 32 MiB before it is copied into the database: pages that many commits change are copied once. */
const checkpointPages = 8_000;

/** A new file is its owner's alone: it will hold personal data. SQLite gives its log the permissions of the file. */
export function makePrivate(file: string): void {
  closeSync(openSync(file, "a", 0o600));
}

function prepare(connection: SqliteConnection, options: OpenDatabaseOptions): void {
  const { file, createIfMissing, readOnly } = options;
  const version = readSchemaVersion(connection);
  if (!createIfMissing || version !== undefined) assertOurs(file, version);
  connection.exec(`PRAGMA cache_size = -${cacheKiB}`);
  if (readOnly) return;
  if (readValue(connection, "PRAGMA journal_mode = WAL") !== "wal") {
    throw new AuditError(
      "STORE_UNSAFE",
      `Cannot open ${quote(file)}: SQLite could not switch it to write-ahead logging.`,
    );
  }
  connection.exec(
    "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA foreign_keys = ON",
  );
  connection.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  if (version !== schemaVersion) {
    migrate(connection, { file, origin: options.origin ?? makeUpOrigin(), nowMicros: options.clock.nowMicros() });
  }
  assertSynchronous(Number(readValue(connection, "PRAGMA synchronous")), file);
  assertSameOrigin(connection, options);
}

/** Drivers are compiled with other defaults and may lower it when WAL is first used, so it is read back. */
export function assertSynchronous(level: number, file: string): void {
  if (level >= 2) return;
  throw new AuditError(
    "STORE_UNSAFE",
    `Cannot record through this connection to ${quote(file)}: its PRAGMA synchronous is ${level}, and a commit that is not flushed is lost in a power cut. ` +
      'Run "PRAGMA synchronous = FULL" on it after opening.',
  );
}

function assertSameOrigin(connection: SqliteConnection, { file, origin }: OpenDatabaseOptions): void {
  const kept = readMeta(connection, "origin");
  if (origin === undefined || origin === kept) return;
  throw new AuditError(
    "OPTION_INVALID",
    `Cannot open ${quote(file)} with origin ${quote(origin)}: it was made with ${quote(kept)}, which its entries name. Leave the option out.`,
  );
}

const networkFileSystems: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xfe534d42: "SMB",
  0xff534d42: "CIFS",
  0x01021997: "9P",
};

/** Errors: `STORE_NOT_FOUND`, `STORE_UNSAFE`. */
export function assertPlace(file: string, createIfMissing: boolean): void {
  const directory = dirname(file);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new AuditError(
      "STORE_NOT_FOUND",
      `Cannot open ${quote(file)}: there is no directory ${quote(directory)}. Make it first.`,
    );
  }
  if (existsSync(file) ? statSync(file).isDirectory() : !createIfMissing) {
    throw new AuditError(
      "STORE_NOT_FOUND",
      `Cannot open ${quote(file)}: there is no such file. Check the path; to make a new trail run \`auditrail init\` or pass createIfMissing: true.`,
    );
  }
  const network = networkFileSystems[statfsSync(directory).type];
  if (network !== undefined) {
    throw new AuditError(
      "STORE_UNSAFE",
      `Cannot keep a trail at ${quote(file)}: it is on ${network}, where SQLite's write-ahead log cannot be shared safely. Use a local disk.`,
    );
  }
}
