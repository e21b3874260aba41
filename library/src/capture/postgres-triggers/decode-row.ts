import type { Column } from "./read-schema.ts";

/** A row as it was captured, by column: JSON, with numbers that JavaScript cannot hold, and decimals, as texts. */
export type CapturedRow = Readonly<Record<string, unknown>>;

const decimalTypes = new Set(["numeric", "money"]);

/** The JSON of a row, exact: a number is one where it reads the same, else the digits as Postgres wrote them. */
export function decodeRow(text: string, columns: readonly Column[]): CapturedRow {
  const parsed = JSON.parse(text, exactNumber) as Record<string, unknown>;
  // Without a prototype, a column may have any name.
  const row: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(parsed)) row[name] = value;
  // Amounts are texts whether or not this one would survive as a number.
  for (const { name, type } of columns)
    if (decimalTypes.has(type) && typeof row[name] === "number") row[name] = String(row[name]);
  return row;
}

function exactNumber(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  return String(value) === context.source ? value : context.source;
}

/** What an event calls the row by: the key itself, or its values as JSON where it has several. */
export function nameRow(row: CapturedRow, key: readonly string[], change: number): string {
  const values = key.map((name) => row[name] ?? null);
  if (values.length === 0) return `change-${change}`;
  const [first] = values;
  if (values.length === 1 && typeof first === "string" && first !== "") return first;
  if (values.length === 1 && typeof first === "number") return String(first);
  return JSON.stringify(values);
}

/** Which columns differ between two states of a row, the masked ones that the trigger saw differ as well. */
export function changedColumns(before: CapturedRow, after: CapturedRow, hidden: readonly string[]): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differ = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return [...new Set([...differ, ...hidden])];
}
