import type { InventoryItem } from "../../event/inventory.ts";
import { allRows, oneValue, type Connection } from "./connection.ts";
import { captureProblem, decide, readDecisions, type CaptureOptions, type Decision } from "./decisions.ts";
import {
  expectedTriggers,
  foreignTriggerAfter,
  isOurs,
  readTriggers,
  type InstalledTrigger,
} from "./install-capture.ts";
import { readTables, type TableSchema } from "./read-schema.ts";
import { triggersOf } from "./trigger-sql.ts";

/**
 * Every table of the database as coverage wants to know it: captured by the very triggers that we would make today,
 * excluded, or with what is wrong. Reads only.
 *
 * With `options` it is held against what the application says; without, against what it said when the triggers were installed,
 * which whoever can write the database can also change.
 *
 * Errors: `OPTION_INVALID`, `OPTION_UNKNOWN`.
 */
export function checkCapture(connection: Connection, options?: CaptureOptions): readonly InventoryItem[] {
  const schema = readTables(connection);
  const isInstalled = hasCapture(connection);
  const decisions = options !== undefined ? decideHere(options, schema) : isInstalled ? readDecisions(connection) : [];
  const triggers = readTriggers(connection);
  const known = isInstalled ? readColumns(connection) : new Map<string, readonly string[]>();
  const items = schema.map((table) => {
    const decision = decisions.find((each) => each.table === table.name);
    if (decision?.excluded !== undefined) return item(table.name, { excluded: decision.excluded, captured: false });
    const problem = problemOf(table, decision, { triggers, known: known.get(table.name) });
    return item(table.name, problem === undefined ? { captured: true } : { captured: false, problem });
  });
  return [
    ...items,
    ...goneTables(decisions, schema),
    ...guardProblems(isInstalled, triggers, decisions),
    ...(isInstalled ? missingChanges(connection) : []),
  ];
}

/** Whether the database has the tables that captured changes go into. */
export function hasCapture(connection: Connection): boolean {
  const found = oneValue(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'auditrail_change_table'");
  return Number(found) > 0;
}

function item(name: string, rest: Pick<InventoryItem, "captured" | "excluded" | "problem">): InventoryItem {
  return { kind: "table", name, listedBy: "sqlite-triggers", ...rest };
}

/** A table that is gone is told by {@link goneTables}, so it must not stop the others from being looked at. */
function decideHere(options: CaptureOptions, schema: readonly TableSchema[]): readonly Decision[] {
  const there = Object.entries(options.tables).filter(([name]) => schema.some((table) => table.name === name));
  const gone = Object.keys(options.tables).filter((name) => schema.every((table) => table.name !== name));
  return [
    ...decide({ ...options, tables: Object.fromEntries(there) }, schema),
    ...gone.map((table) => ({ table, excluded: undefined, masked: [] })),
  ];
}

interface Found {
  readonly triggers: readonly InstalledTrigger[];
  /** The columns it had when the triggers were installed. */
  readonly known: readonly string[] | undefined;
}

function problemOf(table: TableSchema, decision: Decision | undefined, found: Found): string | undefined {
  if (decision === undefined) return "nobody decided whether its changes are captured: name it in `tables`";
  const cannot = captureProblem(table, decision.masked);
  if (cannot !== undefined) return cannot;
  const added = table.columns.filter((column) => !(found.known ?? table.columns).includes(column));
  if (added.length > 0) {
    const one = added.length === 1;
    return `the ${one ? "column" : "columns"} ${added.join(", ")} came after the triggers and ${one ? "is" : "are"} not captured: run installCapture()`;
  }
  return triggerProblem(table, decision, found.triggers) ?? indexProblem(table);
}

function triggerProblem(
  table: TableSchema,
  { masked }: Decision,
  triggers: readonly InstalledTrigger[],
): string | undefined {
  for (const { name, sql } of triggersOf(table, masked)) {
    const there = triggers.find((trigger) => trigger.name === name);
    if (there === undefined) return `the trigger ${name} is missing: run installCapture()`;
    if (there.sql !== sql)
      return `the trigger ${name} is not the one that we make for this table: run installCapture()`;
    const newer = foreignTriggerAfter(there, triggers);
    if (newer !== undefined)
      return `the trigger ${newer.name} is newer than ours, so its changes are told before their cause: run installCapture()`;
  }
  return undefined;
}

function indexProblem({ expressionIndexes }: TableSchema): string | undefined {
  const [name] = expressionIndexes;
  if (name === undefined) return undefined;
  return `the unique index ${name} is on an expression: rows that a REPLACE removes because of it are seen only with PRAGMA recursive_triggers = ON. Use a generated column`;
}

function goneTables(decisions: readonly Decision[], schema: readonly TableSchema[]): readonly InventoryItem[] {
  return decisions
    .filter(({ table, excluded }) => excluded === undefined && schema.every(({ name }) => name !== table))
    .map(({ table }) => item(table, { captured: false, problem: "the table is gone, or has another name now" }));
}

/** Whether what protects the captured changes is there, and nothing of ours that should not be. */
function guardProblems(
  isInstalled: boolean,
  triggers: readonly InstalledTrigger[],
  decisions: readonly Decision[],
): readonly InventoryItem[] {
  if (!isInstalled) return [];
  const broken = expectedTriggers([], []).filter(({ name, sql }) =>
    triggers.every((t) => t.name !== name || t.sql !== sql),
  );
  const expectedTables = new Set(decisions.filter(({ excluded }) => excluded === undefined).map(({ table }) => table));
  const strange = triggers.filter(
    (trigger) =>
      isOurs(trigger) && !trigger.name.startsWith("auditrail_change_guard_") && !expectedTables.has(trigger.table),
  );
  return [
    ...broken.map(({ name }) =>
      item("auditrail_change", {
        captured: false,
        problem: `its trigger ${name} is missing or altered: run installCapture()`,
      }),
    ),
    ...strange.map(({ name, table }) =>
      item(table, { captured: false, problem: `it still has our trigger ${name}: run installCapture()` }),
    ),
  ].slice(0, 1);
}

/** What draining found to be gone between capture and trail. */
function missingChanges(connection: Connection): readonly InventoryItem[] {
  const missing = Number(oneValue(connection, "SELECT missing FROM auditrail_change_state"));
  if (missing === 0) return [];
  const problem = `${missing} captured ${missing === 1 ? "change was" : "changes were"} taken away before the trail had ${missing === 1 ? "it" : "them"}`;
  return [item("auditrail_change", { captured: false, problem })];
}

function readColumns(connection: Connection): ReadonlyMap<string, readonly string[]> {
  const rows = allRows(connection, "SELECT name, columns FROM auditrail_change_table");
  return new Map(rows.map(({ name, columns }) => [name as string, JSON.parse(columns as string) as string[]]));
}
