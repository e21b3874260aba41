import { Option, type Command } from "commander";

import type { Entry } from "../event/entry.ts";
import type { QueryOptions } from "../trail/types.ts";
import {
  addAskingOptions,
  askOptions,
  commaList,
  joinQuery,
  wholeNumber,
  zoneOf,
  type AskingOptions,
} from "./asking-options.ts";
import { createEntryList } from "./entry-list.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForReading, type OpenedTrail } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import { visibleJson } from "../formats/visible-text.ts";

interface QueryCommandOptions extends AskingOptions {
  readonly limit: number;
  readonly oldest?: boolean;
  readonly by: "time" | "seq";
  readonly cursor?: string;
  readonly all?: boolean;
  readonly columns?: readonly string[];
}

const examples = `
Examples:
  auditrail query                                     the newest entries
  auditrail query actor:user/42 -outcome:success      what user 42 tried in vain
  auditrail query 'log:email after:now-24h' --json    as JSON, one entry a line
  auditrail query 'changed:role' --columns time,actor,target,changes
  auditrail query 'data.balanceAfter:<10 after:2026-01-01' --all

Put queries with ( ) < > * or quotation marks into single quotes for the shell.
The language is described in docs/reference/query.md.`;

export function addQueryCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("query")
    .summary("list the entries that match a query")
    .description("Lists the entries that match a query, newest first. Without a query: all entries.")
    .argument("[text...]", "the query, such as: actor:user/42 log:voucher after:now-7d")
    .option("--limit <number>", "entries on a page, 1 to 1000", wholeNumber(1, 1000), 25)
    .option("--oldest", "oldest first")
    .addOption(
      new Option("--by <order>", "order by when it happened or by position").choices(["time", "seq"]).default("time"),
    )
    .option("--cursor <cursor>", "go on where an earlier page ended")
    .option("--all", "all pages, as a stream")
    .option("--columns <names>", "fields to show, with commas; also sentence, changes, notes", commaList)
    .addHelpText("after", examples);
  addAskingOptions(command).action((words: string[]) =>
    runQuery(joinQuery(words), command.optsWithGlobals<QueryCommandOptions>(), environment),
  );
}

async function runQuery(text: string, options: QueryCommandOptions, environment: CliEnvironment): Promise<void> {
  const opened = await openForReading(options, environment);
  try {
    const { stdout } = environment;
    const list = options.json === true ? undefined : listOf(opened, options, environment);
    let count = 0;
    for await (const entry of entriesOf(text, opened, options, environment)) {
      if (environment.signal.aborted) break;
      count += 1;
      await (list === undefined ? stdout.write(`${visibleJson(entry)}\n`) : list.add(entry));
    }
    await list?.end();
    if (count === 0 && options.json !== true) await environment.stderr.write("Nothing matches.\n");
  } finally {
    await opened.close();
  }
}

function listOf(opened: OpenedTrail, options: QueryCommandOptions, environment: CliEnvironment) {
  const { stdout } = environment;
  return createEntryList({
    output: stdout,
    columns: options.columns,
    zone: zoneOf(options, environment),
    catalogue: opened.hasCatalogue ? opened.catalogue : undefined,
    paint: createPaint(stdout),
  });
}

async function* entriesOf(
  text: string,
  { trail }: OpenedTrail,
  options: QueryCommandOptions,
  environment: CliEnvironment,
): AsyncIterable<Entry> {
  const asked: QueryOptions = {
    ...askOptions(options, environment),
    order: { by: options.by, direction: options.oldest === true ? "oldest" : "newest" },
  };
  if (options.all === true) return yield* trail.entries(text, asked);
  const { cursor, limit } = options;
  const page = await trail.query(text, { ...asked, limit, ...(cursor === undefined ? {} : { cursor }) });
  yield* page.entries;
  if (page.next === undefined) return;
  const { stderr } = environment;
  if (options.json === true) await stderr.write(`${visibleJson({ next: page.next })}\n`);
  else await stderr.write(`${createPaint(stderr).dim(`More: add --cursor ${page.next}, or --all.`)}\n`);
}
