/** Counts as a table with bars. */

import { parseInstant } from "../base/time.ts";
import type { BucketUnit, CountRow } from "../query/request.ts";
import { drawBar } from "./bars.ts";
import { createPaint } from "./paint.ts";
import { drawTable, fitColumns, type Cell, type Column } from "./table.ts";
import type { TextOutput } from "./text-output.ts";
import { showTime } from "./times.ts";
import { visibleText } from "../formats/visible-text.ts";

export interface ReportContext {
  readonly by: readonly string[];
  readonly bucket: BucketUnit | undefined;
  readonly zone: string;
  /** How many entries there are in all. */
  readonly total: number;
  /** What is left out of the rows. */
  readonly others: { readonly groups: number; readonly count: number };
  readonly output: TextOutput;
}

/** Bars longer than this make the eye wander. */
const longestBar = 40;
const shortestBar = 8;

export function drawReport(rows: readonly CountRow[], context: ReportContext): string {
  const { by, bucket, total, others, output } = context;
  const paint = createPaint(output);
  const names = [...(bucket === undefined ? [] : [bucket]), ...by];
  const shownTotal = { text: total.toLocaleString("en"), paint: paint.strong };
  if (names.length === 0) return `${paint.strong(shownTotal.text)} ${total === 1 ? "entry" : "entries"}\n`;
  // By time in the order of time; otherwise what there is most of stands first.
  const ordered = bucket === undefined ? rows.toSorted((a, b) => b.count - a.count) : rows;
  const counts = (count: number): Cell[] => [
    count.toLocaleString("en"),
    { text: percent(count / total), paint: paint.dim },
  ];
  const blanks = names.slice(1).map(() => "");
  const drawn = ordered.map(({ keys, count }) => [
    ...keys.map((key, index) => showKey(key, index, context)),
    ...counts(count),
  ]);
  const last: Cell[][] = [[{ text: "total", paint: paint.strong }, ...blanks, shownTotal, "", ""]];
  if (others.groups > 0)
    last.unshift([{ text: `(${others.groups} others)`, paint: paint.dim }, ...blanks, ...counts(others.count), ""]);
  const columns = [
    ...names.map((name) => ({ title: visibleText(name) })),
    { title: "count", right: true },
    { title: "share", right: true },
  ];
  const bars = drawBars(ordered, roomForBars(columns, drawn, output.columns));
  const withBars = drawn.map((row, index) => [...row, { text: bars[index]!, paint: paint.accent }]);
  return drawTable([...columns, { title: "" }], [...withBars, ...last], output);
}

function roomForBars(columns: readonly Column[], rows: readonly (readonly Cell[])[], available: number): number {
  const used = fitColumns(columns, rows, available - shortestBar - 2).reduce((sum, width) => sum + width + 2, 0);
  return Math.max(shortestBar, Math.min(longestBar, available - used));
}

function drawBars(rows: readonly CountRow[], columns: number): readonly string[] {
  const most = rows.reduce((highest, { count }) => Math.max(highest, count), 1);
  return rows.map(({ count }) => drawBar(count / most, columns));
}

function showKey(key: string | null, index: number, { bucket, zone }: ReportContext): Cell {
  if (key === null) return "(none)";
  return bucket === undefined || index > 0 ? visibleText(key) : showBucket(parseInstant(key), bucket, zone);
}

function showBucket(micros: number, unit: BucketUnit, zone: string): string {
  const time = showTime(micros, zone);
  switch (unit) {
    case "minute":
    case "hour":
      return time.slice(0, 16);
    case "day":
      return time.slice(0, 10);
    case "week":
      return `week of ${time.slice(0, 10)}`;
    case "month":
      return time.slice(0, 7);
    case "year":
      return time.slice(0, 4);
  }
}

function percent(share: number): string {
  return share > 0 && share < 0.001 ? "<0.1%" : `${(100 * share).toFixed(1)}%`;
}
