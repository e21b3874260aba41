import { assertKnownOptions } from "../base/errors.ts";
import type { Actions, Catalogue } from "../event/catalogue.ts";
import { openMemoryStore, type MemoryStore, type MemoryTransaction } from "../stores/memory/memory-store.ts";
import { openTrail, type TrailOptions } from "../trail/open-trail.ts";
import type { Trail } from "../trail/types.ts";
import { fixedClock, type FixedClock } from "./fixed-clock.ts";

export interface TestTrailOptions extends Pick<TrailOptions<Actions, unknown>, "strict" | "service" | "redaction"> {
  /** The clock of events and of the store; one that stands still at 2026-01-01T00:00:00Z unless given. */
  readonly clock?: FixedClock;
}

/** A trail in memory, with what a test needs of its surroundings. */
export interface TestTrail<A extends Actions> extends Trail<A, MemoryTransaction> {
  readonly clock: FixedClock;
  /** Runs `fn` in a transaction that `trail.in()` takes; what is recorded in it is dropped when it throws. */
  readonly transaction: MemoryStore["transaction"];
}

/**
 * Opens a trail in memory for a test: the same engine, redaction and queries as in production, nothing on disk, and a
 * clock that stands still. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 *
 * @example
 * const trail = await createTestTrail(catalogue);
 * await placeOrder(trail);
 * await expectAudit(trail).toHave("order.placed", { actor: { id: "42" } });
 */
export async function createTestTrail<A extends Actions>(
  catalogue: Catalogue<A>,
  options: TestTrailOptions = {},
): Promise<TestTrail<A>> {
  assertKnownOptions("createTestTrail()", options, ["strict", "service", "redaction", "clock"]);
  const { clock = fixedClock(), ...rest } = options;
  const store = openMemoryStore({ clock });
  const trail = await openTrail({ catalogue, store, clock, exitHooks: false, ...rest });
  return Object.assign(trail, { clock, transaction: store.transaction });
}
