import { createPaint } from "./paint.ts";
import { fitText, textWidth } from "./text-width.ts";
import type { TextOutput } from "./text-output.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. Such columns are never cut. */
  readonly right?: boolean;
  /** How narrow it may get where there is little room; 8 by default. */
  readonly least?: number;
}

/** Text that is safe to show, and how it is painted once its width is known. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

type Place = Pick<TextOutput, "columns" | "colours">;

const gap = "  ";
const defaultLeast = 8;

/** Rows under titles, cut to the width of the terminal. */
export function drawTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], place: Place): string {
  const widths = fitColumns(columns, rows, place.columns);
  const { dim } = createPaint(place);
  const titles = columns.map(({ title }) => ({ text: title.toUpperCase(), paint: dim }));
  return [titles, ...rows].map((row) => drawRow(columns, widths, row)).join("");
}

/** One line for a row, with columns of these widths; the last one is not padded. Longer cells are cut, or stand out. */
export function drawRow(
  columns: readonly Column[],
  widths: readonly number[],
  row: readonly Cell[],
  cut = true,
): string {
  const cells = row.map((cell, index) => {
    const { text, paint } = typeof cell === "string" ? { text: cell, paint: undefined } : cell;
    const right = columns[index]!.right ?? false;
    const fitted = cut ? fitText(text, widths[index]!) : text;
    const isLast = index === row.length - 1;
    const padding = " ".repeat(isLast && !right ? 0 : Math.max(0, widths[index]! - textWidth(fitted)));
    const painted = paint === undefined ? fitted : paint(fitted);
    return right ? padding + painted : painted + padding;
  });
  return `${cells.join(gap).trimEnd()}\n`;
}

/** How wide each column is, so that together they fit: the widest gives way first. */
export function fitColumns(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  available: number,
): number[] {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(textOf(row[index]!))), textWidth(title)),
  );
  const room = available - gap.length * (columns.length - 1);
  const least = columns.map(({ right, least: own = defaultLeast }, index) =>
    right === true ? widths[index]! : Math.min(widths[index]!, own),
  );
  while (sum(widths) > room) {
    const widest = widths.reduce(
      (best, width, index) => (width > least[index]! && (best === -1 || width >= widths[best]!) ? index : best),
      -1,
    );
    if (widest === -1) break;
    widths[widest] = widths[widest]! - 1;
  }
  return widths;
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
