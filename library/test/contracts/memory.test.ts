import { describe, test } from "vitest";

import { openMemoryStore, type MemoryStore, type MemoryTransaction } from "../../src/stores/memory/memory-store.ts";
import { storeContract, type StoreHarness } from "../../src/testing/index.ts";

const harness: StoreHarness<MemoryTransaction> = {
  features: { clock: true, reopen: false, transactions: "synchronous" },
  open: async (options) => openMemoryStore(options),
  transaction: (store, fn) => (store as MemoryStore).transaction(fn),
  wrongTransactions: async () => {
    let foreign: MemoryTransaction | undefined;
    await openMemoryStore().transaction((transaction) => {
      foreign = transaction;
    });
    return [
      { what: "another store's transaction", transaction: foreign! },
      { what: "nothing", transaction: undefined as unknown as MemoryTransaction },
      { what: "an object that looks like one", transaction: { store: "memory" } },
    ];
  },
};

describe("the memory store", () => {
  for (const { name, run } of storeContract(harness)) test(name, run);
});
