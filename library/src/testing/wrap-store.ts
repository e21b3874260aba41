import type { Store } from "../trail/contracts.ts";

/** A store that does as another one does, except for what is given. */
export function wrapStore<Tx>(store: Store<Tx>, instead: Partial<Store<Tx>>): Store<Tx> {
  return Object.assign(Object.create(store) as Store<Tx>, instead);
}
