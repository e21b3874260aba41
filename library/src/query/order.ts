/** The order of pages, and the places in it. */

import type { Entry } from "../event/entry.ts";
import { parseInstant } from "../base/time.ts";
import type { Order } from "./request.ts";

/** Where an entry stands in a page's order; no two entries of a trail share one. */
export interface EntryPlace {
  readonly timeMicros: number;
  readonly seq: number;
}

export function placeOf(entry: Entry): EntryPlace {
  return { timeMicros: parseInstant(entry.event.occurredAt), seq: entry.seq };
}

/** Sorts as pages do: by time, then by position where times are equal; or by position alone. */
export function comparePlaces(order: Order): (a: EntryPlace, b: EntryPlace) => number {
  const sign = order.direction === "newest" ? -1 : 1;
  if (order.by === "seq") return (a, b) => sign * (a.seq - b.seq);
  return (a, b) => sign * (a.timeMicros - b.timeMicros || a.seq - b.seq);
}

export function compareEntries(order: Order): (a: Entry, b: Entry) => number {
  const compare = comparePlaces(order);
  return (a, b) => compare(placeOf(a), placeOf(b));
}
