import { AuditError } from "../base/errors.ts";

export interface CommitQueueOptions<Item> {
  /** Settles every item of a batch, whatever happens; it must not reject. */
  readonly commit: (batch: readonly Item[]) => Promise<void>;
  /** At most this many items in one batch. */
  readonly maxBatch: number;
  /** At most this many items waiting; one more is refused. */
  readonly maxWaiting: number;
  /** How many batches may be under way at once, in order. */
  readonly concurrency: number;
}

/**
 * A batch is sent behind one that is being written when it has so many items: then the writer goes on at once, while
 * the callers of the first are told. Smaller ones wait for more, because each costs a flush to disk.
 */
const secondBatch = 256;

/**
 * How long an item waits for company that nobody waits for. Each commit is a flush, a lock on the file and two messages between
 * threads, which one item bears alone or many share.
 */
const lingerMs = 50;

/**
 * Group commit: what arrives while a batch is being written goes into the next one. A lone item is written at once,
 * and items that come in the same turn of the event loop go together. Only items that nobody waits for linger, and
 * go with the first that somebody does.
 */
export class CommitQueue<Item> {
  readonly #options: CommitQueueOptions<Item>;
  #waiting: Item[] = [];
  /** Batches that are being written, with the number of their first item. */
  readonly #underWay = new Map<readonly Item[], number>();
  /** How many items have ever been given to batches. */
  #started = 0;
  #scheduled = false;
  #lingering: NodeJS.Timeout | undefined;
  #waiters: { readonly until: number; readonly resolve: () => void }[] = [];

  constructor(options: CommitQueueOptions<Item>) {
    this.#options = options;
  }

  /** `lingers` where nobody waits for the item. Errors: `TRAIL_OVERLOADED`; the item is then not in the queue. */
  push(item: Item, { lingers = false } = {}): void {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      throw new AuditError(
        "TRAIL_OVERLOADED",
        `Cannot record: ${this.#waiting.length} events are waiting to be written, which is the limit. Wait for earlier events, or slow down.`,
        { details: { waiting: this.#waiting.length, retryAfterMs: 100 } },
      );
    }
    this.#waiting.push(item);
    if (this.#scheduled) return;
    if (lingers && this.#waiting.length < secondBatch) {
      // It keeps the process alive for so long: its end must not come before the items are written.
      this.#lingering ??= setTimeout(() => this.#start(), lingerMs);
      return;
    }
    this.#scheduled = true;
    queueMicrotask(() => this.#start());
  }

  /** How many items are not settled yet. */
  get size(): number {
    let size = this.#waiting.length;
    for (const batch of this.#underWay.keys()) size += batch.length;
    return size;
  }

  /** The items that are not settled yet, oldest first. */
  unsettled(): readonly Item[] {
    return [...[...this.#underWay.keys()].flat(), ...this.#waiting];
  }

  /** Resolves when everything that is in the queue now is settled, whatever comes after it. */
  whenSettled(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    if (!this.#scheduled) this.#start();
    const until = this.#started + this.#waiting.length;
    return new Promise((resolve) => this.#waiters.push({ until, resolve }));
  }

  #start(): void {
    this.#scheduled = false;
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    const { concurrency, maxBatch, commit } = this.#options;
    while (this.#waiting.length > 0 && this.#underWay.size < concurrency) {
      if (this.#underWay.size > 0 && this.#waiting.length < Math.min(maxBatch, secondBatch)) return;
      const batch = this.#waiting.length <= maxBatch ? this.#waiting : this.#waiting.slice(0, maxBatch);
      this.#waiting = this.#waiting.length <= maxBatch ? [] : this.#waiting.slice(maxBatch);
      this.#underWay.set(batch, this.#started);
      this.#started += batch.length;
      void commit(batch).finally(() => {
        this.#underWay.delete(batch);
        this.#start();
        this.#wake();
      });
    }
  }

  #wake(): void {
    const settled = Math.min(this.#started, ...this.#underWay.values());
    const due = this.#waiters.filter(({ until }) => until <= settled);
    this.#waiters = this.#waiters.filter(({ until }) => until > settled);
    for (const { resolve } of due) resolve();
  }
}
