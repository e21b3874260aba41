/** The sequencer's rounds: gives positions, again and again, to what callers' transactions have put into the inbox. */

export interface SequencerOptions {
  readonly sequence: () => Promise<number>;
  /** Between two rounds, in milliseconds, while nothing is expected. */
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

export interface Sequencer {
  /** Something was put just now, whose transaction will probably commit soon. */
  expect(): void;
  stop(): Promise<void>;
}

/** While something is expected, and after rounds that found something. */
const soonMs = 10;
/** How long something that was put is expected to commit soon. */
const expectedForMs = 1_000;
const slowestMs = 5_000;

export function startSequencer({ sequence, everyMs, onError }: SequencerOptions): Sequencer {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let expectedUntil = 0;
  let failures = 0;
  let stopped = false;

  const plan = (waitMs: number): void => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void (round = run()), waitMs);
    // Another process does it, or this one when it starts again: no reason to keep a process alive.
    timer.unref();
  };
  const run = async (): Promise<void> => {
    let moved = 0;
    try {
      moved = await sequence();
      failures = 0;
    } catch (error) {
      failures += 1;
      onError(error);
    }
    if (failures > 0) return plan(Math.min(everyMs * 2 ** failures, slowestMs));
    plan(moved > 0 || performance.now() < expectedUntil ? soonMs : everyMs);
  };

  plan(everyMs);
  return {
    expect() {
      const isIdle = performance.now() >= expectedUntil;
      expectedUntil = performance.now() + expectedForMs;
      if (isIdle) plan(soonMs);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
