/** Counts as a table: one key goes down, the other across. */

import type { CountRow } from "../api/types.ts";

export type Key = string | null;

export interface PivotRow {
  readonly key: Key;
  readonly total: number;
  /** In the order of the columns. */
  readonly cells: readonly number[];
}

export interface Pivot {
  readonly columns: readonly Key[];
  readonly rows: readonly PivotRow[];
  readonly totals: readonly number[];
  readonly total: number;
}

/** `byTime` keeps the rows in the order of time; else the largest comes first. */
export function pivotOf(counts: readonly CountRow[], byTime: boolean): Pivot {
  const columns = [...new Set(counts.map(({ keys }) => keys[1] ?? null))].toSorted(compareColumns);
  const cells = new Map<Key, number[]>();
  for (const { keys, count } of counts) {
    const key = keys[0] ?? null;
    const row = cells.get(key) ?? columns.map(() => 0);
    const at = columns.indexOf(keys[1] ?? null);
    row[at] = (row[at] ?? 0) + count;
    cells.set(key, row);
  }
  const rows = [...cells].map(([key, row]) => ({ key, cells: row, total: row.reduce((sum, count) => sum + count, 0) }));
  const ordered = rows.toSorted((a, b) =>
    byTime ? compareKeys(a.key, b.key) : b.total - a.total || compareKeys(a.key, b.key),
  );
  const totals = columns.map((_, index) => rows.reduce((sum, row) => sum + (row.cells[index] ?? 0), 0));
  return { columns, rows: ordered, totals, total: totals.reduce((sum, count) => sum + count, 0) };
}

/** Outcomes from good to bad, as everywhere else; other keys by name. */
const outcomeOrder = ["success", "failure", "denied", "unknown"];

function compareColumns(a: Key, b: Key): number {
  const [first, second] = [outcomeOrder.indexOf(a ?? ""), outcomeOrder.indexOf(b ?? "")];
  return first !== -1 && second !== -1 ? first - second : compareKeys(a, b);
}

function compareKeys(a: Key, b: Key): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}

/** Cells that a spreadsheet would run begin with one of these. */
const runs = /^[=+\-@\t\r]/;

export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string => {
    if (typeof value === "number") return String(value);
    const guarded = runs.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
