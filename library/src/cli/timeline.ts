import { Argument, type Command } from "commander";

import type { Entry } from "../event/entry.ts";
import type { Query } from "../query/ast.ts";
import { formatQuery } from "../query/format-query.ts";
import { addAskingOptions, askOptions, joinQuery, wholeNumber, type AskingOptions } from "./asking-options.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForReading } from "./open-store.ts";
import { drawTimeline } from "./timeline-drawing.ts";
import { visibleJson } from "../formats/visible-text.ts";

interface TimelineOptions extends AskingOptions {
  readonly limit: number;
}

const kinds = ["actor", "target", "operation"] as const;
export type TimelineKind = (typeof kinds)[number];

const examples = `
Examples:
  auditrail timeline target order/42                  the story of order 42
  auditrail timeline actor user/7 after:today         all that user 7 did today
  auditrail timeline operation 01a202ba-7f56-7000-a598-b26cb8e226cd`;

export function addTimelineCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("timeline")
    .summary("tell the story of an actor, a target or an operation")
    .description(
      "Tells what one actor did, what happened to one target, or how one operation went, from its beginning.",
    )
    .addArgument(new Argument("<kind>", "what it is the story of").choices(kinds))
    .argument("<reference>", "type/id, or the id of an operation")
    .argument("[text...]", "only entries that also match this query")
    .option("--limit <number>", "tell at most so many of the latest events, 1 to 1000", wholeNumber(1, 1000), 100)
    .addHelpText("after", examples);
  addAskingOptions(command).action((kind: TimelineKind, reference: string, words: string[]) =>
    runTimeline({ kind, reference }, joinQuery(words), command.optsWithGlobals<TimelineOptions>(), environment),
  );
}

export interface Subject {
  readonly kind: TimelineKind;
  readonly reference: string;
}

async function runTimeline(
  subject: Subject,
  text: string,
  options: TimelineOptions,
  environment: CliEnvironment,
): Promise<void> {
  const { stdout, stderr } = environment;
  const opened = await openForReading(options, environment);
  try {
    const asked = askOptions(options, environment);
    const own = formatQuery(queryFor(subject));
    // Newest first, because the end of a long story is what is asked for; told from its beginning.
    const { entries, next } = await opened.trail.query(text === "" ? own : `${own} (${text})`, {
      ...asked,
      limit: options.limit,
    });
    const told: readonly Entry[] = entries.toReversed();
    if (options.json === true) {
      for (const entry of told) await stdout.write(`${visibleJson(entry)}\n`);
    } else if (told.length > 0) {
      const catalogue = opened.hasCatalogue ? opened.catalogue : undefined;
      await stdout.write(
        drawTimeline(subject, told, { output: stdout, zone: asked.zone, catalogue, isCut: next !== undefined }),
      );
    } else await stderr.write("Nothing matches.\n");
    if (next !== undefined)
      await stderr.write(
        `There are earlier events: raise --limit, or ask for ${own} with auditrail query --all --oldest.\n`,
      );
  } finally {
    await opened.close();
  }
}

/** As data, so that nothing in the reference can be taken for a part of the language. */
function queryFor({ kind, reference }: Subject): Query {
  if (kind === "operation") return { kind: "field", field: kind, tests: [{ kind: "text", pattern: [reference] }] };
  const slash = reference.indexOf("/");
  const type = slash === -1 ? {} : { type: [reference.slice(0, slash)] };
  return { kind: "field", field: kind, tests: [{ kind: "reference", ...type, id: [reference.slice(slash + 1)] }] };
}
