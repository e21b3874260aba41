/**
 * Keeps prepared events: into the store, or, while that fails, into the spool and from there into the store later.
 *
 * Every event that enters leaves in exactly one of these ways: its promise resolves and it is on disk; its promise
 * rejects; or, for buffered events only, whose promise resolved at once, it is counted as lost and told by a gap entry.
 */

import { AuditError, isAuditError, quote } from "../base/errors.ts";
import { formatInstant, type Clock } from "../base/time.ts";
import type { BufferedLedger } from "./buffered-ledger.ts";
import { CommitQueue } from "./commit-queue.ts";
import type { Appended, PreparedEntry, Store } from "./contracts.ts";
import type { Prepared } from "./prepare-event.ts";
import { isSameEvent } from "./same-event.ts";
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
  /** Records a gap entry for events that were lost; called when the store works. */
  readonly reportLoss: (count: number, cause: "store" | "spool") => Promise<unknown>;
}

interface Item {
  readonly prepared: Prepared;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: unknown) => void;
}

/** What may pass by itself, or by mending the machine: the spool stands in for it. */
const storeFailures = ["STORE_FULL", "STORE_READ_ONLY", "STORE_LOCKED", "STORE_CORRUPT", "STORE_FAILED", "STORE_CLOSED"];

const firstRetryMs = 100;
const slowestRetryMs = 5_000;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #queue: CommitQueue<Item>;
  readonly #counts = { recorded: 0, refused: 0, lost: 0 };
  /** Buffered events that the store has settled, and those on their way to it. */
  #settled = { confirmed: 0, underWay: 0 };
  #unreportedLoss: { count: number; cause: "store" | "spool" } | undefined;
  #lastError: Health["lastError"];
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
    if (this.#closed) throw new AuditError("TRAIL_CLOSED", "Cannot record: the trail was closed. Record before close(), or open it again.");
    if (prepared.guarantee !== "buffered") {
      return new Promise((resolve, reject) => this.#queue.push({ prepared, resolve, reject }));
    }
    this.#queue.push({ prepared, resolve: ignore, reject: () => this.#countLoss(1, "store") });
    this.#options.ledger?.accept();
    return Promise.resolve(receiptOf(prepared, undefined));
  }

  health(unknownActors: number): Health {
    return {
      state: this.#closed ? "closed" : this.#spooled > 0 || this.#unreportedLoss !== undefined ? "degraded" : "ok",
      waiting: this.#queue.size,
      spooled: this.#spooled,
      spoolBytes: this.#options.spool?.bytes ?? 0,
      ...this.#counts,
      unknownActors,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  /** An event that its caller will not hear of was refused. */
  countRefused(error: unknown): void {
    this.#counts.refused += 1;
    this.#noteError(error);
  }

  whenIdle(): Promise<void> {
    return this.#queue.whenIdle();
  }

  /** Flushes, tries once more to empty the spool, and lets go. What stays in the spool is taken up at the next opening. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.whenIdle();
    clearTimeout(this.#retryTimer);
    await this.#drain().catch(ignore);
    clearTimeout(this.#retryTimer);
    await this.#options.spool?.close();
    if (this.#spooled === 0 && this.#unreportedLoss === undefined) this.#options.ledger?.settle();
  }

  /** The process is ending and cannot wait: what is not on disk goes to the spool. Its ids make doubles harmless. */
  saveUnsettled(): void {
    const records = this.#queue.unsettled().map(({ prepared }) => recordOf(prepared));
    if (records.length > 0) this.#options.spool?.appendSync(records);
  }

  get #spooled(): number {
    return this.#options.spool?.records ?? 0;
  }

  /** Never rejects: every item is settled here. */
  async #commit(batch: readonly Item[]): Promise<void> {
    // While older events wait in the spool, newer ones line up behind them.
    if (this.#spooled > 0) return this.#toSpool(batch, undefined);
    try {
      const appended = await this.#append(batch.map(({ prepared }) => recordOf(prepared)));
      batch.forEach((item, index) => this.#settle(item, appended[index]!));
    } catch (error) {
      this.#noteError(error);
      if (isStoreFailure(error)) await this.#toSpool(batch, error);
      else await this.#oneByOne(batch, error);
    }
  }

  #settle({ prepared, resolve, reject }: Item, appended: Appended): void {
    if (appended.existing === undefined || isSameEvent(appended.existing, prepared.entry)) {
      this.#counts.recorded += 1;
      resolve(receiptOf(prepared, appended));
    } else {
      reject(conflict(prepared.entry, appended));
    }
  }

  /** The store refuses something in the batch: find out what, and let the rest through. */
  async #oneByOne(batch: readonly Item[], error: unknown): Promise<void> {
    if (batch.length === 1) {
      this.#counts.refused += 1;
      batch[0]!.reject(error);
      return;
    }
    for (const item of batch) await this.#commit([item]);
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
      this.#noteError(error);
      for (const { prepared, reject } of batch) {
        if (prepared.guarantee !== "buffered") this.#counts.refused += 1;
        reject(error);
      }
      if (this.#spooled > 0) this.#retryLater();
    }
  }

  /** Appends; where the outcome of a commit is unknown, appends again, which looks the ids up. */
  async #append(records: readonly SpoolRecord[]): Promise<readonly Appended[]> {
    const { store, producer } = this.#options;
    const entries = records.map(({ entry }) => entry);
    const count = records.reduce((sum, { buffered }) => sum + (buffered ? 1 : 0), 0);
    this.#settled.underWay += count;
    const total = this.#settled.confirmed + this.#settled.underWay;
    const options = count === 0 ? undefined : { settles: { producer, total } };
    try {
      const appended = await store.append(entries, options).catch((error: unknown) => {
        if (isAuditError(error) && error.code === "STORE_FAILED") return store.append(entries, options);
        throw error;
      });
      this.#settled.confirmed += count;
      return appended;
    } finally {
      this.#settled.underWay -= count;
    }
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
      this.#noteError(error);
      if (!isAuditError(error) || error.code !== "SPOOL_CORRUPT") throw error;
    }
    await this.#reportLoss();
  }

  async #deliver(records: readonly SpoolRecord[]): Promise<void> {
    const appended = await this.#append(records);
    records.forEach(({ entry }, index) => {
      const { existing } = appended[index]!;
      if (existing === undefined || isSameEvent(existing, entry)) return;
      // Its caller was told that it is on disk; a conflict found this late is a loss to be told.
      this.#noteError(conflict(entry, appended[index]!));
      this.#countLoss(1, "spool");
    });
  }

  #countLoss(count: number, cause: "store" | "spool"): void {
    this.#counts.lost += count;
    this.#unreportedLoss = { count: (this.#unreportedLoss?.count ?? 0) + count, cause };
    this.#retryLater();
  }

  async #reportLoss(): Promise<void> {
    const loss = this.#unreportedLoss;
    if (loss === undefined) return;
    await this.#options.reportLoss(loss.count, loss.cause);
    const since = this.#unreportedLoss!.count - loss.count;
    this.#unreportedLoss = since > 0 ? { ...loss, count: since } : undefined;
  }

  #noteError(error: unknown): void {
    const { code, message } = isAuditError(error) ? error : { code: "STORE_FAILED", message: String(error) };
    this.#lastError = { code, message, at: formatInstant(this.#options.clock.nowMicros()) };
  }
}

const ignore = (): void => undefined;

function isStoreFailure(error: unknown): boolean {
  return isAuditError(error) && storeFailures.includes(error.code);
}

function recordOf({ entry, guarantee }: Prepared): SpoolRecord {
  return { entry, buffered: guarantee === "buffered" };
}

/** What the caller gets: with a position where there is one. Also for events that were there before. */
export function receiptOf({ entry, hashHex }: Prepared, appended: Appended | undefined): Receipt {
  if (appended === undefined) return { id: entry.id, hash: hashHex, seq: null, recordedAt: null };
  const { existing, seq, recordedAtMicros } = appended;
  const hash = existing === undefined ? hashHex : Buffer.from(existing.hash).toString("hex");
  return { id: entry.id, hash, seq, recordedAt: formatInstant(recordedAtMicros) };
}

export function conflict({ id, tenant }: PreparedEntry, { seq }: Appended): AuditError {
  return new AuditError(
    "ID_CONFLICT",
    `Cannot record event ${id}: entry ${seq} of trail ${quote(tenant)} has that id and says something else. Make a new id for a new event; to try again, pass the same fields.`,
    { details: { id, seq } },
  );
}
