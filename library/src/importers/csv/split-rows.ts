import { longestLineBytes, type Line } from "../read-lines.ts";
import { readRow, type CsvFormat } from "./read-row.ts";

/** One record: its fields, or what is wrong. `number` is that of its first line. */
export interface Row {
  readonly number: number;
  readonly text: string;
  readonly fields: readonly string[] | { readonly problem: string };
  readonly unfinished?: true;
}

/** A field of so many lines is a quote that was never closed. */
const mostLines = 10_000;

/**
 * Puts lines together into CSV records, which may have line ends in quoted fields.
 *
 * A quote that is never closed would swallow the rest of the file. Here it costs its own line: where the lines behind it
 * do not make a record of it, it is given as broken, and reading goes on with the very next line.
 */
export function createRowSplitter(format: CsvFormat) {
  let pending: Line[] = [];
  let pendingLength = 0;
  let isOpen = false;

  const take = (lines: readonly Line[], rows: Row[]): void => {
    // Lines to be looked at again come before those that were not looked at yet.
    const waiting = lines.toReversed();
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      if (pending.length === 0 && line.text.trim() === "") continue;
      pending.push(line);
      pendingLength += line.text.length;
      // Every quote opens or closes: an odd number of them leaves the field open.
      if (countOf(line.text, format.quote) % 2 === 1) isOpen = !isOpen;
      const isHopeless = line.flaw !== undefined || pending.length > mostLines || pendingLength > longestLineBytes;
      if (!isOpen || isHopeless) waiting.push(...finish(rows).toReversed());
    }
  };

  /** Makes a record of the pending lines; answers those that have to be looked at again. */
  const finish = (rows: Row[]): readonly Line[] => {
    const [first, ...others] = pending;
    const whole = rowOf(pending, isOpen, format);
    [pending, pendingLength, isOpen] = [[], 0, false];
    const isBroken = "problem" in whole.fields;
    if (!isBroken || others.length === 0) {
      rows.push(whole);
      return [];
    }
    rows.push({ number: first!.number, text: first!.text, fields: whole.fields });
    return others;
  };

  return {
    push(lines: readonly Line[]): readonly Row[] {
      const rows: Row[] = [];
      take(lines, rows);
      return rows;
    },
    end(): readonly Row[] {
      const rows: Row[] = [];
      while (pending.length > 0) take(finish(rows), rows);
      return rows;
    },
  };
}

function rowOf(lines: readonly Line[], isOpen: boolean, format: CsvFormat): Row {
  const [{ number }] = lines as [Line];
  const text = lines.map((line) => line.text).join("\n");
  const flaw = lines.find((line) => line.flaw !== undefined)?.flaw;
  const unfinished = lines.at(-1)!.unfinished;
  const fields =
    flaw !== undefined
      ? { problem: `the line is ${flaw}` }
      : isOpen
        ? { problem: "a quoted field is never closed" }
        : readRow(text, format);
  return { number, text, fields, ...(unfinished && { unfinished }) };
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let index = text.indexOf(part); index !== -1; index = text.indexOf(part, index + part.length)) count += 1;
  return count;
}
