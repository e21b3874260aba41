import type { Entry, EntryPage } from "../api/types.ts";
import { reference } from "../kit/reference.ts";

/** What has just arrived and what was read in pages, each once, newest first. */
export function mergeEntries(arrived: readonly Entry[], pages: readonly EntryPage[]): readonly Entry[] {
  const read = pages.flatMap(({ entries }) => entries);
  if (arrived.length === 0) return read;
  const known = new Set(read.map(({ seq }) => seq));
  const merged = [...arrived.filter(({ seq }) => !known.has(seq)), ...read];
  return merged.toSorted((a, b) => compare(b.event.occurredAt, a.event.occurredAt) || b.seq - a.seq);
}

/** Instants all have the same form and zone, so their texts are in the order of time. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What the actors and targets that are on the page are called, so that facets can say more than an id. */
export function collectNames(entries: readonly Entry[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { event } of entries) {
    if (event.actor.name !== undefined) names.set(`actor ${reference(event.actor)}`, event.actor.name);
    for (const target of event.targets ?? [])
      if (target.name !== undefined) names.set(`target ${reference(target)}`, target.name);
  }
  return names;
}
