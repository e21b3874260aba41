import { AuditError, assertKnownOptions, quote } from "../../base/errors.ts";
import { systemClock, type Clock } from "../../base/time.ts";
import type { Backlog, Placing, Store } from "../../trail/contracts.ts";
import type { PostgresTransaction } from "../../trail/postgres-transaction.ts";
import { startRounds } from "../../trail/rounds.ts";
import { createAppender } from "./appender.ts";
import { createBackground } from "./background.ts";
import { readBacklog } from "./backlog.ts";
import { checkDerived } from "./check-derived.ts";
import { checkTotals } from "./check-totals.ts";
import { type PgPool, openDatabaseOf, type PostgresJs } from "./client.ts";
import { createCalls } from "./calls.ts";
import { createErasing } from "./erasing.ts";
import { putCatalogue, readCatalogue, readSettled } from "./kept-beside.ts";
import { openPool, readAddress } from "./load-pg.ts";
import { assertSchemaName, defaultSchema } from "./names.ts";
import { translatePostgresError } from "./postgres-errors.ts";
import { openInbox, putInTransaction } from "./put-entries.ts";
import { createReader, runnerOf } from "./reader.ts";
import { describeServer, type ServerDescription } from "./describe-server.ts";
import { makePartitions, openSchema } from "./schema.ts";
import { listCheckpoints, putCheckpoint, readTile, readTree } from "./tree.ts";

export interface PostgresStoreOptions {
  /**
   * The database: its address, for which the package `pg` has to be installed, with `?schema=NAME` where it names the schema too; or a `Pool` of `pg` or what `postgres()`
   * gave, which stay the caller's to end.
   */
  readonly connection: string | PgPool | PostgresJs;
  /** The schema that all our tables are in; what the address names, or `auditrail`. */
  readonly schema?: string;
  /** Makes the schema where it is missing. Off by default: a mistyped address must not start an empty trail. */
  readonly createIfMissing?: boolean;
  /** Opens for reading only; nothing can be recorded. */
  readonly readOnly?: boolean;
  /** What the origins of a new store's trails start with, such as `audit.example.com/shop`; made up when absent. */
  readonly origin?: string;
  /** Whether this process gives positions to what is in the inbox. On by default; one process at least has to. */
  readonly sequence?: boolean;
  /** How often the inbox is looked at while nothing is expected in it, in milliseconds; 250 by default. */
  readonly sequenceEveryMs?: number;
  /** How long recording waits for a position that another process has to give, in milliseconds; 2,000 by default. */
  readonly positionWaitMs?: number;
  /** Connections at most, where `connection` is an address; 10 by default. */
  readonly maxConnections?: number;
  readonly clock?: Clock;
}

/** A store in Postgres. */
export interface PostgresStore extends Store<PostgresTransaction> {
  readonly kind: "postgres";
  /** Gives positions now to all that is in the inbox, without waiting for the next round; answers how many. */
  sequence(): Promise<number>;
  /** What waits for its position, and what never will get one. */
  backlog(): Promise<Backlog>;
  /** How the rounds go that give positions; absent where this process gives none. */
  placing?(): Placing;
  /** For `doctor`. */
  describeServer(): Promise<ServerDescription>;
}

const optionNames = [
  ...["connection", "schema", "createIfMissing", "readOnly", "origin", "sequence", "sequenceEveryMs"],
  ...["positionWaitMs", "maxConnections", "clock"],
];
const originPattern = /^[a-z0-9][a-z0-9.-]*(\/[A-Za-z0-9._~-]+)*$/;

/**
 * Opens a store in a schema of a Postgres database, 14 or newer. A transaction to record in is a client of `pg` or
 * postgres.js that has one open on the same database; what is recorded in it gets its position after the commit.
 *
 * Errors: `STORE_NOT_FOUND`, `STORE_FOREIGN`, `STORE_NEWER`, `STORE_READ_ONLY`, `STORE_FAILED`, `RUNTIME_UNSUPPORTED`,
 * `OPTION_INVALID`, `OPTION_UNKNOWN`.
 *
 * @example
 * const store = await openPostgresStore({ connection: process.env.DATABASE_URL, createIfMissing: true });
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  assertOptions(options);
  const { connection, readOnly = false, clock } = options;
  const named = typeof connection === "string" ? readAddress(connection) : undefined;
  const schema = options.schema ?? named?.schema ?? defaultSchema;
  assertSchemaName(schema);
  const isOurs = named !== undefined;
  const database = openDatabaseOf(
    isOurs ? await openPool(named.address, options.maxConnections ?? 10) : (connection as PgPool | PostgresJs),
  );
  const release = (): Promise<void> => (isOurs ? database.close() : Promise.resolve());
  const { createIfMissing = false, origin: wanted } = options;
  const origin = await openSchema(database, { schema, createIfMissing, readOnly, origin: wanted }).catch(
    async (error: unknown) => {
      await release();
      throw translatePostgresError(`open schema ${quote(schema)}`, error);
    },
  );
  const sequences = (options.sequence ?? true) && !readOnly;
  const appender = createAppender({
    ...{ database, schema, origin, clock, sequences },
    positionWaitMs: options.positionWaitMs ?? 2_000,
  });
  const now = (): number => (clock ?? systemClock).nowMicros();
  const run = runnerOf(database, schema);
  const background = createBackground({
    ...{ sequence: appender.sequence, nowMicros: now },
    look: () => readBacklog(run),
    makePartitions: () => makePartitions(database, schema),
  });
  const sequencer = sequences
    ? startRounds({
        ...{ round: background.round, everyMs: options.sequenceEveryMs ?? 250, onError: background.noteFailure },
      })
    : undefined;
  const reader = createReader(run);
  const inbox = openInbox(schema, origin);

  const calls = createCalls(database, schema, readOnly);
  const { use, write, assertWritable } = calls;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await calls.finish();
    await sequencer?.stop();
    await appender.whenIdle();
    await release();
  };

  return {
    kind: "postgres",
    origin,
    wantsDerived: true,
    append: (entries, appendOptions) =>
      use("append entries", async () => {
        assertWritable();
        return appender.append(entries, appendOptions);
      }),
    async appendIn(transaction, entries, putOptions) {
      assertWritable();
      const appended = await putInTransaction(transaction, entries, inbox, putOptions);
      sequencer?.expect();
      return appended;
    },
    sequence: () => use("give positions", () => appender.sequence()),
    describeServer: () => use("look at the server", () => describeServer(run, schema)),
    backlog: () => use("look into the inbox", () => readBacklog(run)),
    ...(sequences ? { placing: background.placing } : {}),
    page: (request) => use("read a page of entries", () => reader.page(request)),
    count: (request) => use("count entries", () => reader.count(request)),
    read: (tenant, from, to) => use("read entries", () => reader.read(tenant, from, to)),
    readById: (tenant, id) => use("read an entry", () => reader.readById(tenant, id)),
    listTrails: () => use("list trails", () => reader.listTrails()),
    readTree: (tenant) => use("read a tree", () => readTree(run, tenant)),
    readTile: (tenant, level, number) => use("read a tile", () => readTile(run, tenant, level, number)),
    checkDerived: (tenant, from, to) => use("check what is derived", () => checkDerived(run, tenant, from, to)),
    checkTotals: (tenant) =>
      use("check what is derived", () =>
        database.snapshot((client) => checkTotals(runnerOf(client, schema), tenant, origin)),
      ),
    putCheckpoint: (tenant, checkpoint) =>
      write("keep a checkpoint", (running) => putCheckpoint(running, tenant, checkpoint)),
    listCheckpoints: (tenant, after, limit) =>
      use("list checkpoints", () => listCheckpoints(run, tenant, after, limit)),
    ...createErasing({ calls, database, schema, now }),
    readSettled: (producer) => use("read a producer's count", () => readSettled(run, producer)),
    putCatalogue: (description) => write("keep the catalogue", (running) => putCatalogue(running, description, now())),
    readCatalogue: () => use("read the catalogue", () => readCatalogue(run)),
    close: () => (closing ??= close()),
  };
}

function assertOptions(options: PostgresStoreOptions): void {
  assertKnownOptions("openPostgresStore()", options, optionNames);
  const { connection, origin } = options;
  const invalid = (problem: string) => new AuditError("OPTION_INVALID", `Cannot open a Postgres store: ${problem}.`);
  if (connection === undefined || connection === null || connection === "")
    throw invalid("connection must be the address of a database, a Pool of pg, or what postgres() gave");
  if (origin !== undefined && !originPattern.test(origin))
    throw invalid(
      `origin ${quote(origin)} must look like audit.example.com/shop: a host and a path, without scheme or spaces`,
    );
  for (const name of ["sequenceEveryMs", "positionWaitMs", "maxConnections"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= (name === "maxConnections" ? 2 : 0)))
      throw invalid(`${name} is ${quote(value)}, expected a whole number`);
  }
}
