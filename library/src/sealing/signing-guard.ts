/**
 * The signing guard: what was signed last about each trail, in a file that a restored database does not bring back.
 *
 * Whoever signs a checkpoint first makes sure that it continues the one in the guard, and writes it there before the
 * signature leaves the process. An older copy of the database then cannot be signed by mistake, which would be a fork.
 *
 * The file is a small SQLite database of its own, for two things that a plain file does not have: an atomic durable
 * write of many trails at once, and a lock that the operating system lifts when its process is killed. It holds
 *
 *     guard (origin, tenant, epoch, note, signed_at, published)        one row for each trail
 *
 * where the note is the truth: it is believed only with a signature by one of our keys. `published` says that the note
 * has reached the store (and the anchor trail): a crash in between leaves 0, and the same note is put there later.
 */

import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

import { AuditError, quote } from "../base/errors.ts";

export interface GuardRecord {
  /** The trail's origin, without the epoch. */
  readonly origin: string;
  readonly tenant: string;
  /** Counts from 1. */
  readonly epoch: number;
  /** The last checkpoint that was signed, a signed note. */
  readonly note: string;
  readonly signedAtMicros: number;
  readonly published: boolean;
}

/** The guard, while nobody else has it. */
export interface SigningGuard extends Disposable {
  read(origin: string): GuardRecord | undefined;
  /** The records of all trails of a store, by its origin. */
  list(storeOrigin: string): readonly GuardRecord[];
  /** All of them, on disk when it returns, or none. */
  write(records: readonly GuardRecord[]): void;
  markPublished(origins: readonly string[]): void;
}

export interface OpenGuardOptions {
  readonly file: string;
  /** How long to wait for another process that is signing, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens the guard for one process alone; a missing file is made. Errors: `GUARD_LOCKED` when another process has it for
 * longer than that, `GUARD_INVALID` for a file that is no guard.
 */
export async function openSigningGuard({ file, timeoutMs, signal }: OpenGuardOptions): Promise<SigningGuard> {
  const giveUpAt = performance.now() + timeoutMs;
  for (let waitMs = 2; ; waitMs = Math.min(2 * waitMs, 100)) {
    const database = tryOpen(file);
    if (database !== undefined) return guardIn(database, file);
    if (performance.now() + waitMs > giveUpAt) throw locked(file, timeoutMs);
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  }
}

const schema = `CREATE TABLE IF NOT EXISTS guard (
  origin    TEXT PRIMARY KEY,
  tenant    TEXT NOT NULL,
  epoch     INTEGER NOT NULL CHECK (epoch >= 1),
  note      TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  published INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

/** `undefined` while another connection has it. */
function tryOpen(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    makeFile(file);
    const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");
    database = new DatabaseSync(file, { timeout: 0 });
    // Exclusive: the lock of the first transaction is kept until the connection ends, however that happens. A journal,
    // not a write-ahead log: one file. A journal that was deleted may come back after a power cut and undo what was committed.
    // Against that SQLite, while the lock is exclusive, overwrites its header and syncs it; EXTRA syncs the directory at the end.
    database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON",
    );
    database.exec(`BEGIN EXCLUSIVE; ${schema}; COMMIT`);
    return database;
  } catch (cause) {
    database?.close();
    if (primaryCode(cause) === sqliteBusy) return undefined;
    throw unusable(file, cause);
  }
}

/**
 * Made by us, so that it is not made under a permissive umask: whoever can write it can have a fork signed. A file that is
 * there is not opened: closing it again would lift the locks that this process has on it through SQLite (POSIX).
 */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

const sqliteBusy = 5;

function primaryCode(error: unknown): number | undefined {
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === "number" ? errcode & 0xff : undefined;
}

function guardIn(database: DatabaseSync, file: string): SigningGuard {
  const use = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      throw unusable(file, cause);
    }
  };
  const put = database.prepare(
    "INSERT INTO guard (origin, tenant, epoch, note, signed_at, published) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET " +
      "tenant = excluded.tenant, epoch = excluded.epoch, note = excluded.note, signed_at = excluded.signed_at, published = excluded.published",
  );
  const mark = database.prepare("UPDATE guard SET published = 1 WHERE origin = ?");
  const inTransaction = (work: () => void): void =>
    use(() => {
      database.exec("BEGIN");
      try {
        work();
        database.exec("COMMIT");
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    });
  const readAll = (): readonly GuardRecord[] =>
    use(() => database.prepare("SELECT * FROM guard ORDER BY origin").all().map(readRecord));
  return {
    read: (origin) =>
      use(() => database.prepare("SELECT * FROM guard WHERE origin = ?").all(origin).map(readRecord)[0]),
    list: (storeOrigin) => readAll().filter(({ origin }) => isOfStore(origin, storeOrigin)),
    write: (records) =>
      inTransaction(() => {
        for (const { origin, tenant, epoch, note, signedAtMicros, published } of records) {
          put.run(origin, tenant, epoch, note, signedAtMicros, published ? 1 : 0);
        }
      }),
    markPublished: (origins) =>
      inTransaction(() => {
        for (const origin of origins) mark.run(origin);
      }),
    [Symbol.dispose]: () => database.close(),
  };
}

function readRecord(row: Record<string, unknown>): GuardRecord {
  return {
    ...{ origin: row["origin"] as string, tenant: row["tenant"] as string, epoch: Number(row["epoch"]) },
    ...{ note: row["note"] as string, signedAtMicros: Number(row["signed_at"]), published: row["published"] === 1 },
  };
}

/** A trail's origin is the store's and one part more, so that one guard can serve several stores. */
function isOfStore(origin: string, storeOrigin: string): boolean {
  return origin.startsWith(`${storeOrigin}/`) && !origin.slice(storeOrigin.length + 1).includes("/");
}

function locked(file: string, timeoutMs: number): AuditError {
  return new AuditError(
    "GUARD_LOCKED",
    `Cannot sign: another process has had the signing guard ${quote(file)} for more than ${timeoutMs} ms. One signs at a time; end the process if it hangs.`,
  );
}

function unusable(file: string, cause: unknown): AuditError {
  return new AuditError(
    "GUARD_INVALID",
    `Cannot use ${quote(file)} as a signing guard: ${(cause as Error).message}. ` +
      "Put back the right file. If it is beyond repair, move it away and continue with `auditrail trail new-epoch`.",
    { cause },
  );
}
