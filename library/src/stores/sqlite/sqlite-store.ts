import { setTimeout as sleep } from "node:timers/promises";

import { AuditError, assertKnownOptions, isAuditError, quote } from "../../base/errors.ts";
import { systemClock, type Clock } from "../../base/time.ts";
import type { Store } from "../../trail/contracts.ts";
import { appendInTransaction } from "./append-in-transaction.ts";
import { appendSteps } from "./append-steps.ts";
import { createErasing } from "./erasing.ts";
import { openNodeSqlite, type OpenConnection } from "./driver.ts";
import { closedError, openInlineSession, openThreadSession, type SessionClient } from "./session-client.ts";
import type { SqliteTransaction } from "./transaction.ts";

export interface SqliteStoreOptions {
  /** The database file. It may be the application's own: all our tables start with `auditrail_`. */
  readonly file: string;
  /** Makes the file, or our tables in it, where there are none. Off by default: a mistyped path must not start an empty trail. */
  readonly createIfMissing?: boolean;
  /** Opens for reading only; nothing can be recorded. */
  readonly readOnly?: boolean;
  /** What the origins of a new store's trails start with, such as `audit.example.com/shop`; made up when absent. */
  readonly origin?: string;
  /** How long to wait for another writer, in milliseconds. 5,000 by default: longer than any healthy write transaction. */
  readonly lockTimeoutMs?: number;
  /** Whether SQLite runs in threads of its own. On by default; off where `openConnection` or `clock` is given. */
  readonly threads?: boolean;
  /** Opens connections of another driver, such as better-sqlite3. */
  readonly openConnection?: OpenConnection;
  readonly clock?: Clock;
}

const optionNames = [
  "file",
  "createIfMissing",
  "readOnly",
  "origin",
  "lockTimeoutMs",
  "threads",
  "openConnection",
  "clock",
];
const originPattern = /^[a-z0-9][a-z0-9.-]*(\/[A-Za-z0-9._~-]+)*$/;

/**
 * Opens a store in a SQLite file. A transaction to record in is a `DatabaseSync` or better-sqlite3 handle on the same
 * file that has one open, or what Kysely or Drizzle hand to a transaction's function.
 *
 * Errors: `STORE_NOT_FOUND`, `STORE_FOREIGN`, `STORE_NEWER`, `STORE_CORRUPT`, `STORE_READ_ONLY`, `STORE_UNSAFE`,
 * `STORE_LOCKED`, `RUNTIME_UNSUPPORTED`, `OPTION_INVALID`, `OPTION_UNKNOWN`.
 *
 * @example
 * const store = await openSqliteStore({ file: "audit.db", createIfMissing: true });
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store<SqliteTransaction>> {
  assertOptions(options);
  const lockTimeoutMs = options.lockTimeoutMs ?? 5_000;
  const writable = !(options.readOnly ?? false);
  const first = await openSession(options, !writable, lockTimeoutMs);
  let closing: Promise<void> | undefined;
  // Readers have a session of their own, so that a long search does not hold up a commit. Opened when first asked.
  let second: Promise<SessionClient> | undefined;
  const reader = (): Promise<SessionClient> => {
    if (closing !== undefined) return Promise.reject(closedError());
    if (!writable) return Promise.resolve(first);
    second ??= openSession({ ...options, createIfMissing: false }, true, lockTimeoutMs).catch((error: unknown) => {
      second = undefined; // The next question tries again.
      throw error;
    });
    return second;
  };
  // Reading meets locks too: while another process opens or closes the database, or recovers it after a crash.
  const reading = <Result>(work: (session: SessionClient) => Promise<Result>): Promise<Result> =>
    retryWhileLocked(lockTimeoutMs, async () => work(await reader()));
  const read: SessionClient["call"] = (...call) => reading((session) => session.call(...call));
  const underWay = new Set<Promise<unknown>>();
  const writing = <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (closing !== undefined) return Promise.reject(closedError());
    const written = retryWhileLocked(lockTimeoutMs, work);
    underWay.add(written);
    const done = (): unknown => underWay.delete(written);
    written.then(done, done);
    return written;
  };
  const write: SessionClient["call"] = (...call) => writing(() => first.call(...call));
  const close = async (): Promise<void> => {
    await Promise.allSettled(underWay);
    await (await second?.catch(() => undefined))?.close();
    await first.close();
  };

  return {
    kind: "sqlite",
    origin: first.identity.origin,
    append: (entries, appendOptions) => writing(() => first.append(entries, appendOptions)),
    appendIn(transaction, entries) {
      if (closing !== undefined) throw closedError();
      const target = { ...first.identity, clock: options.clock ?? systemClock };
      return appendInTransaction(transaction, () => appendSteps(transaction, entries, target));
    },
    page: (request) => reading((session) => session.page(request)),
    count: (request) => read("count", request),
    read: (tenant, from, to) => reading((session) => session.read(tenant, from, to)),
    readById: (tenant, id) => read("readById", tenant, id),
    listTrails: () => read("listTrails"),
    readTree: (tenant) => read("readTree", tenant),
    readTile: (tenant, level, number) => read("readTile", tenant, level, number),
    checkDerived: (tenant, from, to) => read("checkDerived", tenant, from, to),
    checkTotals: (tenant) => read("checkTotals", tenant),
    putCheckpoint: (tenant, checkpoint) => write("putCheckpoint", tenant, checkpoint),
    listCheckpoints: (tenant, after, limit) => read("listCheckpoints", tenant, after, limit),
    ...createErasing({ read, write }),
    readSettled: (producer) => read("readSettled", producer),
    putCatalogue: (description) => write("putCatalogue", description),
    readCatalogue: () => read("readCatalogue"),
    close: () => (closing ??= close()),
  };
}

function openSession(options: SqliteStoreOptions, readOnly: boolean, lockTimeoutMs: number): Promise<SessionClient> {
  const { file, origin } = options;
  const createIfMissing = (options.createIfMissing ?? false) && !readOnly;
  const common = { file, createIfMissing, readOnly, origin: readOnly ? undefined : origin };
  if (options.threads ?? (options.openConnection === undefined && options.clock === undefined))
    return openThreadSession({ ...common, lockTimeoutMs });
  const { openConnection = openNodeSqlite, clock = systemClock } = options;
  return retryWhileLocked(lockTimeoutMs, async () => openInlineSession({ ...common, openConnection, clock }));
}

/** Waits in the event loop, never inside SQLite, which would block a whole thread. */
async function retryWhileLocked<Result>(lockTimeoutMs: number, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + lockTimeoutMs;
  for (let waitMs = 1; ; waitMs = Math.min(2 * waitMs, 50)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isAuditError(error) || error.code !== "STORE_LOCKED" || performance.now() + waitMs > giveUpAt) throw error;
    }
    await sleep(waitMs * (0.5 + cryptoFraction()));
  }
}

/** A fraction from 0 to 1, so that waiting writers do not try in step. */
function cryptoFraction(): number {
  return crypto.getRandomValues(new Uint8Array(1))[0]! / 256;
}

function assertOptions(options: SqliteStoreOptions): void {
  assertKnownOptions("openSqliteStore()", options, optionNames);
  const invalid = (problem: string) => new AuditError("OPTION_INVALID", `Cannot open a SQLite store: ${problem}.`);
  if (typeof options.file !== "string" || options.file === "")
    throw invalid("file must be the path of a database file");
  if (options.file === ":memory:")
    throw invalid('":memory:" is not durable; use openMemoryStore() from "auditrail/memory"');
  if (options.origin !== undefined && !originPattern.test(options.origin)) {
    throw invalid(
      `origin ${quote(options.origin)} must look like audit.example.com/shop: a host and a path, without scheme or spaces`,
    );
  }
  if (options.threads === true && (options.openConnection !== undefined || options.clock !== undefined)) {
    throw invalid("threads cannot be combined with openConnection or clock, which are functions of this thread");
  }
}
