import type { Command } from "commander";

import { parseInstant } from "../base/time.ts";
import type { Entry } from "../event/entry.ts";
import { addAskingOptions, askOptions, joinQuery, wholeNumber, type AskingOptions } from "./asking-options.ts";
import type { CliEnvironment } from "./environment.ts";
import { showNotes, showSentence } from "../formats/entry-text.ts";
import { outcomeMark, paintOutcome } from "./entry-text.ts";
import { openForReading, type OpenedTrail } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import type { TextOutput } from "./text-output.ts";
import { fitText } from "./text-width.ts";
import { showClock, showDay, showTime } from "./times.ts";
import { visibleJson } from "../formats/visible-text.ts";

interface TailOptions extends AskingOptions {
  readonly lines: number;
}

const examples = `
Examples:
  auditrail tail                          what happens from now on, after the last 10 entries
  auditrail tail -outcome:success         only what fails
  auditrail tail log:sign-in --lines 0 --json | your-program`;

export function addTailCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("tail")
    .summary("show entries as they arrive")
    .description("Shows the latest entries, then those that arrive, from any process, until Ctrl-C.")
    .argument("[text...]", "only entries that match this query")
    .option("-n, --lines <number>", "how many of the latest entries to show first", wholeNumber(0, 1000), 10)
    .addHelpText("after", examples);
  addAskingOptions(command).action((words: string[]) =>
    runTail(joinQuery(words), command.optsWithGlobals<TailOptions>(), environment),
  );
}

async function runTail(text: string, options: TailOptions, environment: CliEnvironment): Promise<void> {
  const opened = await openForReading(options, environment);
  try {
    const { signal, stdout } = environment;
    const asked = askOptions(options, environment);
    const draw =
      options.json === true ? (entry: Entry) => `${visibleJson(entry)}\n` : createLines(opened, asked.zone, stdout);
    // The end is looked up first: what arrives meanwhile is shown once, by the following.
    const from = await endOfTrail(opened, asked.tenant);
    for (const entry of await latest(text, opened, options, environment)) {
      if (entry.seq < from) await stdout.write(draw(entry));
    }
    for await (const entry of opened.trail.follow(text, { ...asked, from, signal })) await stdout.write(draw(entry));
  } finally {
    await opened.close();
  }
}

async function endOfTrail({ trail }: OpenedTrail, tenant = "default"): Promise<number> {
  return (await trail.trails()).find((head) => head.tenant === tenant)?.size ?? 0;
}

async function latest(text: string, { trail }: OpenedTrail, options: TailOptions, environment: CliEnvironment) {
  const { lines } = options;
  const order = { by: "seq", direction: "newest" } as const;
  const page = await trail.query(text, { ...askOptions(options, environment), order, limit: Math.max(lines, 1) });
  return lines === 0 ? [] : page.entries.toReversed();
}

/** One line an entry: `09:41:03 ✗ Mira refunded order 7 · GatewayError: card expired`. */
function createLines({ catalogue, hasCatalogue }: OpenedTrail, zone: string, output: TextOutput) {
  const paint = createPaint(output);
  let lastDay = "";
  return ({ seq, event }: Entry): string => {
    const micros = parseInstant(event.occurredAt);
    const day = showDay(micros, zone);
    const heading = Number.isFinite(output.columns) && day !== lastDay ? `${paint.strong(day)}\n` : "";
    lastDay = day;
    const time = Number.isFinite(output.columns) ? showClock(micros, zone) : showTime(micros, zone);
    const place = String(seq).padStart(5);
    const mark = outcomeMark(event.outcome);
    const sentence = showSentence(event, hasCatalogue ? catalogue : undefined);
    const notes = showNotes(event, { sentence });
    const room = output.columns - `${place}  ${time}  ${mark}  `.length;
    const said = fitText(notes === "" ? sentence : `${sentence} · ${notes}`, room);
    const split = Math.min(sentence.length, said.length);
    const painted = said.slice(0, split) + paint.dim(said.slice(split));
    return `${heading}${paint.dim(place)}  ${time}  ${paintOutcome(event.outcome, paint)(mark)}  ${painted}\n`;
  };
}
