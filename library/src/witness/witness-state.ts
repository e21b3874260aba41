/**
 * What a witness remembers: the largest checkpoint it has cosigned of each log. A SQLite file of its own.
 *
 *     cosigned (origin, size, root, note, cosigned_at)       one row for each log
 *     fork (origin, seen_at, held, submitted)                two notes that convict whoever signed both
 *
 * Checking and keeping is one write transaction, so that two requests at once, or two processes, cannot both be answered
 * from the same old checkpoint. It is on disk before the answer is sent: a crash in between costs the log one answer.
 */

import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";

import { AuditError, quote } from "../base/errors.ts";

export interface CosignedCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

export interface Fork {
  readonly origin: string;
  readonly seenAtMicros: number;
  /** What the witness had cosigned. */
  readonly held: string;
  readonly submitted: string;
}

export interface WitnessState extends Disposable {
  read(origin: string): CosignedCheckpoint | undefined;
  /** Inside a transaction only. */
  write(checkpoint: CosignedCheckpoint, cosignedAtMicros: number): void;
  keepFork(fork: Fork): void;
  /** Runs `work` alone, and keeps what it wrote, on disk, when it returns; nothing when it throws. */
  transaction<Result>(work: () => Result): Result;
  listForks(): readonly Fork[];
}

/** Of one log: enough to convict it, and no way to fill the disk. */
const maxForksPerLog = 100;

const schema = `
CREATE TABLE IF NOT EXISTS cosigned (
  origin      TEXT PRIMARY KEY,
  size        INTEGER NOT NULL,
  root        BLOB NOT NULL CHECK (length(root) = 32),
  note        TEXT NOT NULL,
  cosigned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS cosigned_forward BEFORE UPDATE ON cosigned WHEN new.size < old.size
BEGIN SELECT RAISE(ABORT, 'a witness does not go back'); END;
CREATE TRIGGER IF NOT EXISTS cosigned_for_ever BEFORE DELETE ON cosigned
BEGIN SELECT RAISE(ABORT, 'a witness does not forget'); END;
CREATE TABLE IF NOT EXISTS fork (
  number    INTEGER PRIMARY KEY,
  origin    TEXT NOT NULL,
  seen_at   INTEGER NOT NULL,
  held      TEXT NOT NULL,
  submitted TEXT NOT NULL
) STRICT;`;

/** Opens the state of a witness; a missing file is made. Errors: `STORE_FAILED`. */
export function openWitnessState(file: string): WitnessState {
  const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");
  try {
    const database = new DatabaseSync(file, { timeout: 5_000 });
    // A journal, not a write-ahead log: one file. EXTRA also syncs the directory after the journal is deleted; without,
    // it may come back after a power cut and undo a commit whose cosignature was sent.
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON");
    database.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT`);
    return stateIn(database);
  } catch (cause) {
    throw new AuditError(
      "STORE_FAILED",
      `Cannot open the state of a witness at ${quote(file)}: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

function stateIn(database: DatabaseSync): WitnessState {
  const find = database.prepare("SELECT size, root, note FROM cosigned WHERE origin = ?");
  const put = database.prepare(
    "INSERT INTO cosigned (origin, size, root, note, cosigned_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET " +
      "size = excluded.size, root = excluded.root, note = excluded.note, cosigned_at = excluded.cosigned_at",
  );
  const addFork = database.prepare(
    "INSERT INTO fork (origin, seen_at, held, submitted) SELECT ?1, ?2, ?3, ?4 " +
      "WHERE (SELECT count(*) FROM fork WHERE origin = ?1) < ?5 AND NOT EXISTS (SELECT 1 FROM fork WHERE submitted = ?4)",
  );
  return {
    read(origin) {
      const row = find.get(origin);
      if (row === undefined) return undefined;
      return { origin, size: Number(row["size"]), root: row["root"] as Uint8Array, note: row["note"] as string };
    },
    write: ({ origin, size, root, note }, cosignedAtMicros) => void put.run(origin, size, root, note, cosignedAtMicros),
    keepFork: ({ origin, seenAtMicros, held, submitted }) =>
      void addFork.run(origin, seenAtMicros, held, submitted, maxForksPerLog),
    transaction(work) {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    listForks: () =>
      database
        .prepare("SELECT origin, seen_at, held, submitted FROM fork ORDER BY number")
        .all()
        .map((row) => ({
          ...{ origin: row["origin"] as string, seenAtMicros: Number(row["seen_at"]) },
          ...{ held: row["held"] as string, submitted: row["submitted"] as string },
        })),
    [Symbol.dispose]: () => database.close(),
  };
}
