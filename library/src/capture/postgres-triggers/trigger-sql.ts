/** The triggers of one table: for each statement, with the rows it wrote. */

import { textArray } from "../../trail/postgres-arrays.ts";
import { shapeOf } from "./capture-functions.ts";
import { captureSchema } from "./capture-tables.ts";
import { columnNames, type Decision } from "./decisions.ts";
import { quoteName, quoteText } from "./quote-sql.ts";
import type { TableSchema } from "./read-schema.ts";

export interface Trigger {
  readonly name: string;
  readonly sql: string;
  /** As the catalogue of Postgres has it. */
  readonly functionName: string;
  readonly values: readonly string[];
  readonly oldTable: string | null;
  readonly newTable: string | null;
  /** `pg_trigger.tgtype`. */
  readonly type: number;
}

const operations = [
  { operation: "insert", when: "AFTER INSERT", type: 4, oldTable: null, newTable: "new_rows" },
  { operation: "update", when: "AFTER UPDATE", type: 16, oldTable: "old_rows", newTable: "new_rows" },
  { operation: "delete", when: "AFTER DELETE", type: 8, oldTable: "old_rows", newTable: null },
  { operation: "truncate", when: "BEFORE TRUNCATE", type: 34, oldTable: null, newTable: null },
] as const;

export function triggersOf(table: TableSchema, { masked, most }: Decision): readonly Trigger[] {
  const known = columnNames(table);
  const values = [table.name, String(most), textArray(known), textArray(masked), shapeOf(known)];
  return operations.map(({ operation, when, type, oldTable, newTable }) => {
    const name = `auditrail_capture_${operation}`;
    const functionName = `tell_${operation}${masked.length > 0 ? "_masked" : ""}`;
    const rows = [
      ...(oldTable === null ? [] : [`OLD TABLE AS ${oldTable}`]),
      ...(newTable === null ? [] : [`NEW TABLE AS ${newTable}`]),
    ];
    const referencing = rows.length === 0 ? "" : `REFERENCING ${rows.join(" ")} `;
    const call = `${captureSchema}.${functionName}(${values.map(quoteText).join(", ")})`;
    const sql =
      `DROP TRIGGER IF EXISTS ${name} ON ${table.sqlName};\n` +
      `CREATE TRIGGER ${name} ${when} ON ${table.sqlName} ${referencing}FOR EACH STATEMENT EXECUTE FUNCTION ${call};\n` +
      `ALTER TABLE ${table.sqlName} ENABLE ALWAYS TRIGGER ${name};\n`;
    return { name, sql, functionName, values, oldTable, newTable, type };
  });
}

/** Takes all triggers of ours off a table. */
export function dropTriggersSql(sqlName: string): string {
  return operations
    .map(({ operation }) => `DROP TRIGGER IF EXISTS ${quoteName(`auditrail_capture_${operation}`)} ON ${sqlName};\n`)
    .join("");
}
