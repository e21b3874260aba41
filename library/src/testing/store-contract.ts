import { checkTrails } from "./check-trails.ts";
import { appendingCases } from "./contract/appending.ts";
import { askingCases } from "./contract/asking.ts";
import { erasingCases } from "./contract/erasing.ts";
import type { ContractCase, StoreHarness } from "./contract/harness.ts";
import { identityCases } from "./contract/identity.ts";
import { settlingCases } from "./contract/settling.ts";
import { tenantCases } from "./contract/tenants.ts";
import { transactionCases } from "./contract/transactions.ts";
import { treeCases } from "./contract/trees.ts";
import type { Store } from "../trail/contracts.ts";

const allCases: readonly ContractCase[] = [
  ...appendingCases,
  ...identityCases,
  ...tenantCases,
  ...transactionCases,
  ...askingCases,
  ...treeCases,
  ...settlingCases,
  ...erasingCases,
];

/**
 * What a store must and must not do, as cases for any test runner; see `Store` for the words. After each case all
 * trails are verified from outside, and the stores that were opened are closed.
 *
 * @example
 * for (const { name, run } of storeContract(harness)) test(name, run);
 */
export function storeContract<Tx>(
  harness: StoreHarness<Tx>,
): readonly { readonly name: string; run(): Promise<void> }[] {
  return allCases
    .filter((each) => applies(each, harness.features))
    .map((each) => ({ name: each.name, run: () => runCase(each, harness as StoreHarness) }));
}

function applies({ needs }: ContractCase, { clock, reopen, transactions }: StoreHarness["features"]): boolean {
  if (needs === undefined) return true;
  switch (needs) {
    case "clock":
      return clock;
    case "reopen":
      return reopen;
    case "transactions":
      return transactions !== "none";
    case "synchronous transactions":
      return transactions === "synchronous";
  }
}

async function runCase(each: ContractCase, harness: StoreHarness): Promise<void> {
  const opened: { readonly store: Store<unknown>; closed: boolean }[] = [];
  const watch = (store: Store<unknown>): Store<unknown> => {
    const one = { store, closed: false };
    opened.push(one);
    const close = store.close.bind(store);
    return Object.assign(store, { close: () => ((one.closed = true), close()) });
  };
  const watched: StoreHarness = {
    ...harness,
    open: async (options) => watch(await harness.open(options)),
    ...(harness.reopen === undefined ? {} : { reopen: async (closed) => watch(await harness.reopen!(closed)) }),
  };
  try {
    await each.run(watched);
    for (const { store, closed } of opened) if (!closed) await verify(store, harness);
  } finally {
    for (const { store } of opened) await store.close();
  }
}

async function verify(store: Store<unknown>, harness: StoreHarness): Promise<void> {
  await checkTrails(store);
  await harness.verify?.(store);
}
