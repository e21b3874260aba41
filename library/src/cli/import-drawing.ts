import { parseInstant } from "../base/time.ts";
import type { ImportSummary } from "../importers/import-summary.ts";
import { createPaint } from "./paint.ts";
import type { TextOutput } from "./text-output.ts";
import { showTime } from "./times.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

export interface DrawingOptions {
  readonly output: TextOutput;
  readonly zone: string;
  /** Where all malformed records were written. */
  readonly rejects: string | undefined;
}

/** Malformed records and conflicts shown on a terminal; the rest is in the rejects and in `--json`. */
const mostShown = 10;

const count = (number: number): string => number.toLocaleString("en");

/** What an import did, for people. */
export function drawImportSummary(summary: ImportSummary, { output, zone, rejects }: DrawingOptions): string {
  const { good, bad, dim } = createPaint(output);
  const { dryRun, recorded, malformed, conflicts, earlier, read, unit } = summary;
  const isWhole = malformed + conflicts === 0;
  const done = dryRun ? `would record ${count(recorded)}` : `recorded ${count(recorded)}`;
  const lines = [
    `${isWhole ? good("✓") : bad("!")} ${visibleText(summary.source)}: ${done} of ${count(read)} ${unit}s in ${(summary.durationMs / 1000).toFixed(1)} s`,
  ];
  const add = (text: string): void => void lines.push(`  ${text}`);
  if (summary.from !== undefined)
    add(dim(`from ${showTime(parseInstant(summary.from), zone)} to ${showTime(parseInstant(summary.until!), zone)}`));
  if (earlier.records > 0)
    add(
      `${count(earlier.records)} ${unit}s were done by an earlier run, of which ${count(earlier.malformed)} malformed`,
    );
  if (summary.alreadyThere > 0) add(`${count(summary.alreadyThere)} were in the trail already`);
  const passedBy = Object.entries(summary.passedBy).map(([kind, number]) => `${visibleText(kind)} ${count(number)}`);
  if (passedBy.length > 0) add(`passed by, because they are of other programs: ${passedBy.join(", ")}`);
  if (malformed > 0)
    add(bad(`${count(malformed)} malformed${rejects === undefined ? "" : `, written to ${visibleText(rejects)}`}`));
  for (const { number, reason, excerpt } of summary.malformedRecords.slice(0, mostShown)) {
    add(`  ${unit} ${number}: ${visibleText(reason)}`);
    if (excerpt !== "") add(dim(`    ${visibleText(excerpt.slice(0, 100))}`));
  }
  if (malformed > mostShown)
    add(
      dim(
        `  and ${count(malformed - mostShown)} more${rejects === undefined ? "; --rejects FILE writes all of them" : ""}`,
      ),
    );
  if (conflicts > 0) add(bad(`${count(conflicts)} in conflict with entries of the same id that say something else`));
  for (const { number, message } of summary.conflictingRecords.slice(0, mostShown))
    add(`  ${unit} ${number}: ${visibleText(message)}`);
  for (const { number, action, occurredAt, fields } of summary.samples) {
    add(`${dim(`${unit} ${number}`)} ${visibleText(action)} ${dim(occurredAt)}`);
    add(dim(`    ${visibleJson(fields)}`));
  }
  return `${lines.join("\n")}\n`;
}
