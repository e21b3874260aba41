/** Not losing buffered events when the process is told to end, or ends by itself. */

export interface ExitHooks {
  /** Writes everything; there is time. */
  readonly flush: () => Promise<void>;
  /** Saves what is not written, synchronously; there is none. */
  readonly save: () => void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** How long a signal waits for the flush: containers kill after 10 s or more. */
const flushTimeoutMs = 3_000;

/**
 * On a signal: flush, then let the signal do what it would have done, unless the application handles it itself. On
 * `exit`, which also follows an uncaught error: save. Answers how to take the hooks out again.
 */
export function installExitHooks({ flush, save }: ExitHooks): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    const others = process.listenerCount(signal) > 1;
    const timeout = new Promise((resolve) => setTimeout(resolve, flushTimeoutMs).unref());
    void Promise.race([flush(), timeout]).finally(() => {
      if (others) return;
      remove();
      process.kill(process.pid, signal);
    });
  };
  const onExit = (): void => save();
  const remove = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off("exit", onExit);
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on("exit", onExit);
  return remove;
}
