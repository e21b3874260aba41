/**
 * One open database with everything that can be asked of it, as plain synchronous functions: run in the caller's
 * thread, or in a thread of its own (`session-thread.ts`).
 */

import { statSync } from "node:fs";

import { AuditError, isAuditError, quote } from "../../base/errors.ts";
import type { CatalogueDescription } from "../../event/describe.ts";
import type { StoredEntry } from "../../event/entry.ts";
import type { Placed, AppendOptions, PreparedEntry, StoredCheckpoint, StoredPage } from "../../trail/contracts.ts";
import type { CountRequest, PageRequest } from "../../query/request.ts";
import { checkDerived } from "./check-derived.ts";
import { checkTotals } from "./check-totals.ts";
import { readValue, selectSqliteCopy, type SqliteConnection, type SqliteRow } from "./driver.ts";
import { createErasureOperations } from "./erasure-operations.ts";
import { openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
import {
  packAppended,
  packStored,
  unpackEntries,
  type PackedAppended,
  type PackedEntries,
  type PackedStored,
} from "./packed-batch.ts";
import { createReader, type Reader } from "./reader.ts";
import { readMeta } from "./schema.ts";
import { translateSqliteError } from "./sqlite-errors.ts";
import { createSqlRunner, type SqlRunner } from "./statement-cache.ts";
import { listCheckpoints, putCheckpoint, readTile, readTree } from "./tree.ts";
import { createWriter, type Writer } from "./writer.ts";

interface OpenParts {
  readonly connection: SqliteConnection;
  readonly run: SqlRunner;
  readonly reader: Reader;
  /** Absent in a read-only session. */
  readonly writer: Writer | undefined;
  readonly fileId: string | undefined;
}

/** A {@link StoredPage} as it travels from a thread. */
export interface PackedPage extends Omit<StoredPage, "entries"> {
  readonly entries: PackedStored;
}

/** All operations, by name, as they travel to a thread. */
export function openSession(options: OpenDatabaseOptions) {
  let open: OpenParts | undefined = openParts(options);
  const origin = readMeta(open.connection, "origin")!;
  const sqliteCopy = String(readValue(open.connection, selectSqliteCopy));

  let distrusted = false;

  function reopen(): OpenParts {
    const parts = openParts({ ...options, createIfMissing: false });
    const found = readMeta(parts.connection, "origin")!;
    if (found !== origin) {
      closeQuietly(parts.connection);
      throw new AuditError(
        "STORE_FOREIGN",
        `Cannot go on writing to ${quote(options.file)}: another trail (${quote(found)}) has taken the place of ${quote(origin)}. Open the store anew.`,
      );
    }
    if (distrusted && !options.readOnly) moveLogIntoDatabase(parts.connection);
    distrusted = false;
    return parts;
  }

  /** Appends only to the file that has the store's name: one that was moved or deleted meanwhile takes commits without a word. */
  function toWriter({ connection, writer, fileId }: OpenParts): Writer {
    if (writer === undefined) throw readOnly();
    if (fileId === identify(options.file)) return writer;
    closeQuietly(connection);
    open = undefined;
    open = reopen();
    return toWriter(open);
  }

  /**
   * Runs one operation. After a failure whose outcome is unknown the connection is given up: what SQLite and the
   * kernel then believe to be on disk may not be. The next call opens a fresh one.
   */
  function use<Result>(doing: string, operation: (parts: OpenParts) => Result): Result {
    try {
      open ??= reopen();
      return operation(open);
    } catch (error) {
      const translated = translateSqliteError(doing, error);
      if (open !== undefined && losesTrust(error, translated)) {
        closeQuietly(open.connection);
        open = undefined;
        distrusted = true;
      }
      throw translated;
    }
  }

  const append = (entries: readonly PreparedEntry[], appendOptions?: AppendOptions): readonly Placed[] =>
    use("append entries", (parts) => toWriter(parts).append(entries, appendOptions));

  const page = (request: PageRequest): StoredPage =>
    use("read a page of entries", ({ reader }) => reader.page(request));
  const read = (tenant: string, from: number, to: number): readonly StoredEntry[] =>
    use("read entries", ({ reader }) => reader.read(tenant, from, to));

  const operations = {
    append,
    page,
    read,
    ...createPackedOperations({ append, page, read }),
    count: (request: CountRequest) => use("count entries", ({ reader }) => reader.count(request)),
    readById: (tenant: string, id: string) => use("read an entry", ({ reader }) => reader.readById(tenant, id)),
    listTrails: () => use("list trails", ({ reader }) => reader.listTrails()),
    readTree: (tenant: string) => use("read a tree", ({ run }) => readTree(run, tenant)),
    readTile: (tenant: string, level: number, number: number) =>
      use("read a tile", ({ run }) => readTile(run, tenant, level, number)),
    checkDerived: (tenant: string, from: number, to: number) =>
      use("check what is derived", ({ connection }) => checkDerived(connection, tenant, from, to)),
    checkTotals: (tenant: string) => use("check what is derived", ({ connection }) => checkTotals(connection, tenant)),
    putCheckpoint: (tenant: string, checkpoint: Omit<StoredCheckpoint, "number">) =>
      use("keep a checkpoint", ({ run }) => putCheckpoint(run, tenant, checkpoint)),
    listCheckpoints: (tenant: string, after: number, limit: number) =>
      use("list checkpoints", ({ run }) => listCheckpoints(run, tenant, after, limit)),
    readSettled: (producer: string) =>
      use("read a producer's count", ({ connection }) => readSettled(connection, producer)),
    putCatalogue: (description: CatalogueDescription) =>
      use("keep the catalogue", ({ connection }) => putCatalogue(connection, description, options.clock.nowMicros())),
    readCatalogue: () => use("read the catalogue", ({ connection }) => readCatalogue(connection)),
    ...createErasureOperations((doing, operation) => use(doing, ({ connection }) => operation(connection)), options),
  };

  return {
    identity: { origin, sqliteCopy },
    operations,
    close(): void {
      open?.connection.close();
      open = undefined;
    },
  };
}

interface PlainOperations {
  append(entries: readonly PreparedEntry[], options?: AppendOptions): readonly Placed[];
  page(request: PageRequest): StoredPage;
  read(tenant: string, from: number, to: number): readonly StoredEntry[];
}

/** The same as they come from and go to another thread. */
function createPackedOperations({ append, page, read }: PlainOperations) {
  return {
    appendPacked: (packed: PackedEntries, appendOptions?: AppendOptions): PackedAppended =>
      packAppended(append(unpackEntries(packed), appendOptions)),
    pagePacked(request: PageRequest): PackedPage {
      const { entries, ...next } = page(request);
      return { entries: packStored(entries), ...next };
    },
    readPacked: (tenant: string, from: number, to: number): PackedStored => packStored(read(tenant, from, to)),
  };
}

export type Session = ReturnType<typeof openSession>;
export type SessionOperations = Session["operations"];

function openParts(options: OpenDatabaseOptions): OpenParts {
  const connection = openDatabase(options);
  const origin = readMeta(connection, "origin")!;
  const run = createSqlRunner(connection);
  return {
    connection,
    run,
    reader: createReader(run),
    fileId: identify(options.file),
    writer: options.readOnly ? undefined : createWriter(connection, origin, options.clock),
  };
}

/** Which file it is, whatever its name; changes when another one takes the name. */
function identify(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}/${found.ino}`;
}

function readOnly(): AuditError {
  return new AuditError(
    "STORE_READ_ONLY",
    "Cannot append entries: the store was opened with readOnly. Open it without to record.",
  );
}

function losesTrust(error: unknown, translated: AuditError): boolean {
  return !isAuditError(error) && (translated.code === "STORE_FAILED" || translated.code === "STORE_CORRUPT");
}

/**
 * After a flush that failed, Linux takes the pages for clean, and the next flush of the same file succeeds without
 * writing them. So the log, whatever of it is readable, is copied into the database file, whose own flush counts.
 * Only then is a commit that "failed" before believed, and its events acknowledged.
 * @see https://wiki.postgresql.org/wiki/Fsync_Errors
 */
function moveLogIntoDatabase(connection: SqliteConnection): void {
  try {
    if (readValue(connection, "PRAGMA wal_checkpoint(TRUNCATE)") === 0) return;
  } catch (error) {
    closeQuietly(connection);
    throw error;
  }
  closeQuietly(connection);
  throw new AuditError(
    "STORE_FAILED",
    "Cannot use the database again after a failed write: its log is being read and cannot be moved into it yet. Try again.",
  );
}

function closeQuietly(connection: SqliteConnection): void {
  try {
    connection.close();
  } catch {
    // It is given up in any case; the error that led here is the one to report.
  }
}

function readSettled(connection: SqliteConnection, producer: string): number {
  const row = connection.prepare("SELECT settled FROM auditrail_producer WHERE id = ?").get(producer) as
    | SqliteRow
    | undefined;
  return Number(row?.["settled"] ?? 0);
}

/** In one statement, because other processes with the same catalogue start at the same time. */
function putCatalogue(connection: SqliteConnection, description: CatalogueDescription, nowMicros: number): void {
  const text = JSON.stringify(description);
  if (readCatalogueText(connection) === text) return;
  const last = "(SELECT description FROM auditrail_catalogue ORDER BY number DESC LIMIT 1)";
  connection
    .prepare(`INSERT INTO auditrail_catalogue (recorded_at, description) SELECT ?, ? WHERE ${last} IS NOT ?`)
    .run(nowMicros, text, text);
}

function readCatalogue(connection: SqliteConnection): CatalogueDescription | undefined {
  const text = readCatalogueText(connection);
  return text === undefined ? undefined : (JSON.parse(text) as CatalogueDescription);
}

function readCatalogueText(connection: SqliteConnection): string | undefined {
  const row = connection.prepare("SELECT description FROM auditrail_catalogue ORDER BY number DESC LIMIT 1").get() as
    | SqliteRow
    | undefined;
  return row?.["description"] as string | undefined;
}
