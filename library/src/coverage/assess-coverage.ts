import { mergeItems, mergeRoutes, mergeSilent, mergeTables, type MergedItem } from "./merge.ts";
import type { Observation, SeenRoute, SeenTable, SilentWrite } from "./observation.ts";
import { coverageStates, type CoverageLine, type CoverageReport, type CoverageState } from "./report.ts";

/**
 * Says of everything in the inventories of these observations whether it is recorded. Runs and events are added up; an item is as
 * good as the worst that any observation says of it.
 */
export function assessCoverage(observations: readonly Observation[]): CoverageReport {
  const items = mergeItems(observations.flatMap((each) => each.items));
  const routes = mergeRoutes(observations.flatMap((each) => each.routes));
  const tables = mergeTables(observations.flatMap((each) => each.tables));
  const silent = mergeSilent(observations.flatMap((each) => each.silent));
  const taken = new Set<SeenRoute>();
  const lines = items.map((item) => {
    if (item.kind === "table") return assessTable(item, tables, silent);
    const seen = routes.filter((route) => isOf(item, route, items));
    for (const route of seen) taken.add(route);
    return assessRun(item, seen);
  });
  const listed = new Set(items.filter(({ kind }) => kind === "table").map(({ name }) => name));
  const strangers = tables.filter(({ table }) => !listed.has(table)).map((seen) => unknownTable(seen, silent));
  const all = [...lines, ...strangers].toSorted(inOrder);
  const count = (state: CoverageState): number => all.filter((line) => line.state === state).length;
  return {
    counts: {
      gap: count("gap"),
      unexercised: count("unexercised"),
      excluded: count("excluded"),
      recorded: count("recorded"),
    },
    lines: all,
    silent,
    unlisted: routes
      .filter((route) => !taken.has(route))
      .map(({ route, method, runs, actions }) => ({
        ...{ route: method === undefined ? route : `${method} ${route}`, runs },
        actions: byFrequency(actions),
      })),
    observations: observations.length,
    entries: observations.reduce((sum, { entries }) => sum + entries, 0),
  };
}

/** An HTTP route's item has its method in the name, the event has it in its data; HEAD is answered by GET where it has no route. */
function isOf({ kind, name }: MergedItem, { route, method }: SeenRoute, items: readonly MergedItem[]): boolean {
  if (name === route) return true;
  if (kind !== "route" || method === undefined) return false;
  if (name === `${method} ${route}`) return true;
  const hasOwn = items.some((item) => item.kind === "route" && item.name === `${method} ${route}`);
  return !hasOwn && (name === `* ${route}` || (method === "HEAD" && name === `GET ${route}`));
}

type Judged = Pick<CoverageLine, "state"> & { readonly says?: string };

function assessRun(item: MergedItem, seen: readonly SeenRoute[]): CoverageLine {
  const recorded = sum(seen.map(({ runs }) => runs));
  const actions = byFrequency(...seen.map((route) => route.actions));
  const writes = byFrequency(...seen.map((route) => route.writes));
  const runs = Math.max(item.runs ?? 0, recorded);
  return { ...lineOf(item), ...judgeRun(item, recorded), runs, actions, writes };
}

function judgeRun(item: MergedItem, recorded: number): Judged {
  const known = judgeListed(item, "nothing that it does passes the capture: register it after the capture");
  if (known !== undefined) return known;
  const { runs = recorded } = item;
  if (runs > recorded) {
    const found = recorded === 0 ? "was not recorded" : `was recorded ${times(recorded)}`;
    return { state: "gap", says: `it ran ${times(runs)} and ${found}` };
  }
  return recorded > 0 ? { state: "recorded" } : unexercised;
}

const unexercised: Judged = { state: "unexercised", says: "it did not run" };

/** What the inventory alone decides. */
function judgeListed({ excluded, problem, captured }: MergedItem, otherwise: string): Judged | undefined {
  if (excluded !== undefined) return { state: "excluded", says: excluded };
  if (problem !== undefined) return { state: "gap", says: problem };
  return captured ? undefined : { state: "gap", says: otherwise };
}

function assessTable(item: MergedItem, tables: readonly SeenTable[], silent: readonly SilentWrite[]): CoverageLine {
  const seen = tables.find(({ table }) => table === item.name);
  const count = seen === undefined ? 0 : sum(Object.values(seen.changes));
  const common = { ...lineOf(item), runs: count, actions: byFrequency(seen?.actions ?? {}), writes: [] };
  const line = seen === undefined ? common : { ...common, changes: seen.changes };
  const known = judgeListed(item, "its changes are not captured");
  if (known !== undefined) return { ...line, ...known };
  return { ...line, ...judgeChanges(item.name, seen, silent) };
}

function judgeChanges(table: string, seen: SeenTable | undefined, silent: readonly SilentWrite[]): Judged {
  const unspoken = sum(silent.filter((write) => write.table === table).map(({ count }) => count));
  if (unspoken > 0) {
    const of = seen === undefined ? unspoken : sum(Object.values(seen.changes));
    return { state: "gap", says: `no event speaks of ${unspoken} of its ${of} ${of === 1 ? "change" : "changes"}` };
  }
  if (seen === undefined) return { state: "unexercised", says: "no row of it was changed" };
  const reasons = byFrequency(seen.reasons);
  return reasons.length === 0 ? { state: "recorded" } : { state: "recorded", says: `also: ${reasons.join("; ")}` };
}

/** Rows of a table changed that nobody listed: a database whose tables were not asked for. */
function unknownTable(seen: SeenTable, silent: readonly SilentWrite[]): CoverageLine {
  const item = { kind: "table", name: seen.table, listedBy: [], captured: true } as const;
  const line = assessTable(item as MergedItem, [seen], silent);
  if (line.state === "gap") return line;
  return { ...line, state: "gap", says: "its changes are in the trail, and no inventory lists it" };
}

function lineOf({ kind, name, listedBy }: MergedItem): Pick<CoverageLine, "kind" | "name" | "listedBy"> {
  return { kind, name, listedBy };
}

function inOrder(a: CoverageLine, b: CoverageLine): number {
  const kinds = ["command", "button", "step", "text", "update", "route", "job", "table"];
  return (
    coverageStates.indexOf(a.state) - coverageStates.indexOf(b.state) ||
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
    (a.name < b.name ? -1 : 1)
  );
}

export function byFrequency(...counts: readonly Readonly<Record<string, number>>[]): readonly string[] {
  const total = new Map<string, number>();
  for (const each of counts)
    for (const [name, count] of Object.entries(each)) total.set(name, (total.get(name) ?? 0) + count);
  return [...total].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
