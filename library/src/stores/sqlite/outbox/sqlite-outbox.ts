import { AuditError, assertKnownOptions } from "../../../base/errors.ts";
import { formatInstant, systemClock, type Clock } from "../../../base/time.ts";
import type { Backlog, NotedError, Placing, Store } from "../../../trail/contracts.ts";
import { startRounds } from "../../../trail/rounds.ts";
import { appendInTransaction } from "../append-in-transaction.ts";
import { openNodeSqlite, type OpenConnection } from "../driver.ts";
import { translateSqliteError } from "../sqlite-errors.ts";
import type { SqliteTransaction } from "../transaction.ts";
import { deliverSome } from "./deliver-some.ts";
import { openOutboxTable } from "./outbox-table.ts";
import { putSteps } from "./put-steps.ts";

export interface SqliteOutboxOptions {
  /** The application's database. */
  readonly file: string;
  /** Where the trail lives. It is the outbox's from now on, and closed with it. */
  readonly store: Store<never>;
  /** Makes our tables in the file, and the file, where there are none. Off by default, as it is for a store. */
  readonly createIfMissing?: boolean;
  /** How often it is looked for events of other processes, in milliseconds; 250 by default. */
  readonly deliverEveryMs?: number;
  /** Opens connections of another driver, such as better-sqlite3. */
  readonly openConnection?: OpenConnection;
  readonly clock?: Clock;
}

/** A store whose atomic events wait in the application's own database until they are in the trail. */
export interface SqliteOutbox extends Store<SqliteTransaction> {
  /** Delivers now all that is committed; answers how many events. Errors: those of the store. */
  deliver(): Promise<number>;
  /** What waits here and in the store. */
  backlog(): Promise<Backlog>;
  placing(): Placing;
}

const optionNames = ["file", "store", "createIfMissing", "deliverEveryMs", "openConnection", "clock"];
const recordsAtOnce = 400;

/**
 * Opens an outbox: for an application whose data is in SQLite and whose trail is somewhere else, which cannot both commit at
 * once. What is recorded in a transaction is kept in the application's database, with the change; after the commit it is
 * delivered to the store, again and again until that has it, in the order of the commits. An event has its id from the
 * start, so what is delivered twice is there once. Everything else goes to the store directly.
 *
 * Errors: `STORE_NOT_FOUND`, `STORE_FOREIGN`, `STORE_UNSAFE`, `STORE_LOCKED`, `OPTION_UNKNOWN`, `RUNTIME_UNSUPPORTED`.
 *
 * @example
 * const store = openSqliteOutbox({ file: "shop.db", store: await openPostgresStore({ connection }), createIfMissing: true });
 */
export function openSqliteOutbox(options: SqliteOutboxOptions): SqliteOutbox {
  assertKnownOptions("openSqliteOutbox()", options, optionNames);
  const { file, createIfMissing = false, openConnection = openNodeSqlite, clock = systemClock } = options;
  const store = options.store as Store<unknown>;
  const table = openOutboxTable({ file, createIfMissing, openConnection, origin: store.origin });
  const trouble: { failures: number; isFailing: boolean; lastError?: NotedError } = { failures: 0, isFailing: false };
  let closing: Promise<void> | undefined;

  const deliverAll = async (): Promise<number> => {
    for (let delivered = 0; ;) {
      const some = await deliverSome(table, store, recordsAtOnce);
      delivered += some;
      if (some < recordsAtOnce) return delivered;
    }
  };
  // One after the other: two at once would only do the same work twice.
  let turn: Promise<unknown> = Promise.resolve();
  const deliver = (): Promise<number> => {
    const delivered = turn.then(deliverAll).catch((error: unknown) => {
      throw translateSqliteError("deliver the outbox", error);
    });
    turn = delivered.catch(() => undefined);
    return delivered;
  };
  const rounds = startRounds({
    everyMs: options.deliverEveryMs ?? 250,
    async round() {
      const delivered = await deliver();
      trouble.isFailing = false;
      return delivered;
    },
    onError(error) {
      const { code, message } = error as AuditError;
      // Somebody else writes just now: the next round comes soon.
      if (code === "STORE_LOCKED") return;
      trouble.failures += 1;
      trouble.isFailing = true;
      trouble.lastError = { code, message, at: formatInstant(clock.nowMicros()) };
    },
  });
  const waitingHere = (): Backlog => {
    if (closing !== undefined) return { waiting: 0, lagMs: 0, refused: 0 };
    const { waiting, oldestMicros, refused } = table.count();
    const lagMicros = oldestMicros === undefined ? 0 : clock.nowMicros() - oldestMicros;
    return { waiting, refused, lagMs: Math.max(0, Math.round(lagMicros / 1000)) };
  };
  /** What cannot be delivered now is in the application's database, and is at the next opening. */
  const close = async (): Promise<void> => {
    await rounds.stop();
    await deliver().catch(() => undefined);
    table.close();
    await store.close();
  };

  const outbox: Partial<SqliteOutbox> = {
    appendIn(transaction, entries) {
      if (closing !== undefined) throw new AuditError("STORE_CLOSED", "Cannot record: the outbox was closed.");
      const appended = appendInTransaction(transaction, () =>
        putSteps(transaction, entries, table.identity, clock.nowMicros()),
      );
      rounds.expect();
      return appended;
    },
    deliver: () =>
      closing === undefined
        ? deliver()
        : Promise.reject(new AuditError("STORE_CLOSED", "Cannot deliver: the outbox was closed.")),
    backlog: async () => added(waitingHere(), await store.backlog?.()),
    placing() {
      const behind = store.placing?.();
      const { failures, isFailing, lastError = behind?.lastError } = trouble;
      return {
        ...added(waitingHere(), behind),
        failures: failures + (behind?.failures ?? 0),
        isFailing: isFailing || behind?.isFailing === true,
        ...(lastError === undefined ? {} : { lastError }),
      };
    },
    close: () => (closing ??= close()),
  };
  return Object.assign(Object.create(store) as SqliteOutbox, outbox);
}

function added(here: Backlog, behind: Backlog | undefined): Backlog {
  return {
    waiting: here.waiting + (behind?.waiting ?? 0),
    lagMs: Math.max(here.lagMs, behind?.lagMs ?? 0),
    refused: here.refused + (behind?.refused ?? 0),
  };
}
