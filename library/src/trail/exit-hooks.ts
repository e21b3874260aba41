/** Not losing buffered events when the process is told to end, or ends by itself. */

export interface ExitHooks {
  /** Writes everything; there is time. */
  readonly flush: () => Promise<void>;
  /** Saves what is not written, synchronously; there is none. It must not throw. */
  readonly save: () => void;
}

interface Registry {
  readonly hooks: Set<ExitHooks>;
  /** Takes the listeners off the process; absent while there are none. */
  unlisten?: () => void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** How long a signal waits for the flush: containers kill after 10 s or more. */
const flushTimeoutMs = 3_000;

// All open trails of the process share one listener, also those of another copy of this module: two listeners would each
// take the other for the application's own, and leave the ending to it.
const registryKey = Symbol.for("auditrail.exit.v1");
const globals = globalThis as { [registryKey]?: Registry };

/**
 * On a signal: flush, then let the signal do what it would have done, unless the application handles it itself. On
 * `exit`, which also follows an uncaught error: save. Answers how to take the hooks out again.
 */
export function installExitHooks(hooks: ExitHooks): () => void {
  const registry = (globals[registryKey] ??= { hooks: new Set() });
  registry.hooks.add(hooks);
  registry.unlisten ??= listen(registry);
  return () => {
    registry.hooks.delete(hooks);
    if (registry.hooks.size > 0) return;
    registry.unlisten?.();
    delete registry.unlisten;
  };
}

function listen({ hooks }: Registry): () => void {
  const save = (): void => hooks.forEach((each) => each.save());
  const onSignal = (signal: NodeJS.Signals): void => {
    const others = process.listenerCount(signal) > 1;
    const timeout = new Promise((resolve) => setTimeout(resolve, flushTimeoutMs).unref());
    const flushed = Promise.allSettled([...hooks].map((each) => each.flush()));
    void Promise.race([flushed, timeout]).then(() => {
      if (others) return;
      // A signal that kills emits no `exit`: what the flush did not get done in time is saved here.
      save();
      unlisten();
      process.kill(process.pid, signal);
    });
  };
  const unlisten = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off("exit", save);
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on("exit", save);
  return unlisten;
}
