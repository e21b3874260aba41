/** Strict fakes: stores that fail in one exact way, as long as they are told to, and work otherwise. */

import { AuditError } from "../base/errors.ts";
import type { ErrorCode } from "../base/error-codes.ts";
import type { Store } from "../trail/contracts.ts";
import { wrapStore } from "./wrap-store.ts";

/** A store that can be told to fail, and to work again. It works at first. */
export interface FailingStore<Tx> extends Store<Tx> {
  fail(): void;
  mend(): void;
  /** How many times it failed. */
  readonly failures: number;
}

/** Rejects appends with `code` before anything is kept, while it is told to fail. */
export function failBeforeAppend<Tx>(store: Store<Tx>, code: ErrorCode): FailingStore<Tx> {
  const switched = createSwitch();
  return switched.around(
    wrapStore(store, {
      append: async (entries, options) => {
        if (switched.failing) throw switched.failed(code, "The store fails before it keeps anything.");
        return store.append(entries, options);
      },
    }),
  );
}

/** Keeps what it is given, and then rejects with `STORE_FAILED`: the outcome that a caller cannot know. */
export function appendButFail<Tx>(store: Store<Tx>): FailingStore<Tx> {
  const switched = createSwitch();
  return switched.around(
    wrapStore(store, {
      append: async (entries, options) => {
        const appended = await store.append(entries, options);
        if (switched.failing) throw switched.failed("STORE_FAILED", "The store failed after it had kept everything.");
        return appended;
      },
    }),
  );
}

/** A store whose appends wait. */
export interface HoldingStore<Tx> extends Store<Tx> {
  /** How many appends are waiting. */
  readonly held: number;
  hold(): void;
  /** Lets the waiting appends, and all that follow, through. */
  release(): void;
}

/** Holds appends back from the start until they are released; they then reach the store in the order they came in. */
export function holdAppends<Tx>(store: Store<Tx>): HoldingStore<Tx> {
  let holding = true;
  let waiting: (() => void)[] = [];
  const wrapped = wrapStore(store, {
    append: async (entries, options) => {
      if (holding) await new Promise<void>((resolve) => waiting.push(resolve));
      return store.append(entries, options);
    },
  });
  return Object.defineProperties(wrapped, {
    held: { get: () => waiting.length },
    hold: { value: () => (holding = true) },
    release: {
      value: () => {
        holding = false;
        for (const resolve of waiting) resolve();
        waiting = [];
      },
    },
  }) as HoldingStore<Tx>;
}

function createSwitch() {
  let failing = false;
  let failures = 0;
  return {
    get failing() {
      return failing;
    },
    failed(code: ErrorCode, message: string): AuditError {
      failures += 1;
      return new AuditError(code, message);
    },
    around<Tx>(store: Store<Tx>): FailingStore<Tx> {
      return Object.defineProperties(store, {
        fail: { value: () => (failing = true) },
        mend: { value: () => (failing = false) },
        failures: { get: () => failures },
      }) as FailingStore<Tx>;
    },
  };
}
