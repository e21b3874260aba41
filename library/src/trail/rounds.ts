/** Rounds of work that is done again and again beside callers: moving what their transactions have put somewhere, to where it belongs. */

export interface RoundsOptions {
  /** One round; answers how much it moved. */
  readonly round: () => Promise<number>;
  /** Between two rounds, in milliseconds, while nothing is expected. */
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

export interface Rounds {
  /** Something was put just now, whose transaction will probably commit soon. */
  expect(): void;
  stop(): Promise<void>;
}

/** While something is expected, and after rounds that found something. */
const soonMs = 10;
/** How long something that was put is expected to commit soon. */
const expectedForMs = 1_000;
const slowestMs = 5_000;

export function startRounds({ round, everyMs, onError }: RoundsOptions): Rounds {
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  let expectedUntil = 0;
  let failures = 0;
  let stopped = false;

  const plan = (waitMs: number): void => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void (underWay = run()), waitMs);
    // Another process does it, or this one when it starts again: no reason to keep a process alive.
    timer.unref();
  };
  const run = async (): Promise<void> => {
    let moved = 0;
    try {
      moved = await round();
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
      await underWay;
    },
  };
}
