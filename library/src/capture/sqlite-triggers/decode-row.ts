import type { SqlValue } from "./connection.ts";

/** A row as it was captured, by column. */
export type CapturedRow = Readonly<Record<string, SqlValue>>;

type Cell = null | number | string | Readonly<Record<string, string | number>>;

/** The JSON that a trigger wrote. What was left out for its size reads `[70000 bytes left out]`. */
export function decodeRow(text: string): CapturedRow {
  // Without a prototype, a column may have any name.
  const row: Record<string, SqlValue> = Object.create(null) as Record<string, SqlValue>;
  for (const [name, cell] of Object.entries(JSON.parse(text) as Record<string, Cell>)) row[name] = decodeCell(cell);
  return row;
}

export function decodeKey(text: string): readonly SqlValue[] {
  return (JSON.parse(text) as Cell[]).map(decodeCell);
}

function decodeCell(cell: Cell): SqlValue {
  if (typeof cell !== "object" || cell === null) return cell;
  const [kind, value] = Object.entries(cell)[0]!;
  switch (kind) {
    case "integer":
      return BigInt(value);
    case "real":
      return readReal(String(value));
    case "blob":
      return new Uint8Array(Buffer.from(String(value), "hex"));
    default:
      return `[${value} ${kind} left out]`;
  }
}

/** SQLite writes `Inf` and `-Inf`. */
function readReal(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

/** What an event calls the row by: the key itself, or its values as JSON where it has several. */
export function nameKey(key: readonly SqlValue[]): string {
  const [first = null] = key;
  if (key.length === 1 && first !== "") return plain(first);
  return JSON.stringify(key.map((value) => (value === null ? null : plain(value))));
}

function plain(value: SqlValue): string {
  if (value === null) return "null";
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}

/** Which columns differ between two states of a row. */
export function changedColumns(before: CapturedRow, after: CapturedRow, hidden: string | null): readonly string[] {
  const differ = Object.keys(after).filter((name) => !sameValue(before[name] ?? null, after[name]!));
  const masked = hidden === null ? [] : (JSON.parse(hidden) as (string | null)[]).filter((name) => name !== null);
  return [...new Set([...differ, ...masked])];
}

function sameValue(a: SqlValue, b: SqlValue): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return Object.is(a, b);
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
