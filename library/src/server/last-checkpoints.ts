import type { Store, StoredCheckpoint } from "../trail/contracts.ts";

/** The last checkpoint of a tenant's trail. */
export type LastCheckpoints = (tenant: string) => Promise<StoredCheckpoint | undefined>;

const perRead = 500;

/** Remembers how far it has read: checkpoints are listed oldest first, and there are very many. */
export function createLastCheckpoints(store: Pick<Store<unknown>, "listCheckpoints">): LastCheckpoints {
  const last = new Map<string, StoredCheckpoint>();
  return async (tenant) => {
    for (;;) {
      const found = await store.listCheckpoints(tenant, last.get(tenant)?.number ?? -1, perRead);
      const newest = found.at(-1);
      if (newest !== undefined) last.set(tenant, newest);
      if (found.length < perRead) return last.get(tenant);
    }
  };
}
