/** An open pantry: its database, its trail, and how the two change together. */

import { DatabaseSync } from "node:sqlite";

import { pino, type Logger } from "pino";

import { openTrail, type Actions, type Catalogue, type Clock, type Trail, type TransactionRecorder } from "auditrail";
import { createLogStream } from "auditrail/pino";
import { openPostgresStore } from "auditrail/postgres";
import { auditSignIn, type SignInAudit } from "auditrail/sign-in";
import { openSqliteOutbox, openSqliteStore, type SqliteOutbox } from "auditrail/sqlite";

import { catalogue } from "../catalogue.ts";
import { createSql, type Sql } from "./sql.ts";
import { tables } from "./tables.ts";

export type PantryActions = typeof catalogue extends Catalogue<infer A extends Actions> ? A : never;
export type Store = Awaited<ReturnType<typeof openSqliteStore>>;
export type PantryTrail = Trail<PantryActions, DatabaseSync>;
/** Records an entry in the transaction that is under way. */
export type Record = TransactionRecorder<PantryActions>["recordSync"];

export interface PantryOptions {
  readonly file: string;
  /** The address of a Postgres database for the trail, made when it is missing; in the pantry's own file unless given. */
  readonly trailAt?: string | undefined;
  readonly clock?: Clock;
  /** Fractions from 0 to 1 that nobody can guess; the seed gives some that repeat. */
  readonly chance?: () => number;
  /** The pantry's own time, for order windows and days. */
  readonly zone?: string;
  /** Log2 of scrypt's N; 15 unless said. Lower is for the seed and for tests. */
  readonly passwordCostLog2?: number;
}

export type LoggerName = "apps.orders" | "apps.voucher" | "apps.account" | "apps.pantry";

export interface Pantry {
  readonly file: string;
  readonly database: DatabaseSync;
  /** Statements as text with values in their places: `sql.get`SELECT … WHERE number = ${number}``. */
  readonly sql: Sql;
  readonly store: Store;
  readonly trail: PantryTrail;
  readonly signIns: SignInAudit;
  /** The program's own log, which is the system log: `apps.orders`, `apps.voucher`, `apps.account`, `apps.pantry`. */
  readonly log: (logger: LoggerName) => Logger;
  readonly chance: () => number;
  readonly zone: string;
  readonly passwordCostLog2: number;
  readonly now: () => Date;
  /** Runs `work` in one transaction: all that it changes and records is kept, or nothing of it. It must not wait for anything. */
  readonly transaction: <Result>(work: (record: Record) => Result) => Result;
  /** Resolves when all that was committed is in the trail: at once, unless that is in another database. */
  readonly delivered: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What a person did wrong, in words for that person. Everything else that is thrown is a fault of ours. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

export async function openPantry(options: PantryOptions): Promise<Pantry> {
  const { file, clock, chance = secureChance, zone = localZone(), passwordCostLog2 = 15 } = options;
  const timing = clock === undefined ? {} : { clock };
  const { store, delivered } = await openStore(options);
  const trail = await openTrail({
    ...{ catalogue, store, service: "pantry", spool: { directory: `${file}.spool` } },
    ...timing,
  });
  const lines = createLogStream(trail, timing);
  const loggers = new Map<LoggerName, Logger>();
  const log = (name: LoggerName): Logger => {
    const known = loggers.get(name) ?? pino({ name }, lines);
    loggers.set(name, known);
    return known;
  };
  const database = new DatabaseSync(file, { timeout: 5_000 });
  // Deleted rows leave no bytes behind: who asks to be forgotten is.
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; ${tables}`,
  );
  const sql = createSql(database);
  const transaction = <Result>(work: (record: Record) => Result): Result => {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work(trail.in(database).recordSync);
      database.exec("COMMIT");
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    ...{
      file,
      database,
      sql,
      store,
      trail,
      log,
      chance,
      zone,
      passwordCostLog2,
      transaction,
      delivered,
    },
    signIns: auditSignIn(trail),
    now: () => (clock === undefined ? new Date() : new Date(clock.nowMicros() / 1000)),
    close: async () => {
      database.close();
      await lines.close();
      await trail.close();
    },
  };
}

/**
 * In the pantry's own file an entry is in the trail when its transaction has committed. In another database it cannot be: there it
 * waits in an outbox in the file, kept by the same transaction, until it is delivered.
 */
async function openStore({ file, trailAt, clock }: PantryOptions) {
  const settings = { createIfMissing: true, ...(clock === undefined ? {} : { clock }) };
  const origin = "audit.example.org/pantry";
  if (trailAt === undefined)
    return { store: await openSqliteStore({ file, origin, ...settings }), delivered: () => Promise.resolve() };
  const store = await openPostgresStore({ connection: trailAt, origin, ...settings });
  const outbox: SqliteOutbox = openSqliteOutbox({ file, store, ...settings });
  return {
    store: outbox as Store,
    async delivered() {
      await outbox.deliver();
      await store.sequence();
    },
  };
}

/** The day it is in the pantry's own time, as `2026-11-26`. */
export function dayOf({ zone }: Pick<Pantry, "zone">, at: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(at);
}

function secureChance(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}

function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
