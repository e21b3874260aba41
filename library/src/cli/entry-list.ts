/** Entries as a table that can be written while they are still arriving. */

import { parseInstant } from "../base/time.ts";
import type { Entry } from "../event/entry.ts";
import type { ColumnContext, EntryColumn } from "./entry-columns.ts";
import { findColumn } from "./entry-columns.ts";
import { drawRow, fitColumns, type Cell } from "./table.ts";
import type { TextOutput } from "./text-output.ts";
import { showDay } from "./times.ts";

export interface EntryList {
  add(entry: Entry): Promise<void>;
  /** Writes what is still held back. */
  end(): Promise<void>;
}

export interface EntryListOptions extends ColumnContext {
  readonly output: TextOutput;
  /** Columns asked for; those that fit the output, where none are. */
  readonly columns: readonly string[] | undefined;
}

/** The widths of columns are taken from so many entries; later ones keep to them. */
const measured = 200;

/** On a terminal the day stands in a line of its own; where that is not wide enough, a sentence takes less room. */
const wideColumns = ["seq", "clock", "mark", "actor", "action", "target", "notes"];
const narrowColumns = ["seq", "clock", "mark", "story"];
const plainColumns = ["seq", "time", "outcome", "actor", "action", "target", "notes"];
const wide = 100;

function defaultColumns({ columns }: TextOutput): readonly string[] {
  if (columns === Infinity) return plainColumns;
  return columns < wide ? narrowColumns : wideColumns;
}

/** Errors: `QUERY_INVALID` for an unknown column. */
export function createEntryList(options: EntryListOptions): EntryList {
  const { output, paint, zone } = options;
  const names = options.columns ?? defaultColumns(output);
  const columns: readonly EntryColumn[] = names.map(findColumn);
  const showDays = names.includes("clock");
  let waiting: Entry[] = [];
  let widths: number[] | undefined;
  let lastDay = "";

  const cellsOf = (entry: Entry): Cell[] => columns.map((column) => column.cell(entry, options));
  const dayLine = (entry: Entry): string => {
    const day = showDay(parseInstant(entry.event.occurredAt), zone);
    if (!showDays || day === lastDay) return "";
    lastDay = day;
    return `${paint.strong(day)}\n`;
  };
  const draw = (entry: Entry, cells: readonly Cell[]): string =>
    dayLine(entry) + drawRow(columns, widths!, cells, output.columns !== Infinity);

  async function start(): Promise<void> {
    const rows = waiting.map(cellsOf);
    widths = fitColumns(columns, rows, output.columns);
    const titles = columns.map(({ title }) => ({ text: title.toUpperCase(), paint: paint.dim }));
    const first = drawRow(columns, widths, titles, false);
    await output.write(first + waiting.map((entry, index) => draw(entry, rows[index]!)).join(""));
    waiting = [];
  }

  return {
    async add(entry) {
      if (widths !== undefined) return output.write(draw(entry, cellsOf(entry)));
      waiting.push(entry);
      if (waiting.length === measured) await start();
    },
    async end() {
      if (widths === undefined && waiting.length > 0) await start();
    },
  };
}
