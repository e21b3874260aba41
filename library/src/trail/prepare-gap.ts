import { runWithoutContext } from "../context/context.ts";
import type { EventFields } from "../event/event.ts";
import type { PreparedEntry } from "./contracts.ts";
import type { PrepareEvent } from "./prepare-event.ts";

export type LossCause = "crash" | "store" | "spool";

export interface Gap {
  /** The process whose events are missing. */
  readonly producer: string;
  readonly count: number;
  readonly cause: LossCause;
  readonly until?: string;
}

/**
 * The entry that tells of lost events, in the trail of the tenant `default`: whose they were is not known any more.
 * Losses are found in the middle of somebody's request, of which the entry must say nothing.
 */
export function prepareGap(
  gap: Gap,
  prepareEvent: PrepareEvent,
  fields: Pick<EventFields, "id" | "occurredAt"> = {},
): PreparedEntry {
  const actor = { type: "system", id: "auditrail" };
  return runWithoutContext(() => prepareEvent("auditrail.gap", { ...fields, actor, data: gap }).entry);
}
