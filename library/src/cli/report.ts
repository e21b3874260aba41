import { Option, type Command } from "commander";

import { bucketUnits, type BucketUnit, type CountRow } from "../query/request.ts";
import { addAskingOptions, askOptions, commaList, joinQuery, type AskingOptions } from "./asking-options.ts";
import { fillBuckets } from "./buckets.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForReading } from "./open-store.ts";
import { drawReport } from "./report-drawing.ts";
import { visibleJson } from "./visible-text.ts";

export interface ReportOptions extends AskingOptions {
  readonly by?: readonly string[];
  readonly bucket?: BucketUnit;
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
    const rows = await opened.trail.count(text, { ...asked, by, ...(bucket === undefined ? {} : { bucket }) });
    if (options.json === true) {
      const names = [...(bucket === undefined ? [] : [bucket]), ...by];
      for (const row of rows) await stdout.write(`${visibleJson(describeRow(row, names))}\n`);
      return;
    }
    const total = by.length === 0 && bucket === undefined ? rows : await opened.trail.count(text, asked);
    if (total[0]!.count === 0) return await stderr.write("Nothing matches.\n");
    const filled = bucket === undefined ? rows : fillBuckets(rows, bucket, asked.zone);
    await stdout.write(drawReport(filled, { by, bucket, zone: asked.zone, total: total[0]!.count, output: stdout }));
  } finally {
    await opened.close();
  }
}

function describeRow({ keys, count }: CountRow, names: readonly string[]) {
  return { keys: Object.fromEntries(names.map((name, index) => [name, keys[index] ?? null])), count };
}
