import { textArray } from "../../trail/postgres-arrays.ts";
import { captureFunctions, functionSql } from "./capture-functions.ts";
import { captureTables, guardSql } from "./capture-tables.ts";
import { checkCapture, hasCapture } from "./check-capture.ts";
import { allRows, type Connection } from "./connection.ts";
import { decide, type CaptureOptions, type Decision } from "./decisions.ts";
import { quoteText } from "./quote-sql.ts";
import { readTables, type TableSchema } from "./read-schema.ts";
import { dropTriggersSql, triggersOf } from "./trigger-sql.ts";

export interface InstalledCapture {
  readonly captured: readonly string[];
  readonly excluded: readonly string[];
  /** Whether anything had to be made; where not, no table was locked. */
  readonly changed: boolean;
}

/**
 * Makes the triggers that capture every change of the chosen tables, whoever writes them, and brings those that are there up to
 * date. Run it after the application's own migrations, each time. All or nothing; any number of processes may run it at once.
 *
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`; the driver's own where Postgres refuses the SQL.
 *
 * @example
 * await installCapture(pool, { tables: { orders: {}, users: { mask: ["session"] }, cache: { exclude: "computed anew" } } });
 */
export async function installCapture(connection: Connection, options: CaptureOptions): Promise<InstalledCapture> {
  const schema = await readTables(connection);
  const decisions = decide(options, schema);
  const named = (isExcluded: boolean): string[] =>
    decisions.filter(({ excluded }) => (excluded !== undefined) === isExcluded).map(({ table }) => table);
  const result = { captured: named(false), excluded: named(true) };
  if (await isInstalled(connection, options, decisions)) return { ...result, changed: false };
  await connection.query(writeSql(decisions, schema));
  return { ...result, changed: true };
}

async function isInstalled(
  connection: Connection,
  options: CaptureOptions,
  decisions: readonly Decision[],
): Promise<boolean> {
  if (!(await hasCapture(connection))) return false;
  const rows = await allRows(connection, "SELECT name, excluded FROM auditrail_capture.captured_table");
  const kept = new Map(rows.map(({ name, excluded }) => [name, excluded]));
  if (kept.size !== decisions.length) return false;
  if (decisions.some(({ table, excluded }) => kept.get(table) !== (excluded ?? null))) return false;
  const named = new Set(decisions.map(({ table }) => table));
  return (await checkCapture(connection, options)).every(
    ({ name, problem }) => problem === undefined || !named.has(name),
  );
}

/**
 * The migration that {@link installCapture} would run, for people who keep migrations as text and run them in a transaction. It
 * may be run again.
 */
export async function captureSql(connection: Connection, options: CaptureOptions): Promise<string> {
  const schema = await readTables(connection);
  return writeSql(decide(options, schema), schema);
}

/** Takes the triggers away; what was captured stays. */
export async function removeCapture(connection: Connection): Promise<void> {
  const schema = await readTables(connection);
  await connection.query(schema.map(({ sqlName }) => dropTriggersSql(sqlName)).join(""));
}

/** One text, so that `query()` runs it in one transaction. The lock makes processes that start together take turns. */
function writeSql(decisions: readonly Decision[], schema: readonly TableSchema[]): string {
  const ofTables = schema.map((table) => {
    const decision = decisions.find((each) => each.table === table.name);
    if (decision === undefined || decision.excluded !== undefined) return dropTriggersSql(table.sqlName);
    return triggersOf(table, decision)
      .map(({ sql }) => sql)
      .join("");
  });
  return [
    "SELECT pg_advisory_xact_lock(hashtext('auditrail_capture'));\n",
    ...[captureTables, ...captureFunctions.map(functionSql), guardSql, "\n"],
    ...["DELETE FROM auditrail_capture.captured_table;\n", ...decisions.map((each) => keepSql(each, schema))],
    ...ofTables,
  ].join("");
}

function keepSql({ table, excluded, masked, most }: Decision, schema: readonly TableSchema[]): string {
  const found = schema.find(({ name, isPartition }) => name === table && !isPartition)!;
  const values = [
    ...[quoteText(table), excluded === undefined ? "NULL" : quoteText(excluded), quoteText(textArray(masked))],
    ...[quoteText(textArray(found.primaryKey)), quoteText(JSON.stringify(found.columns)), String(most)],
  ];
  return `INSERT INTO auditrail_capture.captured_table (name, excluded, masked, key, columns, most) VALUES (${values.join(", ")});\n`;
}
