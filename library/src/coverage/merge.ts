/** Adding up what several runs showed. */

import type { InventoryItem } from "../event/inventory.ts";
import type { SeenRoute, SeenTable, SilentWrite } from "./observation.ts";

export type MergedItem = Omit<InventoryItem, "listedBy"> & { readonly listedBy: readonly string[] };

export function mergeItems(items: readonly InventoryItem[]): readonly MergedItem[] {
  const merge = (a: MergedItem, b: MergedItem): MergedItem => ({
    ...{ kind: a.kind, name: a.name, listedBy: [...new Set([...a.listedBy, ...b.listedBy])] },
    captured: a.captured && b.captured,
    // Excluded by one and not by the other is a contradiction, and the stricter of the two holds.
    ...optional("excluded", a.excluded === undefined || b.excluded === undefined ? undefined : a.excluded),
    ...optional("problem", a.problem ?? b.problem),
    ...optional("runs", addRuns(a.runs, b.runs)),
  });
  const all = items.map((item) => ({ ...item, listedBy: [item.listedBy] }));
  return mergeBy(all, ({ kind, name }) => JSON.stringify([kind, name]), merge);
}

export function mergeRoutes(routes: readonly SeenRoute[]): readonly SeenRoute[] {
  return mergeBy(
    routes,
    ({ route, method }) => JSON.stringify([route, method ?? null]),
    (a, b) => ({
      ...a,
      runs: a.runs + b.runs,
      actions: addCounts(a.actions, b.actions),
      writes: addCounts(a.writes, b.writes),
    }),
  );
}

export function mergeTables(tables: readonly SeenTable[]): readonly SeenTable[] {
  return mergeBy(
    tables,
    ({ table }) => table,
    (a, b) => ({
      table: a.table,
      changes: {
        insert: a.changes.insert + b.changes.insert,
        update: a.changes.update + b.changes.update,
        delete: a.changes.delete + b.changes.delete,
      },
      actions: addCounts(a.actions, b.actions),
      reasons: addCounts(a.reasons, b.reasons),
    }),
  );
}

export function mergeSilent(silent: readonly SilentWrite[]): readonly SilentWrite[] {
  return mergeBy(
    silent,
    ({ table, change, context }) => JSON.stringify([table, change, context]),
    (a, b) => ({ ...a, count: a.count + b.count, first: a.first.time <= b.first.time ? a.first : b.first }),
  );
}

function mergeBy<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
  merge: (a: Value, b: Value) => Value,
): readonly Value[] {
  const merged = new Map<string, Value>();
  for (const value of values) {
    const known = merged.get(keyOf(value));
    merged.set(keyOf(value), known === undefined ? value : merge(known, value));
  }
  return [...merged.values()];
}

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const total = { ...a };
  for (const [name, count] of Object.entries(b)) total[name] = (total[name] ?? 0) + count;
  return total;
}

/** Where one of them does not count, the runs of both are not known. */
function addRuns(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
