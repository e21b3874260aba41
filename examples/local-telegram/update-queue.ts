import { conflict } from "./bot-api-error.ts";
import type { Update, UpdateBody } from "./types.ts";

interface Waiting {
  readonly update: Update;
  readonly confirmed: () => void;
}

export interface PollOptions {
  readonly offset: number;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly allowed: readonly string[] | undefined;
}

/**
 * What a bot has to be told, in order. An update stays until the bot confirms it, by asking with a higher offset or
 * by answering its webhook; so a bot that dies while it works on one is told again.
 */
export interface UpdateQueue {
  /** Resolves when the bot has confirmed the update. */
  push(body: UpdateBody): Promise<void>;
  /** Long polling: answers at once where something waits, else when something comes or the time is over. */
  poll(options: PollOptions, signal: AbortSignal): Promise<readonly Update[]>;
  /** The oldest that waits, for a webhook. Resolves when there is one. */
  next(signal: AbortSignal): Promise<Update>;
  confirm(updateId: number): void;
  readonly pending: number;
  clear(): void;
}

export function createUpdateQueue(firstUpdateId: number): UpdateQueue {
  let waiting: Waiting[] = [];
  let lastId = firstUpdateId - 1;
  let allowed: readonly string[] | undefined;
  let endPoll: ((error: Error) => void) | undefined;
  const watchers = new Set<() => void>();

  const confirm = (updateId: number): void => {
    const done = waiting.filter(({ update }) => update.update_id <= updateId);
    waiting = waiting.filter(({ update }) => update.update_id > updateId);
    for (const { confirmed } of done) confirmed();
  };
  const arrival = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        watchers.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      watchers.add(done);
      signal.addEventListener("abort", done);
      if (signal.aborted) done();
    });

  return {
    push(body) {
      if (allowed !== undefined && !allowed.includes(Object.keys(body)[0]!)) return Promise.resolve();
      lastId += 1;
      const update = { update_id: lastId, ...body };
      const taken = new Promise<void>((confirmed) => waiting.push({ update, confirmed }));
      for (const watcher of watchers) watcher();
      return taken;
    },
    async poll(options, signal) {
      endPoll?.(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"));
      if (options.allowed !== undefined) allowed = options.allowed.length === 0 ? undefined : options.allowed;
      if (options.offset > 0) confirm(options.offset - 1);
      // From the end: what is before it counts as confirmed.
      if (options.offset < 0) confirm(lastId + options.offset);
      if (waiting.length === 0) {
        await new Promise<void>((resolve, reject) => {
          const end = (error: Error): void => reject(error);
          endPoll = end;
          const enough = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
          void arrival(enough).then(() => {
            if (endPoll === end) endPoll = undefined;
            resolve();
          });
        });
      }
      return waiting.slice(0, options.limit).map(({ update }) => update);
    },
    async next(signal) {
      while (waiting.length === 0 && !signal.aborted) await arrival(signal);
      signal.throwIfAborted();
      return waiting[0]!.update;
    },
    confirm,
    get pending() {
      return waiting.length;
    },
    clear() {
      confirm(lastId);
    },
  };
}
