import type { InventoryItem } from "../../event/inventory.ts";
import { captureFunctions } from "./capture-functions.ts";
import { guardedTables } from "./capture-tables.ts";
import { allRows, type Connection, type SqlRow } from "./connection.ts";
import { captureProblem, columnNames, decide, readDecisions, type CaptureOptions, type Decision } from "./decisions.ts";
import { readTables, type Column, type TableSchema } from "./read-schema.ts";
import { triggersOf, type Trigger } from "./trigger-sql.ts";

/**
 * Every table of the database as coverage wants to know it: captured by the very triggers and functions that we would make today,
 * excluded, or with what is wrong. Reads only.
 *
 * With `options` it is held against what the application says; without, against what it said when the triggers were installed,
 * which whoever can write the database can also change.
 *
 * Errors: `OPTION_INVALID`, `OPTION_UNKNOWN`.
 */
export async function checkCapture(
  connection: Connection,
  options?: CaptureOptions,
): Promise<readonly InventoryItem[]> {
  const schema = await readTables(connection);
  const isInstalled = await hasCapture(connection);
  const kept = isInstalled ? await readDecisions(connection) : [];
  const decisions = options === undefined ? kept : decideHere(options, schema);
  const found: Found = {
    triggers: await readTriggers(connection),
    known: isInstalled ? await readColumns(connection) : new Map<string, readonly Column[]>(),
  };
  const items = schema
    .map((table) =>
      itemOf(
        table,
        decisions.find((each) => each.table === table.name),
        found,
      ),
    )
    .filter(({ name }, index, all) => isWorst(name, index, all));
  const own = isInstalled ? await ownProblems(connection, found) : [];
  return [...items, ...goneTables(decisions, schema), ...own];
}

/** Whether the database has the tables that captured changes go into. */
export async function hasCapture(connection: Connection): Promise<boolean> {
  const rows = await allRows(connection, "SELECT to_regclass('auditrail_capture.captured_table') IS NOT NULL AS found");
  return rows[0]!["found"] === true;
}

interface Found {
  readonly triggers: readonly SqlRow[];
  /** The columns that each table had when the triggers were installed. */
  readonly known: ReadonlyMap<string, readonly Column[]>;
}

function itemOf(table: TableSchema, decision: Decision | undefined, found: Found): InventoryItem {
  if (decision?.excluded !== undefined) return item(table.name, { excluded: decision.excluded, captured: false });
  const problem = problemOf(table, decision, found);
  return item(table.name, problem === undefined ? { captured: true } : { captured: false, problem });
}

function item(name: string, rest: Pick<InventoryItem, "captured" | "excluded" | "problem">): InventoryItem {
  return { kind: "table", name, listedBy: "postgres-triggers", ...rest };
}

/** A table and its partitions are one item: the first that has something wrong, or the table itself. */
function isWorst(name: string, index: number, all: readonly InventoryItem[]): boolean {
  const same = all.filter((each) => each.name === name);
  return all[index] === (same.find(({ problem }) => problem !== undefined) ?? same[0]);
}

/** A table that is gone is told by {@link goneTables}, so it must not stop the others from being looked at. */
function decideHere(options: CaptureOptions, schema: readonly TableSchema[]): readonly Decision[] {
  const isThere = (name: string): boolean => schema.some((table) => table.name === name);
  const there = Object.entries(options.tables).filter(([name]) => isThere(name));
  const gone = Object.keys(options.tables).filter((name) => !isThere(name));
  return [
    ...decide({ ...options, tables: Object.fromEntries(there) }, schema),
    ...gone.map((table) => ({ table, excluded: undefined, masked: [], most: 0 })),
  ];
}

function problemOf(table: TableSchema, decision: Decision | undefined, found: Found): string | undefined {
  if (decision === undefined) return "nobody decided whether its changes are captured: name it in `tables`";
  const cannot = captureProblem(table, decision.masked);
  if (cannot !== undefined) return cannot;
  const known = (found.known.get(table.name) ?? table.columns).map(({ name }) => name);
  const added = columnNames(table).filter((column) => !known.includes(column));
  if (added.length > 0) {
    const one = added.length === 1;
    return `the ${one ? "column" : "columns"} ${added.join(", ")} came after the triggers and ${one ? "is" : "are"} not captured: run installCapture()`;
  }
  for (const trigger of triggersOf(table, decision)) {
    const problem = triggerProblem(table, trigger, found.triggers);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function triggerProblem(table: TableSchema, wanted: Trigger, triggers: readonly SqlRow[]): string | undefined {
  const where = table.isPartition ? ` of the partition ${table.sqlName}` : "";
  const there = triggers.find(({ oid, name }) => Number(oid) === table.oid && name === wanted.name);
  if (there === undefined) return `the trigger ${wanted.name}${where} is missing: run installCapture()`;
  if (there["enabled"] !== "A") return `the trigger ${wanted.name}${where} is switched off: run installCapture()`;
  const same =
    there["function"] === `auditrail_capture.${wanted.functionName}` &&
    Number(there["type"]) === wanted.type &&
    there["old_table"] === wanted.oldTable &&
    there["new_table"] === wanted.newTable &&
    there["condition"] === false &&
    there["values"] === Buffer.from(wanted.values.map((value) => `${value}\0`).join("")).toString("hex");
  return same
    ? undefined
    : `the trigger ${wanted.name}${where} is not the one that we make for this table: run installCapture()`;
}

function goneTables(decisions: readonly Decision[], schema: readonly TableSchema[]): readonly InventoryItem[] {
  return decisions
    .filter(({ table, excluded }) => excluded === undefined && schema.every(({ name }) => name !== table))
    .map(({ table }) => item(table, { captured: false, problem: "the table is gone, or has another name now" }));
}

/** Whether our functions are as we made them, and what protects the captured changes is there. */
async function ownProblems(connection: Connection, { triggers }: Found): Promise<readonly InventoryItem[]> {
  const rows = await allRows(
    connection,
    `SELECT p.proname AS name, p.prosrc AS source, p.prosecdef AS definer, p.proconfig::text AS settings
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'auditrail_capture'`,
  );
  const changed = captureFunctions.filter(({ name, source, options }) => {
    const there = rows.find((row) => row["name"] === name);
    return (
      there?.["source"] !== source ||
      there["definer"] !== (options === undefined) ||
      there["settings"] !== '{"search_path=pg_catalog, pg_temp"}'
    );
  });
  const unguarded = guardedTables.filter((table) =>
    triggers.every(
      (each) => each["table"] !== `auditrail_capture.${table}` || each["enabled"] !== "A" || each["type"] !== "58",
    ),
  );
  return [
    ...changed.map(({ name }) => `its function ${name}() is missing or altered`),
    ...unguarded.map((table) => `what guards its table ${table} is missing or switched off`),
  ]
    .slice(0, 1)
    .map((problem) => item("auditrail_capture", { captured: false, problem: `${problem}: run installCapture()` }));
}

function readTriggers(connection: Connection): Promise<readonly SqlRow[]> {
  return allRows(
    connection,
    `SELECT t.tgrelid::int8::text AS oid, t.tgrelid::regclass::text AS table, t.tgname AS name, t.tgenabled AS enabled, t.tgtype::text AS type,
       t.tgoldtable AS old_table, t.tgnewtable AS new_table, t.tgqual IS NOT NULL AS condition, encode(t.tgargs, 'hex') AS values,
       n.nspname || '.' || p.proname AS function
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE NOT t.tgisinternal AND t.tgname LIKE 'auditrail\\_%'`,
  );
}

async function readColumns(connection: Connection): Promise<ReadonlyMap<string, readonly Column[]>> {
  const rows = await allRows(connection, "SELECT name, columns::text AS columns FROM auditrail_capture.captured_table");
  return new Map(rows.map(({ name, columns }) => [name as string, JSON.parse(columns as string) as Column[]]));
}
