/**
 * Keeps prepared events: into the store, or, while that fails, into the spool and from there into the store later.
 *
 * Every event that enters leaves in exactly one of these ways: its promise resolves and it is on disk; its promise
 * rejects; or, for buffered events only, whose promise resolved at once, it is counted as lost and told by a gap entry.
 */

import { AuditError, isAuditError } from "../base/errors.ts";
import { formatInstant, type Clock } from "../base/time.ts";
import type { BufferedLedger } from "./buffered-ledger.ts";
import { CommitQueue } from "./commit-queue.ts";
import type { Appended, NotedError, Placing, PreparedEntry, Store } from "./contracts.ts";
import type { Prepared } from "./prepare-event.ts";
import { appendSurely, deliverRecords, isStoreFailure } from "./deliver-records.ts";
import { assertSameEvent, receiptOf } from "./receipt.ts";
import type { Spool } from "./spool.ts";
import type { SpoolRecord } from "./spool-format.ts";
import type { Health, Receipt } from "./types.ts";

export interface KeeperOptions {
  readonly store: Store<unknown>;
  readonly spool: Spool | undefined;
  readonly ledger: BufferedLedger | undefined;
  readonly producer: string;
  readonly clock: Clock;
  readonly maxBatch: number;
  readonly maxWaiting: number;
  /** Prepares the entry that tells of events that were lost. */
  readonly prepareGap: (count: number, cause: "store" | "spool") => PreparedEntry;
}

/** A class for the reason that {@link Prepared} has. */
class Item {
  readonly prepared: Prepared;
  readonly resolve: (receipt: Receipt) => void;
  /** `settled` says whether the store counts the event as settled already. */
  readonly reject: (error: unknown, settled: boolean) => void;

  constructor(prepared: Prepared, resolve: Item["resolve"], reject: Item["reject"]) {
    this.prepared = prepared;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Events that were lost, and how many of them the store has to count as settled when they are told. */
interface Loss {
  readonly count: number;
  readonly unsettled: number;
  readonly cause: "store" | "spool";
}

const firstRetryMs = 100;
const slowestRetryMs = 5_000;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #queue: CommitQueue<Item>;
  readonly #counts = { recorded: 0, refused: 0, lost: 0 };
  /** How many buffered events the store has settled. */
  #settledTotal = 0;
  /** Batches with buffered events go to the store one after the other: the total that each settles includes those before it. */
  #settling: Promise<unknown> = Promise.resolve();
  #loss: Loss | undefined;
  /** The entry that tells of a loss, until the store has it: the same one at each try. */
  #gap: { readonly entry: PreparedEntry; readonly unsettled: number } | undefined;
  #lastError: NotedError | undefined;
  #closed = false;
  #retryMs = firstRetryMs;
  #retryTimer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { maxBatch, maxWaiting } = options;
    this.#queue = new CommitQueue({ commit: (batch) => this.#commit(batch), maxBatch, maxWaiting, concurrency: 2 });
    if (this.#spooled > 0) this.#retryLater();
  }

  /** Resolves as the event's guarantee says. Errors: `TRAIL_CLOSED`, `TRAIL_OVERLOADED`, `ID_CONFLICT`, `SPOOL_FULL`, `SPOOL_FAILED`, those of the store. */
  keep(prepared: Prepared): Promise<Receipt> {
    if (this.#closed) throw closedError();
    if (prepared.guarantee !== "buffered") {
      return new Promise((resolve, reject) => this.#queue.push(new Item(prepared, resolve, reject)));
    }
    this.#queue.push(new Item(prepared, ignore, this.#rejectBuffered), { lingers: true });
    this.#countAccepted(1);
    return Promise.resolve(receiptOf(prepared, undefined));
  }

  /** Accepts a buffered event that is not prepared yet; {@link keepAccepted} or {@link refuseAccepted} has to follow. Errors: `TRAIL_CLOSED`. */
  accept(): void {
    if (this.#closed) throw closedError();
    this.#countAccepted(1);
  }

  /** Errors: `TRAIL_OVERLOADED`. */
  keepAccepted(prepared: Prepared): void {
    this.#queue.push(new Item(prepared, ignore, this.#rejectBuffered));
  }

  refuseAccepted(error: unknown): void {
    this.#countAccepted(-1);
    this.countRefused(error);
  }

  readonly #rejectBuffered: Item["reject"] = (_, settled) =>
    this.#countLoss({ count: 1, unsettled: settled ? 0 : 1, cause: "store" });

  /** Where this fails the event is kept none the less; only a crash could then lose it uncounted. */
  #countAccepted(more: 1 | -1): void {
    try {
      this.#options.ledger?.accept(more);
    } catch (error) {
      this.noteError(error);
    }
  }

  health(unknownActors: number, handedOver: number): Health {
    const placing = this.#options.store.placing?.();
    const lastError = later(this.#lastError, placing?.lastError);
    const isDegraded = this.#spooled > 0 || this.#untold || placing?.isFailing === true;
    return {
      state: this.#closed ? "closed" : isDegraded ? "degraded" : "ok",
      waiting: this.#queue.size + handedOver,
      spooled: this.#spooled,
      spoolBytes: this.#options.spool?.bytes ?? 0,
      ...this.#counts,
      unknownActors,
      ...(placing === undefined ? {} : { placing: withoutError(placing) }),
      ...(lastError === undefined ? {} : { lastError }),
    };
  }

  /** An event that its caller will not hear of was refused; what store and spool refuse is counted already. */
  countRefused(error: unknown): void {
    this.noteError(error);
    if (!isStoreFailure(error) && !(error as AuditError).code.startsWith("SPOOL_")) this.#counts.refused += 1;
  }

  whenSettled(): Promise<void> {
    return this.#queue.whenSettled();
  }

  /** Flushes, tries once more to empty the spool, and lets go. What stays in the spool is taken up at the next opening. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.whenSettled();
    clearTimeout(this.#retryTimer);
    await this.#drain().catch(ignore);
    clearTimeout(this.#retryTimer);
    await this.#options.spool?.close();
    if (this.#spooled === 0 && !this.#untold) this.#options.ledger?.settle();
  }

  /**
   * The process is ending and cannot wait: what is not on disk goes to the spool. Its ids make doubles harmless. Where
   * that fails too, the ledger tells the next process what was lost.
   */
  saveUnsettled(): void {
    const records = this.#queue.unsettled().map(({ prepared }) => recordOf(prepared));
    try {
      if (records.length > 0) this.#options.spool?.appendSync(records);
    } catch (error) {
      this.noteError(error);
    }
  }

  /** Whether there are losses that no entry tells of yet. */
  get #untold(): boolean {
    return this.#loss !== undefined || this.#gap !== undefined;
  }

  get #spooled(): number {
    return this.#options.spool?.records ?? 0;
  }

  /** Never rejects: every item is settled here. */
  async #commit(batch: readonly Item[]): Promise<void> {
    // While older events wait in the spool, newer ones line up behind them.
    if (this.#spooled > 0) return this.#toSpool(batch, undefined);
    let appended: readonly Appended[];
    try {
      appended = await this.#append(batch.map(({ prepared }) => recordOf(prepared)));
    } catch (error) {
      this.noteError(error);
      return isStoreFailure(error) ? this.#toSpool(batch, error) : this.#oneByOne(batch, error);
    }
    batch.forEach((item, index) => this.#settle(item, appended[index]!));
  }

  #settle({ prepared, resolve, reject }: Item, appended: Appended): void {
    try {
      assertSameEvent(prepared.entry, appended);
      this.#counts.recorded += 1;
      resolve(receiptOf(prepared, appended));
    } catch (error) {
      this.noteError(error);
      reject(error, true);
    }
  }

  /** The store refuses something in the batch: find out what, and let the rest through. */
  async #oneByOne(batch: readonly Item[], error: unknown): Promise<void> {
    if (batch.length === 1) return this.#refuse(batch[0]!, error);
    for (const item of batch) await this.#commit([item]);
  }

  #refuse({ prepared, reject }: Item, error: unknown): void {
    if (prepared.guarantee !== "buffered") this.#counts.refused += 1;
    reject(error, false);
  }

  async #toSpool(batch: readonly Item[], storeError: unknown): Promise<void> {
    const { spool } = this.#options;
    try {
      if (spool === undefined) throw storeError;
      await spool.append(batch.map(({ prepared }) => recordOf(prepared)));
      this.#counts.recorded += batch.length;
      for (const { prepared, resolve } of batch) resolve(receiptOf(prepared, undefined));
      this.#retryLater();
    } catch (error) {
      this.noteError(error);
      for (const item of batch) this.#refuse(item, error);
      if (this.#spooled > 0) this.#retryLater();
    }
  }

  async #append(records: readonly SpoolRecord[]): Promise<readonly Appended[]> {
    const settles = records.filter(({ buffered }) => buffered).length;
    return this.#appendAndSettle(
      records.map(({ entry }) => entry),
      settles,
    );
  }

  #appendAndSettle(entries: readonly PreparedEntry[], settles: number): Promise<readonly Appended[]> {
    const { store, producer } = this.#options;
    if (settles === 0) return appendSurely(store, entries);
    const result = this.#settling.then(async () => {
      const total = this.#settledTotal + settles;
      const appended = await appendSurely(store, entries, { settles: { producer, total } });
      this.#settledTotal = total;
      return appended;
    });
    this.#settling = result.catch(ignore);
    return result;
  }

  #retryLater(): void {
    if (this.#retryTimer !== undefined || this.#closed) return;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      void this.#drain().then(
        () => (this.#retryMs = firstRetryMs),
        () => {
          this.#retryMs = Math.min(2 * this.#retryMs, slowestRetryMs);
          this.#retryLater();
        },
      );
    }, this.#retryMs);
    // The spool is on disk: waiting for the store must not keep a process alive that has nothing else to do.
    this.#retryTimer.unref();
  }

  /** Moves the spool into the store. Rejects where the store still fails. */
  #drain(): Promise<void> {
    this.#draining ??= this.#drainOnce().finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  async #drainOnce(): Promise<void> {
    try {
      await this.#options.spool?.drain((records) => this.#deliver(records));
    } catch (error) {
      this.noteError(error);
      if (!isAuditError(error) || error.code !== "SPOOL_CORRUPT") throw error;
      this.#countLoss({ count: Number(error.details["damagedLines"]), unsettled: 0, cause: "spool" });
    }
    await this.#tellLoss();
  }

  #deliver(records: readonly SpoolRecord[]): Promise<void> {
    return deliverRecords(records, {
      append: (some) => this.#append(some),
      onLost: ({ buffered }, error, settled) => {
        this.noteError(error);
        this.#countLoss({ count: 1, unsettled: buffered && !settled ? 1 : 0, cause: "spool" });
      },
    });
  }

  #countLoss({ count, unsettled, cause }: Loss): void {
    this.#counts.lost += count;
    this.#loss = {
      count: (this.#loss?.count ?? 0) + count,
      unsettled: (this.#loss?.unsettled ?? 0) + unsettled,
      cause,
    };
    this.#retryLater();
  }

  async #tellLoss(): Promise<void> {
    while (this.#untold) {
      if (this.#gap === undefined) {
        const { count, unsettled, cause } = this.#loss!;
        this.#gap = { entry: this.#options.prepareGap(count, cause), unsettled };
        this.#loss = undefined;
      }
      await this.#appendAndSettle([this.#gap.entry], this.#gap.unsettled);
      this.#gap = undefined;
    }
  }

  /** Shown by `health()`. */
  noteError(error: unknown): void {
    const { code, message } = isAuditError(error) ? error : { code: "STORE_FAILED", message: String(error) };
    this.#lastError = { code, message, at: formatInstant(this.#options.clock.nowMicros()) };
  }
}

const ignore = (): void => undefined;

function withoutError({ lastError: _, ...placing }: Placing): NonNullable<Health["placing"]> {
  return placing;
}

function later(one: NotedError | undefined, other: NotedError | undefined): NotedError | undefined {
  return one !== undefined && (other === undefined || one.at >= other.at) ? one : other;
}

export function closedError(): AuditError {
  return new AuditError(
    "TRAIL_CLOSED",
    "Cannot record: the trail was closed. Record before close(), or open it again.",
  );
}

function recordOf({ entry, guarantee }: Prepared): SpoolRecord {
  return { entry, buffered: guarantee === "buffered" };
}
