/**
 * The triggers of one table, as SQL.
 *
 * Insert, update and delete are written down after they happened, each row of a bulk statement for itself, and so are
 * cascades. What a REPLACE removes has no trigger of its own: before a row comes in, or its keys change, the rows that it may replace
 * are remembered, and afterwards those that are gone are written down as deleted. With `recursive_triggers` on, the delete
 * trigger runs for them and takes them off the list, so that nothing is told twice.
 *
 * A row is JSON text, put together by concatenation: the functions that make objects take at most 127 arguments.
 */

import type { TableSchema } from "./read-schema.ts";
import { quoteName, quoteText } from "./quote-sql.ts";

export interface Trigger {
  readonly name: string;
  readonly sql: string;
}

/** What stands for a secret; redaction's own word, so that a value that is masked here gets no second mark there. */
const maskedValue = `'"[masked]"'`;

/** Larger values would make an entry too large anyway; their size says that there was one. */
const largestValue = 65_536;

/** The most columns that a key of a table WITHOUT ROWID may have here. */
export const mostKeyColumns = 8;

export function triggersOf(table: TableSchema, maskedColumns: readonly string[]): readonly Trigger[] {
  const parts = describe(table, maskedColumns);
  const triggers = [insertTrigger(parts), updateTrigger(parts), deleteTrigger(parts)];
  if (table.uniqueKeys.length > 0) triggers.push(beforeInsertTrigger(parts), beforeUpdateTrigger(parts));
  return triggers;
}

interface Parts {
  readonly table: TableSchema;
  readonly masked: ReadonlySet<string>;
  /** What a row is found again by within a statement: its rowid, or its primary key. */
  readonly identity: readonly string[];
  /** What people call the row by: its primary key, or its rowid. */
  readonly key: readonly string[];
}

function describe(table: TableSchema, maskedColumns: readonly string[]): Parts {
  const hidden = new Set(maskedColumns);
  const byRowid = table.primaryKey.length === 0 || table.primaryKey.some((column) => hidden.has(column));
  const rowid = table.rowid === undefined ? [] : [table.rowid];
  return {
    ...{ table, masked: hidden },
    identity: rowid.length > 0 ? rowid : table.primaryKey,
    key: byRowid ? rowid : table.primaryKey,
  };
}

const trigger = ({ table }: Parts, kind: string, when: string, body: readonly string[]): Trigger => {
  const name = `auditrail_change_${kind}_${table.name}`;
  const steps = body.map((statement) => `  ${statement};\n`).join("");
  return { name, sql: `CREATE TRIGGER ${quoteName(name)} ${when}\nBEGIN\n${steps}END` };
};

function insertTrigger(parts: Parts): Trigger {
  const isGone = `(${sameRow(parts, "new")} OR ${isMissing(parts)})`;
  return trigger(parts, "insert", `AFTER INSERT ON ${quoteName(parts.table.name)}`, [
    ...tellReplaced(parts, isGone),
    keep(parts, { change: "insert", key: keyOf(parts, "new"), before: "NULL", after: rowOf(parts, "new") }),
  ]);
}

function updateTrigger(parts: Parts): Trigger {
  const { table } = parts;
  const watched = [...new Set([...parts.identity, ...table.columns])];
  const differs = watched.map(differ);
  const tookItsPlace = `(${sameRow(parts, "new")} OR ${isMissing(parts)}) AND NOT ${sameRow(parts, "old")}`;
  return trigger(parts, "update", `AFTER UPDATE ON ${quoteName(table.name)}\nWHEN ${differs.join("\n  OR ")}`, [
    ...tellReplaced(parts, tookItsPlace),
    forget(parts),
    keep(parts, {
      ...{ change: "update", key: keyOf(parts, "old"), before: rowOf(parts, "old"), after: rowOf(parts, "new") },
      hidden: hiddenChanges(parts),
    }),
  ]);
}

function deleteTrigger(parts: Parts): Trigger {
  return trigger(parts, "delete", `AFTER DELETE ON ${quoteName(parts.table.name)}`, [
    forget(parts),
    keep(parts, { change: "delete", key: keyOf(parts, "old"), before: rowOf(parts, "old"), after: "NULL" }),
  ]);
}

function beforeInsertTrigger(parts: Parts): Trigger {
  return trigger(parts, "before_insert", `BEFORE INSERT ON ${quoteName(parts.table.name)}`, rememberRivals(parts));
}

function beforeUpdateTrigger(parts: Parts): Trigger {
  const { table } = parts;
  const columns = new Set(table.uniqueKeys.flatMap((key) => key.columns.map(({ name }) => name)));
  const when = `BEFORE UPDATE OF ${[...columns].map(quoteName).join(", ")} ON ${quoteName(table.name)}`;
  const itself = parts.identity.map((name) => `t.${quoteName(name)} IS old.${quoteName(name)}`).join(" AND ");
  return trigger(parts, "before_update", when, rememberRivals(parts, `NOT (${itself})`));
}

/** Rows that share a unique key with the one that comes: more than will be replaced, where an index covers only some rows. */
function rememberRivals(parts: Parts, besides = "1"): readonly string[] {
  const { table, identity } = parts;
  const rivals = table.uniqueKeys.map(({ columns }) =>
    columns.map(({ name, collation }) => equal(name, collation)).join(" AND "),
  );
  const places = identity.map((_, index) => `k${index + 1}`).join(", ");
  const values = identity.map((name) => `t.${quoteName(name)}`).join(", ");
  const literal = quoteText(table.name);
  return [
    `DELETE FROM auditrail_change_replaced WHERE table_name = ${literal}`,
    `INSERT INTO auditrail_change_replaced (table_name, ${places}, row_key, row)\n` +
      `  SELECT ${literal}, ${values}, ${keyOf(parts, "t")}, ${rowOf(parts, "t")}\n` +
      `  FROM ${quoteName(table.name)} t WHERE (${rivals.map((rival) => `(${rival})`).join(" OR ")}) AND ${besides}`,
  ];
}

function equal(name: string, collation: string): string {
  return `t.${quoteName(name)} = new.${quoteName(name)} COLLATE ${quoteName(collation)}`;
}

function tellReplaced(parts: Parts, isGone: string): readonly string[] {
  if (parts.table.uniqueKeys.length === 0) return [];
  const where = `table_name = ${quoteText(parts.table.name)} AND ${isGone}`;
  return [
    `INSERT INTO auditrail_change (table_name, change, row_key, before, after, context, at)\n` +
      `  SELECT table_name, 'delete', row_key, row, NULL, ${context}, ${now}\n` +
      `  FROM auditrail_change_replaced WHERE ${where}`,
    `DELETE FROM auditrail_change_replaced WHERE ${where}`,
  ];
}

/** A row that was updated or deleted is not as it was remembered. */
function forget(parts: Parts): string {
  return `DELETE FROM auditrail_change_replaced WHERE table_name = ${quoteText(parts.table.name)} AND ${sameRow(parts, "old")}`;
}

function sameRow({ identity }: Parts, row: "old" | "new"): string {
  return `(${identity.map((name, index) => `auditrail_change_replaced.k${index + 1} IS ${row}.${quoteName(name)}`).join(" AND ")})`;
}

function isMissing({ table, identity }: Parts): string {
  const found = identity
    .map((name, index) => `t.${quoteName(name)} = auditrail_change_replaced.k${index + 1}`)
    .join(" AND ");
  return `NOT EXISTS (SELECT 1 FROM ${quoteName(table.name)} t WHERE ${found})`;
}

const context = "(SELECT context FROM auditrail_change_now)";
const now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/** Without BINARY, a column that ignores case would hide a change of case. */
function differ(name: string): string {
  return `old.${quoteName(name)} IS NOT new.${quoteName(name)} COLLATE BINARY`;
}

interface Change {
  readonly change: "insert" | "update" | "delete";
  readonly key: string;
  readonly before: string;
  readonly after: string;
  readonly hidden?: string;
}

function keep({ table }: Parts, { change, key, before, after, hidden = "NULL" }: Change): string {
  return (
    `INSERT INTO auditrail_change (table_name, change, row_key, before, after, hidden, context, at)\n` +
    `  VALUES (${quoteText(table.name)}, '${change}', ${key},\n  ${before},\n  ${after},\n  ${hidden}, ${context}, ${now})`
  );
}

/** JSON array of the masked columns that an update changed, after a null: their values cannot be compared later. */
function hiddenChanges({ masked }: Parts): string {
  if (masked.size === 0) return "NULL";
  const names = [...masked].map((name) => `iif(${differ(name)}, ${quoteText(`,${JSON.stringify(name)}`)}, '')`);
  return `'[null' || ${names.join(" || ")} || ']'`;
}

/** JSON array of the key's values. */
function keyOf({ key }: Parts, row: string): string {
  return `'[' || ${key.map((name) => valueOf(`${row}.${quoteName(name)}`)).join(" || ',' || ")} || ']'`;
}

/** JSON object of all columns. */
function rowOf({ table, masked: hidden }: Parts, row: string): string {
  const members = table.columns.map((name) => {
    const column = `${row}.${quoteName(name)}`;
    const value = hidden.has(name) ? `iif(${column} IS NULL, 'null', ${maskedValue})` : valueOf(column);
    return `${quoteText(`${JSON.stringify(name)}:`)} || ${value}`;
  });
  return `'{' || ${members.join(" || ',' ||\n    ")} || '}'`;
}

/**
 * The JSON of one value, exact: an integer that JavaScript cannot hold, an infinite real and a blob become an object that says
 * which. Nothing in it can fail, for it would fail the application's own statement.
 */
function valueOf(value: string): string {
  return (
    `CASE typeof(${value}) WHEN 'null' THEN 'null'` +
    ` WHEN 'integer' THEN iif(abs(${value} / 2) < 4503599627370496, '' || ${value}, '{"integer":"' || ${value} || '"}')` +
    ` WHEN 'real' THEN iif(abs(${value}) < 9e307, printf('%!.17g', ${value}), '{"real":"' || ${value} || '"}')` +
    ` WHEN 'text' THEN iif(length(${value}) > ${largestValue}, '{"characters":' || length(${value}) || '}', json_quote(${value}))` +
    ` ELSE iif(length(${value}) > ${largestValue}, '{"bytes":' || length(${value}) || '}', '{"blob":"' || hex(${value}) || '"}') END`
  );
}
