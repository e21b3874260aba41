import type { Clock } from "../../base/time.ts";
import type { Store } from "../../trail/contracts.ts";

/** How the cases of {@link storeContract} get at a store. */
export interface StoreHarness<Tx = unknown> {
  /** Opens a new, empty store; with this clock, where `features` has `clock`. The harness closes what is left open. */
  open(options?: { readonly clock?: Clock }): Promise<Store<Tx>>;

  /** What the store under test can be put through. Cases that need more are not in the list. */
  readonly features: {
    /** `open()` uses the clock it is given. */
    readonly clock: boolean;
    /** What was kept outlives the store, and {@link StoreHarness.reopen} opens it again. */
    readonly reopen: boolean;
    readonly transactions: "synchronous" | "asynchronous" | "none";
    /**
     * When events that are appended in an application's transaction get their positions: at once, unless said otherwise.
     * After the commit they get them from the store's own work; {@link StoreHarness.transaction} waits for that.
     */
    readonly positions?: "at once" | "after the commit";
  };

  /** Opens again what a closed store has kept. */
  reopen?(closed: Store<Tx>): Promise<Store<Tx>>;

  /**
   * Runs `fn` in a transaction of an application on the store's database: committed when `fn` ends, rolled back when it
   * fails. Resolves when what was appended has its positions.
   */
  transaction?<Result>(store: Store<Tx>, fn: (transaction: Tx) => Result | Promise<Result>): Promise<Result>;

  /** Handles that are no open transaction on this store's database, each with what is wrong with it. */
  wrongTransactions?(store: Store<Tx>): Promise<readonly { readonly what: string; readonly transaction: Tx }[]>;

  /** Called after each case, before the store is closed: for what can only be seen from outside, such as tables. */
  verify?(store: Store<Tx>): Promise<void>;
}

export interface ContractCase {
  /** A sentence about what every store does. */
  readonly name: string;
  /** What the store has to be able to do for this case to apply. */
  readonly needs?: "clock" | "reopen" | "transactions" | "synchronous transactions";
  run(harness: StoreHarness): Promise<void>;
}

/** A harness of which the parts that a case needs are known to be there. */
export type CompleteHarness = Required<StoreHarness>;
