import { rangeRoot } from "../../src/integrity/compact-range.ts";
import { createSignerKey, verifierKeyOf } from "../../src/integrity/note-key.ts";
import { signCheckpoint } from "../../src/integrity/open-checkpoint.ts";
import { createLogPolicy } from "../../src/integrity/policy.ts";
import type { Store } from "../../src/trail/contracts.ts";

const seed = new Uint8Array(32).fill(7);

/** A policy that trusts what {@link publishCheckpoints} signs for this trail. */
export function policyFor(origin: string) {
  return createLogPolicy([verifierKeyOf(createSignerKey(origin, seed))]);
}

/** Signs a checkpoint of every trail and keeps it. */
export async function publishCheckpoints(store: Store<never>): Promise<void> {
  for (const { tenant, origin } of await store.listTrails()) {
    const tree = await store.readTree(tenant);
    const checkpoint = { origin, size: tree.size, root: rangeRoot(tree) };
    const note = signCheckpoint(checkpoint, [createSignerKey(origin, seed)]);
    await store.putCheckpoint(tenant, { size: tree.size, root: checkpoint.root, createdAtMicros: 1, note });
  }
}
