/** Counts as a table with bars. */

import { parseInstant } from "../base/time.ts";
import type { BucketUnit, CountRow } from "../query/request.ts";
import { drawBar } from "./bars.ts";
import { createPaint } from "./paint.ts";
import { drawTable, fitColumns, type Cell, type Column } from "./table.ts";
import type { TextOutput } from "./text-output.ts";
import { showTime } from "./times.ts";
import { visibleText } from "./visible-text.ts";

export interface ReportContext {
  readonly by: readonly string[];
  readonly bucket: BucketUnit | undefined;
  readonly zone: string;
  readonly total: number;
  readonly output: TextOutput;
}

/** Bars longer than this make the eye wander. */
const longestBar = 40;
const shortestBar = 8;

export function drawReport(rows: readonly CountRow[], context: ReportContext): string {
  const { by, bucket, total, output } = context;
  const paint = createPaint(output);
  const names = [...(bucket === undefined ? [] : [bucket]), ...by];
  const most = rows.reduce((highest, { count }) => Math.max(highest, count), 1);
  // By time in the order of time; otherwise what there is most of stands first.
  const ordered = bucket === undefined ? rows.toSorted((a, b) => b.count - a.count) : rows;
  const columns: readonly Column[] = [
    ...names.map((name) => ({ title: visibleText(name) })),
    { title: "count", right: true },
    { title: "share", right: true },
  ];
  const cells = (row: CountRow): Cell[] => [
    ...row.keys.map((key, index) => showKey(key, bucket !== undefined && index === 0 ? bucket : undefined, context)),
    row.count.toLocaleString("en"),
    { text: percent(row.count / total), paint: paint.dim },
  ];
  const drawn = ordered.map(cells);
  const sum = { text: total.toLocaleString("en"), paint: paint.strong };
  if (names.length === 0) return `${paint.strong(total.toLocaleString("en"))} ${total === 1 ? "entry" : "entries"}\n`;
  const totalRow: Cell[] = [{ text: "total", paint: paint.strong }, ...names.slice(1).map(() => ""), sum, "", ""];
  const used = fitColumns(columns, drawn, output.columns - shortestBar - 2).reduce(
    (width, column) => width + column + 2,
    0,
  );
  const barColumns = Math.max(shortestBar, Math.min(longestBar, output.columns - used));
  const bars = ordered.map(({ count }): Cell => ({ text: drawBar(count / most, barColumns), paint: paint.accent }));
  const withBars = drawn.map((row, index) => [...row, bars[index]!]);
  return drawTable([...columns, { title: "" }], [...withBars, totalRow], output);
}

function showKey(key: string | null, bucket: BucketUnit | undefined, { zone }: ReportContext): Cell {
  if (key === null) return "(none)";
  return bucket === undefined ? visibleText(key) : showBucket(parseInstant(key), bucket, zone);
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
