import type { Entry } from "../event/entry.ts";
import { logOf, type AuditEvent } from "../event/event.ts";
import type { InventoryItem } from "../event/inventory.ts";
import { rowLogName } from "../event/row-log.ts";
import { anchorTenant } from "../event/system-log.ts";
import type { TrailHead } from "../trail/contracts.ts";
import {
  observationFormat,
  type ChangeKind,
  type Observation,
  type SeenRoute,
  type SeenTable,
  type SilentWrite,
} from "./observation.ts";

/** The part of a trail that is asked. */
export interface ObservedTrail {
  flush(): Promise<void>;
  trails(): Promise<readonly TrailHead[]>;
  entries(text: string, options: { readonly tenant: string }): AsyncIterable<Entry>;
}

export interface ObserveOptions {
  /** What captures list; bring captured row changes into the trail before. */
  readonly inventory: Iterable<InventoryItem>;
  readonly trail: ObservedTrail;
  /** Only entries that match, such as `after:"2026-11-26"`; all of them by default. */
  readonly query?: string;
}

/**
 * Looks at what a trail holds of everything in an inventory, over all its tenants. Memory grows with the number of operations,
 * not with their events. Errors: `QUERY_INVALID`, those of the store.
 *
 * @example
 * const observation = await observe({ trail, inventory: [...capture.inventory(), ...checkCapture(database)] });
 */
export async function observe({ inventory, trail, query = "" }: ObserveOptions): Promise<Observation> {
  await trail.flush();
  const runs = new Map<string, Run>();
  let entries = 0;
  for (const { tenant } of await trail.trails()) {
    if (tenant === anchorTenant) continue;
    for await (const entry of trail.entries(query, { tenant })) {
      entries += 1;
      noteEntry(runs, entry);
    }
  }
  return { format: observationFormat, items: [...inventory], entries, ...sumUp(runs) };
}

interface RowChange {
  readonly table: string;
  readonly change: ChangeKind;
  readonly context: "given" | "missing";
  readonly reason: string | undefined;
  count: number;
  first: SilentWrite["first"];
}

/** One operation; what has none is a run of its own. */
interface Run {
  route: string | undefined;
  method: string | undefined;
  /** More than one where the capture collapsed like runs. */
  times: number;
  readonly actions: Map<string, number>;
  readonly rows: Map<string, RowChange>;
}

function noteEntry(runs: Map<string, Run>, entry: Entry): void {
  const { event } = entry;
  const log = logOf(event.action);
  // What the audit trail says of itself speaks of nothing that the application does.
  if (log === "auditrail") return;
  const id = event.operationId === undefined ? `event ${event.id}` : `${event.tenant} ${event.operationId}`;
  const run = runs.get(id) ?? { route: undefined, method: undefined, times: 1, actions: new Map(), rows: new Map() };
  runs.set(id, run);
  if (log === rowLogName) return noteRow(run, entry);
  add(run.actions, event.action, 1);
  // A capture may learn its route late: the event that it records when the run has ended knows best, and has the id of the operation.
  if (run.route === undefined || isOfCapture(event)) run.route = event.context?.route ?? run.route;
  const method = event.data?.["method"];
  if (event.context?.source === "http" && typeof method === "string") run.method = method;
  run.times = Math.max(run.times, event.collapsed?.count ?? 1);
}

/** The event of the whole operation gives its id to it (`trail.track`, `trail.begin`). */
function isOfCapture({ id, operationId, durationMs }: AuditEvent): boolean {
  return id === operationId || durationMs !== undefined;
}

const changes: Readonly<Record<string, ChangeKind>> = {
  "row.inserted": "insert",
  "row.updated": "update",
  "row.deleted": "delete",
};

function noteRow(run: Run, { event, seq }: Entry): void {
  const change = changes[event.action];
  const table = event.data?.["table"];
  if (change === undefined || typeof table !== "string") return;
  const context = event.data?.["context"] === "given" ? "given" : "missing";
  // An operation that nothing but its rows is known of may still say where it came from.
  run.route ??= event.context?.route;
  const key = JSON.stringify([table, change, context, event.reason ?? null]);
  const row = event.targets?.[0]?.id ?? "";
  const first = { row, time: event.occurredAt, tenant: event.tenant, seq };
  const known = run.rows.get(key);
  if (known === undefined) run.rows.set(key, { table, change, context, reason: event.reason, count: 1, first });
  else {
    known.count += 1;
    known.first = earlier(known.first, first);
  }
}

/** Rows of one statement have one time; their positions tell them apart. */
export function earlier(a: SilentWrite["first"], b: SilentWrite["first"]): SilentWrite["first"] {
  if (a.time !== b.time) return a.time < b.time ? a : b;
  return a.seq <= b.seq ? a : b;
}

type Sums<Type> = { -readonly [Name in keyof Type]: Type[Name] };

function sumUp(runs: ReadonlyMap<string, Run>): Pick<Observation, "routes" | "tables" | "silent"> {
  const routes = new Map<string, SeenRoute>();
  const tables = new Map<string, SeenTable>();
  const silent = new Map<string, Sums<SilentWrite>>();
  for (const run of runs.values()) {
    if (run.route !== undefined && run.actions.size > 0) sumRoute(routes, run, run.route);
    for (const row of run.rows.values()) {
      const isSpokenOf = run.actions.size > 0;
      sumTable(tables, row, run.actions, isSpokenOf);
      if (!isSpokenOf && row.reason === undefined) sumSilent(silent, row);
    }
  }
  const inOrder = <Value>(sums: ReadonlyMap<string, Value>): Value[] =>
    [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return { routes: inOrder(routes), tables: inOrder(tables), silent: inOrder(silent) };
}

function sumRoute(routes: Map<string, SeenRoute>, run: Run, route: string): void {
  const key = JSON.stringify([route, run.method ?? null]);
  const sums = routes.get(key) ?? { route, runs: 0, actions: {}, writes: {} };
  const actions = { ...sums.actions };
  for (const [action, count] of run.actions) increase(actions, action, count);
  const writes = { ...sums.writes };
  for (const { table, count } of run.rows.values()) increase(writes, table, count);
  const method = run.method === undefined ? {} : { method: run.method };
  routes.set(key, { route, ...method, runs: sums.runs + run.times, actions, writes });
}

function sumTable(
  tables: Map<string, SeenTable>,
  { table, change, count, reason }: RowChange,
  spoken: ReadonlyMap<string, number>,
  isSpokenOf: boolean,
): void {
  const sums = tables.get(table) ?? { table, changes: { insert: 0, update: 0, delete: 0 }, actions: {}, reasons: {} };
  const actions = { ...sums.actions };
  for (const action of spoken.keys()) increase(actions, action, count);
  const reasons = { ...sums.reasons };
  if (!isSpokenOf && reason !== undefined) increase(reasons, reason, count);
  tables.set(table, { table, changes: { ...sums.changes, [change]: sums.changes[change] + count }, actions, reasons });
}

function sumSilent(silent: Map<string, Sums<SilentWrite>>, { table, change, context, count, first }: RowChange): void {
  const key = JSON.stringify([table, change, context]);
  const known = silent.get(key);
  if (known === undefined) silent.set(key, { table, change, context, count, first });
  else {
    known.count += count;
    known.first = earlier(known.first, first);
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function increase(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}
