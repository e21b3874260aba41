/**
 * What a process does for the store beside its callers' work, and how that goes: it gives positions, looks now and then
 * what waits for one, and makes the partitions of months to come, since it may run for longer than they reach.
 */

import { formatInstant } from "../../base/time.ts";
import type { Backlog, NotedError, Placing } from "../../trail/contracts.ts";
import { translatePostgresError } from "./postgres-errors.ts";

export interface BackgroundOptions {
  /** Gives positions to all that waits; answers how many. */
  readonly sequence: () => Promise<number>;
  readonly look: () => Promise<Backlog>;
  readonly makePartitions: () => Promise<void>;
  readonly nowMicros: () => number;
}

export interface Background {
  /** One round; rejects with the driver's error. */
  round(): Promise<number>;
  /** A round has failed. */
  noteFailure(error: unknown): void;
  placing(): Placing;
}

/** A look counts rows, which takes long where many wait. */
const lookEveryMs = 1_000;
const partitionsEveryMicros = 86_400_000_000;

export function createBackground({ sequence, look, makePartitions, nowMicros }: BackgroundOptions): Background {
  let backlog: Backlog = { waiting: 0, lagMs: 0, refused: 0 };
  let failures = 0;
  let isFailing = false;
  let lastError: NotedError | undefined;
  let lookedAt = -Infinity;
  // Opening the store has made them.
  let madePartitionsAt = nowMicros();
  return {
    async round() {
      const moved = await sequence();
      if (performance.now() - lookedAt >= lookEveryMs) {
        backlog = await look();
        lookedAt = performance.now();
      }
      if (nowMicros() - madePartitionsAt >= partitionsEveryMicros) {
        await makePartitions();
        madePartitionsAt = nowMicros();
      }
      isFailing = false;
      return moved;
    },
    noteFailure(error) {
      const { code, message } = translatePostgresError("give positions", error);
      failures += 1;
      isFailing = true;
      lastError = { code, message, at: formatInstant(nowMicros()) };
    },
    placing: () => ({ ...backlog, failures, isFailing, ...(lastError === undefined ? {} : { lastError }) }),
  };
}
