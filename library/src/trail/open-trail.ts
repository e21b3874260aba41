import { AuditError, assertKnownOptions, isAuditError, quote } from "../base/errors.ts";
import { createIdSource } from "../base/ids.ts";
import { systemClock, type Clock } from "../base/time.ts";
import { runWithContext } from "../context/context.ts";
import { changedPaths } from "../event/changed-paths.ts";
import type { Actions, Catalogue } from "../event/catalogue.ts";
import { describeCatalogue } from "../event/describe.ts";
import type { EventFields } from "../event/event.ts";
import { makeCommitment } from "../integrity/commitment.ts";
import { createRedactor, type RedactorOptions } from "../redaction/redactor.ts";
import { BufferedLedger } from "./buffered-ledger.ts";
import type { Appended, Store } from "./contracts.ts";
import { installExitHooks } from "./exit-hooks.ts";
import { HandOver } from "./hand-over.ts";
import { closedError, Keeper } from "./keeper.ts";
import { createPrepareEvent, type Prepared, type PrepareEvent } from "./prepare-event.ts";
import { prepareGap } from "./prepare-gap.ts";
import { createTrailReader } from "./read-trail.ts";
import { assertSameEvent, receiptOf } from "./receipt.ts";
import { claimFiles, ledgerPath, recoverOrphans, releaseFiles } from "./recover.ts";
import { prepareSpoolDirectory, Spool } from "./spool.ts";
import { createBegin, createTrack } from "./track.ts";
import type { Receipt, Trail, TransactionRecorder } from "./types.ts";

export interface SpoolSettings {
  /** A directory on local disk, made when it is missing. Best on another disk than the store. */
  readonly directory: string;
  /** 64 MiB by default: about a hundred thousand events. */
  readonly maxBytes?: number;
}

export interface TrailOptions<A extends Actions, Tx> {
  readonly catalogue: Catalogue<A>;
  /** Where the trail lives. The trail owns it from now on and closes it. */
  readonly store: Store<Tx>;
  /** Where events wait while the store fails; without one, recording rejects then. */
  readonly spool?: SpoolSettings;
  /** Refuse events without an actor. Off by default: they are recorded with actor `unknown`, and counted. */
  readonly strict?: boolean;
  /** The name of this program, for `context.service`. */
  readonly service?: string;
  /** Field names to treat as secret beyond those we know, and names that look secret but are not. */
  readonly redaction?: Pick<RedactorOptions, "secretNames" | "allowNames">;
  /** How many events may wait to be written before more are refused; 10,000 by default. */
  readonly maxWaiting?: number;
  /** Flush on SIGINT, SIGTERM and SIGHUP, and save on exit. On by default where the catalogue has buffered actions. */
  readonly exitHooks?: boolean;
  readonly clock?: Clock;
}

const optionNames = [
  "catalogue",
  "store",
  "spool",
  "strict",
  "service",
  "redaction",
  "maxWaiting",
  "exitHooks",
  "clock",
];

/**
 * With 1,000 events in flight the caller's thread prepares one batch while the writing thread has another: measured,
 * 0.66 of the bare insert at 400 rows, 0.47 at 1,000, where the two take turns.
 */
const maxBatch = 400;
const defaultMaxWaiting = 10_000;
const defaultSpoolBytes = 64 * 1024 * 1024;

/**
 * Opens the trails of a store for recording and asking. Takes up first what an earlier process of this host left in
 * the spool, and tells what its crash lost.
 *
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, those of the store.
 *
 * @example
 * const trail = await openTrail({ catalogue, store: await openSqliteStore({ file: "audit.db", createIfMissing: true }) });
 */
export async function openTrail<A extends Actions, Tx>(options: TrailOptions<A, Tx>): Promise<Trail<A, Tx>> {
  assertOptions(options);
  const { catalogue, store, clock = systemClock } = options;
  const ids = createIdSource(clock);
  const producer = ids();
  let unknownActors = 0;
  let closing: Promise<void> | undefined;
  const prepareEvent = createPrepareEvent({
    ...{ catalogue, clock, ids, producer, storeOrigin: store.origin, service: options.service },
    strict: options.strict ?? false,
    derives: store.wantsDerived ?? false,
    redactor: createRedactor({ ...options.redaction, commit: makeCommitment, randomSalt, changedPaths }),
    onUnknownActor: () => (unknownActors += 1),
  });
  const { recoveryFailures, ...files } = await openSpoolFiles(options, producer, prepareEvent);
  const keeper: Keeper = new Keeper({
    ...{ store: store as Store<unknown>, producer, clock, maxBatch, ...files },
    maxWaiting: options.maxWaiting ?? defaultMaxWaiting,
    prepareGap: (count, cause) => prepareGap({ producer, count, cause }, prepareEvent),
  });
  for (const failure of recoveryFailures) keeper.noteError(failure);
  await keepCatalogue(store as Store<unknown>, catalogue, keeper);
  const assertAction = (action: string): void => {
    if (catalogue.find(action).definition.guarantee === "atomic") throw needsTransaction(action);
  };
  const assertOpen = (): void => {
    if (closing !== undefined) throw closedError();
  };
  const handedOver = new HandOver({ prepareEvent, keeper });
  const record = async (action: string, fields: EventFields = {}): Promise<Receipt> => {
    handedOver.prepareAll();
    const prepared = prepareEvent(action, fields);
    if (prepared.guarantee === "atomic") throw needsTransaction(action);
    return keeper.keep(prepared);
  };
  const onUnrecorded = (error: unknown): void => keeper.countRefused(error);
  const handOver = (action: string, fields: EventFields): void => handedOver.add(action, fields);
  const isBuffered = (action: string): boolean => catalogue.find(action).definition.guarantee === "buffered";
  const operations = { clock, ids, record, handOver, isBuffered, assertAction, assertOpen, onUnrecorded };
  const settled = (): Promise<void> => {
    handedOver.prepareAll();
    return keeper.whenSettled();
  };
  const save = (): void => {
    handedOver.prepareAll();
    keeper.saveUnsettled();
  };
  const removeExitHooks = wantsExitHooks(options) ? installExitHooks({ flush: settled, save }) : () => undefined;
  const close = async (): Promise<void> => {
    try {
      handedOver.prepareAll();
      await keeper.close();
    } finally {
      removeExitHooks();
      releaseFiles(producer);
      await store.close();
    }
  };
  const trail = {
    catalogue,
    record,
    in(transaction: Tx) {
      assertOpen();
      return recordIn(store, transaction, prepareEvent);
    },
    with: runWithContext,
    begin: createBegin(operations),
    track: createTrack(operations),
    ...createTrailReader({ store: store as Store<unknown>, catalogue, clock }),
    health: () => keeper.health(unknownActors, handedOver.size),
    flush: settled,
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
  return trail as unknown as Trail<A, Tx>;
}

function assertOptions<A extends Actions, Tx>(options: TrailOptions<A, Tx>): void {
  assertKnownOptions("openTrail()", options, optionNames);
  const { catalogue, store, maxWaiting = defaultMaxWaiting, spool } = options;
  const invalid = (problem: string) => new AuditError("OPTION_INVALID", `Cannot open a trail: ${problem}.`);
  if (typeof (catalogue as Catalogue | undefined)?.find !== "function")
    throw invalid("catalogue must be what defineCatalogue() gave");
  if (typeof (store as Store | undefined)?.append !== "function")
    throw invalid("store must be an open store, such as await openSqliteStore(…) gives; is an await missing?");
  if (!Number.isInteger(maxWaiting) || maxWaiting < 1)
    throw invalid(`maxWaiting is ${quote(maxWaiting)}, expected a whole number from 1`);
  if (spool === undefined) return;
  assertKnownOptions("openTrail() spool", spool, ["directory", "maxBytes"]);
  const { directory, maxBytes = defaultSpoolBytes } = spool;
  if (typeof directory !== "string" || directory === "")
    throw invalid("spool.directory must be the path of a directory");
  if (!Number.isInteger(maxBytes) || maxBytes < 1)
    throw invalid(`spool.maxBytes is ${quote(maxBytes)}, expected a whole number of bytes`);
}

/** Tools that have no catalogue read it here. Recording does not need it, so a store that fails now must not stop the application. */
async function keepCatalogue(store: Store<unknown>, catalogue: Catalogue, keeper: Keeper): Promise<void> {
  try {
    await store.putCatalogue(describeCatalogue(catalogue));
  } catch (error) {
    if (!isAuditError(error) || !passing.includes(error.code)) throw error;
    if (error.code !== "STORE_READ_ONLY") keeper.noteError(error);
  }
}

const passing = ["STORE_READ_ONLY", "STORE_LOCKED", "STORE_FULL", "STORE_FAILED"];

interface SpoolFiles {
  readonly spool: Spool | undefined;
  readonly ledger: BufferedLedger | undefined;
  readonly recoveryFailures: readonly unknown[];
}

async function openSpoolFiles<A extends Actions, Tx>(
  { spool: settings, store }: TrailOptions<A, Tx>,
  producer: string,
  prepareEvent: PrepareEvent,
): Promise<SpoolFiles> {
  if (settings === undefined) return { spool: undefined, ledger: undefined, recoveryFailures: [] };
  const { directory, maxBytes = defaultSpoolBytes } = settings;
  prepareSpoolDirectory(directory);
  const name = claimFiles(producer, store.origin);
  // What cannot be recovered now, because the store is away, stays where it is for the next opening.
  const recoveryFailures = await recoverOrphans({ directory, store: store as Store<unknown>, prepareEvent });
  const spool = new Spool({ directory, name, maxBytes });
  return { spool, ledger: new BufferedLedger(ledgerPath(directory, name)), recoveryFailures };
}

function wantsExitHooks<A extends Actions, Tx>({ exitHooks, catalogue }: TrailOptions<A, Tx>): boolean {
  if (exitHooks !== undefined) return exitHooks;
  const open = [...catalogue.logs.values()].map(({ otherActions }) => otherActions?.guarantee);
  return (
    open.includes("buffered") ||
    catalogue.actionNames.some((name) => catalogue.find(name).definition.guarantee === "buffered")
  );
}

/** Everything up to the store happens before the first promise, so that synchronous transactions are served too. */
function recordIn<A extends Actions, Tx>(
  store: Store<Tx>,
  transaction: Tx,
  prepareEvent: PrepareEvent,
): TransactionRecorder<A> {
  const append = (action: string, fields: EventFields) => {
    const prepared = prepareEvent(action, fields);
    const newIds = fields.id === undefined;
    return { prepared, appended: store.appendIn(transaction, [prepared.entry], { newIds }) };
  };
  return {
    async record(action: string, fields: EventFields = {}) {
      const { prepared, appended } = append(action, fields);
      return receiptInTransaction(prepared, (await appended)[0]!);
    },
    recordSync(action: string, fields: EventFields = {}) {
      const { prepared, appended } = append(action, fields);
      if (appended instanceof Promise) {
        // It is under way and may end well or not: that is for the transaction, which this error fails.
        appended.catch(() => undefined);
        throw new AuditError(
          "TRANSACTION_INVALID",
          `Cannot record "${action}" synchronously: the statements of this transaction are asynchronous. Use record().`,
        );
      }
      return receiptInTransaction(prepared, appended[0]!);
    },
  } as unknown as TransactionRecorder<A>;
}

function receiptInTransaction(prepared: Prepared, appended: Appended): Receipt {
  assertSameEvent(prepared.entry, appended);
  return receiptOf(prepared, appended);
}

function needsTransaction(action: string): AuditError {
  return new AuditError(
    "TRANSACTION_REQUIRED",
    `Cannot record "${action}" outside a transaction: its guarantee is atomic. Use trail.in(transaction).record(…) where the change itself is made.`,
    { details: { action } },
  );
}

const saltBytes = 16;
let saltPool = new Uint8Array(0);

/** 16 random bytes, the least a commitment takes. Asked for in bulk: each call to the system costs microseconds. */
function randomSalt(): Uint8Array {
  if (saltPool.length < saltBytes) saltPool = crypto.getRandomValues(new Uint8Array(256 * saltBytes));
  const salt = saltPool.slice(0, saltBytes);
  saltPool = saltPool.subarray(saltBytes);
  return salt;
}
