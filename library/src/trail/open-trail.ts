import { AuditError, assertKnownOptions, isAuditError } from "../base/errors.ts";
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
import type { Store } from "./contracts.ts";
import { installExitHooks } from "./exit-hooks.ts";
import { conflict, Keeper, receiptOf } from "./keeper.ts";
import { createPrepareEvent, type Prepared, type PrepareEvent } from "./prepare-event.ts";
import { createTrailReader } from "./read-trail.ts";
import { claimFiles, ledgerPath, recoverOrphans, releaseFiles } from "./recover.ts";
import { isSameEvent } from "./same-event.ts";
import { Spool } from "./spool.ts";
import { createTrack } from "./track.ts";
import type { Receipt, Trail, TransactionRecorder } from "./types.ts";

export interface SpoolSettings {
  /** A directory on local disk, made when it is first needed. Best on another disk than the store. */
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

const optionNames = ["catalogue", "store", "spool", "strict", "service", "redaction", "maxWaiting", "exitHooks", "clock"];

/** A commit of 1,000 rows costs the writing thread about 30 ms; more rows make it no cheaper a row. */
const maxBatch = 1_000;
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
  assertKnownOptions("openTrail()", options, optionNames);
  const { catalogue, store, clock = systemClock } = options;
  const ids = createIdSource(clock);
  const producer = ids();
  let unknownActors = 0;
  const prepareEvent = createPrepareEvent({
    ...{ catalogue, clock, ids, producer, storeOrigin: store.origin, service: options.service },
    strict: options.strict ?? false,
    redactor: createRedactor({ ...options.redaction, commit: makeCommitment, randomSalt, changedPaths }),
    onUnknownActor: () => (unknownActors += 1),
  });
  const files = await openSpoolFiles(options, producer, prepareEvent);
  const keeper: Keeper = new Keeper({
    ...{ store: store as Store<unknown>, producer, clock, maxBatch, ...files },
    maxWaiting: options.maxWaiting ?? defaultMaxWaiting,
    reportLoss: (count, cause) => store.append([gapOf(producer, count, cause, prepareEvent).entry]),
  });
  await store.putCatalogue(describeCatalogue(catalogue)).catch((error: unknown) => {
    if (!isAuditError(error) || error.code !== "STORE_READ_ONLY") throw error;
  });
  const record = async (action: string, fields: EventFields = {}): Promise<Receipt> => {
    const prepared = prepareEvent(action, fields);
    if (prepared.guarantee === "atomic") throw needsTransaction(action);
    return keeper.keep(prepared);
  };
  const removeExitHooks = wantsExitHooks(options)
    ? installExitHooks({ flush: () => keeper.whenIdle(), save: () => keeper.saveUnsettled() })
    : () => undefined;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await keeper.close();
    removeExitHooks();
    releaseFiles(producer);
    await store.close();
  };
  const trail = {
    record,
    in: (transaction: Tx) => recordIn(store, transaction, prepareEvent),
    with: runWithContext,
    track: createTrack({ clock, ids, record, onUnrecorded: (error) => keeper.countRefused(error) }),
    ...createTrailReader({ store: store as Store<unknown>, catalogue, clock }),
    health: () => keeper.health(unknownActors),
    flush: () => keeper.whenIdle(),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
  return trail as unknown as Trail<A, Tx>;
}

async function openSpoolFiles<A extends Actions, Tx>(
  { spool: settings, store }: TrailOptions<A, Tx>,
  producer: string,
  prepareEvent: PrepareEvent,
): Promise<{ readonly spool: Spool | undefined; readonly ledger: BufferedLedger | undefined }> {
  if (settings === undefined) return { spool: undefined, ledger: undefined };
  assertKnownOptions("spool", settings, ["directory", "maxBytes"]);
  const { directory, maxBytes = defaultSpoolBytes } = settings;
  const name = claimFiles(producer);
  // What cannot be recovered now, because the store is away, stays where it is for the next opening.
  await recoverOrphans({ directory, store: store as Store<unknown>, prepareEvent });
  return { spool: new Spool({ directory, name, maxBytes }), ledger: new BufferedLedger(ledgerPath(directory, name)) };
}

function wantsExitHooks<A extends Actions, Tx>({ exitHooks, catalogue }: TrailOptions<A, Tx>): boolean {
  return exitHooks ?? catalogue.actionNames.some((name) => catalogue.find(name).definition.guarantee === "buffered");
}

/** Everything up to the store happens before the first promise, so that synchronous transactions are served too. */
function recordIn<A extends Actions, Tx>(store: Store<Tx>, transaction: Tx, prepareEvent: PrepareEvent): TransactionRecorder<A> {
  const append = (action: string, fields: EventFields) => {
    const prepared = prepareEvent(action, fields);
    return { prepared, appended: store.appendIn(transaction, [prepared.entry]) };
  };
  return {
    async record(action: string, fields: EventFields = {}) {
      const { prepared, appended } = append(action, fields);
      return receiptInTransaction(prepared, (await appended)[0]!);
    },
    recordSync(action: string, fields: EventFields = {}) {
      const { prepared, appended } = append(action, fields);
      if (appended instanceof Promise) {
        throw new AuditError("TRANSACTION_INVALID", "Cannot record synchronously: this store's transactions are asynchronous. Use record().");
      }
      return receiptInTransaction(prepared, appended[0]!);
    },
  } as unknown as TransactionRecorder<A>;
}

type AppendedOne = Parameters<typeof receiptOf>[1] & object;

function receiptInTransaction(prepared: Prepared, appended: AppendedOne): Receipt {
  if (appended.existing !== undefined && !isSameEvent(appended.existing, prepared.entry)) throw conflict(prepared.entry, appended);
  return receiptOf(prepared, appended);
}

function gapOf(producer: string, count: number, cause: "store" | "spool", prepareEvent: PrepareEvent): Prepared {
  return prepareEvent("auditrail.gap", { actor: { type: "system", id: "auditrail" }, data: { producer, count, cause } });
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
