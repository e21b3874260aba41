import { encodeHex } from "../../base/bytes.ts";
import { createCaptureTables, guards } from "./capture-tables.ts";
import { allRows, inTransaction, type Connection } from "./connection.ts";
import { decide, type CaptureOptions, type Decision } from "./decisions.ts";
import { quoteName } from "./quote-sql.ts";
import { readTables, type TableSchema } from "./read-schema.ts";
import { triggersOf, type Trigger } from "./trigger-sql.ts";

export interface InstalledCapture {
  readonly captured: readonly string[];
  readonly excluded: readonly string[];
  /** Triggers that were made, made anew because the table or the decision changed, or taken away. */
  readonly changed: readonly string[];
}

/**
 * Makes the triggers that capture every row change of the chosen tables, whoever writes them, and brings those that are there
 * up to date. Run it after the application's own migrations, each time: where nothing changed, nothing is done.
 * All or nothing, in one transaction.
 *
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `STORE_LOCKED`; the driver's own where SQLite refuses the SQL.
 *
 * @example
 * installCapture(database, { tables: { habits: {}, users: { mask: ["session"] }, cache: { exclude: "computed anew at each start" } } });
 */
export function installCapture(connection: Connection, options: CaptureOptions): InstalledCapture {
  return inTransaction(connection, () => {
    const schema = readTables(connection);
    const decisions = decide(options, schema);
    connection.exec(createCaptureTables);
    connection
      .prepare("INSERT OR IGNORE INTO auditrail_change_state VALUES (1, ?, 0, 0, 0)")
      .run(encodeHex(crypto.getRandomValues(new Uint8Array(16))));
    keepDecisions(connection, decisions, schema);
    const changed = replaceTriggers(connection, expectedTriggers(decisions, schema));
    const names = (excluded: boolean): string[] =>
      decisions.filter((decision) => (decision.excluded !== undefined) === excluded).map(({ table }) => table);
    return { captured: names(false), excluded: names(true), changed };
  });
}

/** The statements that {@link installCapture} would run for these tables, for people who keep migrations as text. */
export function captureSql(connection: Connection, options: CaptureOptions): string {
  const schema = readTables(connection);
  return expectedTriggers(decide(options, schema), schema)
    .map(({ sql }) => `${sql};\n`)
    .join("\n");
}

/** Takes the triggers away, for a migration that they are in the way of. What was captured stays. */
export function removeCapture(connection: Connection): void {
  inTransaction(connection, () => void replaceTriggers(connection, guards));
}

export function expectedTriggers(decisions: readonly Decision[], schema: readonly TableSchema[]): readonly Trigger[] {
  const ofTables = decisions
    .filter(({ excluded }) => excluded === undefined)
    .flatMap(({ table, masked }) => {
      const found = schema.find(({ name }) => name === table);
      return found === undefined ? [] : triggersOf(found, masked);
    });
  return [...guards, ...ofTables];
}

export interface InstalledTrigger extends Trigger {
  readonly table: string;
  /** Grows with the order in which they were made. */
  readonly order: number;
}

export function readTriggers(connection: Connection): readonly InstalledTrigger[] {
  return allRows(
    connection,
    "SELECT rowid AS number, name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid",
  ).map(({ number, name, tbl_name, sql }) => ({
    ...{ name: name as string, sql: sql as string, table: tbl_name as string, order: Number(number) },
  }));
}

export function isOurs({ name }: { readonly name: string }): boolean {
  return name.startsWith("auditrail_change_");
}

/**
 * SQLite runs the newest trigger first. Where one of the application's is newer than ours and changes the same table, its change
 * would be told before the one that caused it: then ours are made anew.
 */
export function foreignTriggerAfter(
  ours: InstalledTrigger,
  all: readonly InstalledTrigger[],
): InstalledTrigger | undefined {
  return all.find((other) => !isOurs(other) && other.table === ours.table && other.order > ours.order);
}

function replaceTriggers(connection: Connection, expected: readonly Trigger[]): readonly string[] {
  const all = readTriggers(connection);
  const there = all.filter(isOurs);
  const stale = there.filter((trigger) => {
    const wanted = expected.find(({ name }) => name === trigger.name);
    return wanted === undefined || wanted.sql !== trigger.sql || foreignTriggerAfter(trigger, all) !== undefined;
  });
  for (const { name } of stale) connection.exec(`DROP TRIGGER ${quoteName(name)}`);
  const kept = new Set(there.filter((trigger) => !stale.includes(trigger)).map(({ name }) => name));
  const missing = expected.filter(({ name }) => !kept.has(name));
  for (const { sql } of missing) connection.exec(sql);
  return [...new Set([...stale, ...missing].map(({ name }) => name))];
}

function keepDecisions(connection: Connection, decisions: readonly Decision[], schema: readonly TableSchema[]): void {
  connection.exec("DELETE FROM auditrail_change_table");
  const keep = connection.prepare(
    "INSERT INTO auditrail_change_table (name, excluded, masked, columns) VALUES (?, ?, ?, ?)",
  );
  for (const { table, excluded, masked } of decisions) {
    const columns = schema.find(({ name }) => name === table)!.columns;
    keep.run(table, excluded ?? null, JSON.stringify(masked), JSON.stringify(columns));
  }
}
