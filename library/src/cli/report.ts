import { Option, type Command } from "commander";

import { bucketUnits, type BucketUnit, type CountRow } from "../query/request.ts";
import {
  addAskingOptions,
  askOptions,
  commaList,
  joinQuery,
  wholeNumber,
  type AskingOptions,
} from "./asking-options.ts";
import { fillBuckets } from "./buckets.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForReading } from "./open-store.ts";
import { drawReport } from "./report-drawing.ts";
import { visibleJson } from "../formats/visible-text.ts";

export interface ReportOptions extends AskingOptions {
  readonly by?: readonly string[];
  readonly bucket?: BucketUnit;
  readonly top?: number;
}

const examples = `
Examples:
  auditrail report --by action                        how often each action happened
  auditrail report --by actor,outcome after:today     who succeeded and failed today
  auditrail report log:sign-in --bucket hour          sign-ins by the hour
  auditrail report --by data.currency --json          {"keys":{"data.currency":"EUR"},"count":3}`;

export function addReportCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("report")
    .summary("count entries by fields and time")
    .description("Counts the entries that match a query, by any fields and by time, and draws the counts as bars.")
    .argument("[text...]", "only entries that match this query")
    .option("--by <fields>", "fields to group by, with commas; an event with several values counts in each", commaList)
    .addOption(new Option("--bucket <unit>", "group by time, too").choices(bucketUnits))
    .option("--top <number>", "only the largest groups, and the others in one row", wholeNumber(1, 1000))
    .addHelpText("after", examples);
  addAskingOptions(command).action((words: string[]) =>
    runReport(joinQuery(words), command.optsWithGlobals<ReportOptions>(), environment),
  );
}

async function runReport(text: string, options: ReportOptions, environment: CliEnvironment): Promise<void> {
  const { stdout, stderr } = environment;
  const { by = [], bucket } = options;
  const opened = await openForReading(options, environment);
  try {
    const asked = askOptions(options, environment);
    const all = await opened.trail.count(text, { ...asked, by, ...(bucket === undefined ? {} : { bucket }) });
    const rows = largest(all, options.top);
    if (options.json === true) {
      const names = [...(bucket === undefined ? [] : [bucket]), ...by];
      for (const row of rows) await stdout.write(`${visibleJson(describeRow(row, names))}\n`);
      return;
    }
    // Its own question, because an event with several values counts in several groups.
    const total = (await opened.trail.count(text, asked))[0]!.count;
    if (total === 0) return await stderr.write("Nothing matches.\n");
    const filled = bucket === undefined ? rows : fillBuckets(rows, bucket, asked.zone);
    const others = { groups: all.length - rows.length, count: countOf(all) - countOf(rows) };
    await stdout.write(drawReport(filled, { by, bucket, zone: asked.zone, total, others, output: stdout }));
  } finally {
    await opened.close();
  }
}

/** So many of the rows that count most, in the order they had. */
function largest(rows: readonly CountRow[], top: number | undefined): readonly CountRow[] {
  if (top === undefined || rows.length <= top) return rows;
  const chosen = new Set(rows.toSorted((a, b) => b.count - a.count).slice(0, top));
  return rows.filter((row) => chosen.has(row));
}

function countOf(rows: readonly CountRow[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

function describeRow({ keys, count }: CountRow, names: readonly string[]) {
  return { keys: Object.fromEntries(names.map((name, index) => [name, keys[index] ?? null])), count };
}
