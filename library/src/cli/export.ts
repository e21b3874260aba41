import { existsSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

import { Option, type Command } from "commander";

import { AuditError } from "../base/errors.ts";
import type { Entry } from "../event/entry.ts";
import { addAskingOptions, askOptions, commaList, joinQuery, type AskingOptions } from "./asking-options.ts";
import { csvLine } from "../formats/csv.ts";
import { columnReader, defaultColumns } from "../formats/entry-csv.ts";
import type { CliEnvironment } from "./environment.ts";
import type { EvidenceCommandOptions } from "./export-evidence.ts";
import { openForReading, storeFile, type OpenedTrail } from "./open-store.ts";
import { openOutputFile, type OutputFile } from "./output-file.ts";
import { createPaint } from "./paint.ts";
import { startProgress } from "./progress.ts";
import { keepMemorySmall } from "./small-memory.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

interface ExportOptions extends AskingOptions {
  readonly format?: "jsonl" | "csv";
  readonly output?: string;
  readonly columns?: readonly string[];
  readonly force?: boolean;
}

const examples = `
Examples:
  auditrail export -o trail.jsonl
  auditrail export log:email after:2026-01-01 -o emails.csv
  auditrail export --format csv --columns time,actor,action,data.amount | head
  auditrail export --evidence trail.evidence.tar --page trail.html

Without -o the data goes to stdout. A file appears under its name only when it is whole.
In CSV a cell that a spreadsheet would run as a formula has an apostrophe in front.`;

export function addExportCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("export")
    .summary("write entries as JSON Lines or CSV, or a trail as evidence")
    .description("Writes all entries that match a query, oldest first by position, as JSON Lines or CSV.")
    .argument("[text...]", "only entries that match this query")
    .addOption(
      new Option("--format <format>", "jsonl or csv (default: by the file's name, else jsonl)").choices([
        "jsonl",
        "csv",
      ]),
    )
    .option("-o, --output <file>", "write into this file instead of stdout")
    .option("--columns <names>", "columns of CSV, with commas: fields, and sentence, changes, notes, hash", commaList)
    .option("--force", "replace the file if there is one")
    .option("--evidence <file>", "write evidence instead: one file that `auditrail verify` accepts anywhere")
    .option("--page <file>", "with --evidence: a page that shows and verifies it in a browser")
    .option("--disclose <file>", "with --evidence: the keys that open its personal data, which is encrypted")
    .option("--policy <file>", "with --evidence: the policy to put in (default: this machine's own keys)")
    .option("--keys <file>", "with --evidence: the key file")
    .addHelpText("after", examples);
  addAskingOptions(command).action(async (words: string[]) => {
    const options = command.optsWithGlobals<ExportOptions & Partial<EvidenceCommandOptions>>();
    const { evidence, page, disclose } = options;
    if (evidence === undefined && (page ?? disclose) !== undefined) {
      throw new AuditError(
        "USAGE_INVALID",
        "--page and --disclose belong to evidence: pass --evidence <file> as well.",
      );
    }
    if (evidence === undefined) return runExport(joinQuery(words), options, environment);
    const { runExportEvidence } = await import("./export-evidence.ts");
    await runExportEvidence(joinQuery(words), { ...options, evidence }, environment);
  });
}

async function runExport(text: string, options: ExportOptions, environment: CliEnvironment): Promise<void> {
  keepMemorySmall();
  const opened = await openForReading(options, environment);
  try {
    const format = createFormat(options, opened);
    const target = await openTarget(options, environment);
    const write =
      target === undefined
        ? (chunk: string) => environment.stdout.write(chunk)
        : (chunk: string) => target.write(chunk);
    try {
      const count = await writeEntries(text, { opened, format, write, options, environment });
      environment.signal.throwIfAborted();
      target?.commit();
      await tell(count, options, environment);
    } finally {
      target?.discard();
    }
  } finally {
    await opened.close();
  }
}

/** Errors: those of {@link openOutputFile}. */
async function openTarget(options: ExportOptions, environment: CliEnvironment): Promise<OutputFile | undefined> {
  const { output, force = false } = options;
  if (output === undefined) return undefined;
  const isAsked = !force && existsSync(output) && environment.confirm !== undefined;
  const isAgreed = isAsked && (await environment.confirm(`${visibleText(output)} is there already. Replace it?`));
  return openOutputFile(output, { force: force || isAgreed, store: storeFile(options, environment) });
}

interface Format {
  readonly start: string;
  line(entry: Entry): string;
}

/** Errors: `QUERY_INVALID` for an unknown column, `USAGE_INVALID` for columns of what has none. */
function createFormat({ format, output, columns }: ExportOptions, { catalogue, hasCatalogue }: OpenedTrail): Format {
  const chosen = format ?? (output?.toLowerCase().endsWith(".csv") === true ? "csv" : "jsonl");
  if (chosen === "jsonl" && columns !== undefined) {
    throw new AuditError(
      "USAGE_INVALID",
      "Cannot choose columns of JSON Lines, which hold entries whole: pass --format csv as well.",
    );
  }
  if (chosen === "jsonl") return { start: "", line: (entry) => `${visibleJson(entry)}\n` };
  const names = columns ?? defaultColumns;
  const readers = names.map((name) => columnReader(name, hasCatalogue ? catalogue : undefined));
  return { start: csvLine(names), line: (entry) => csvLine(readers.map((read) => read(entry))) };
}

interface Writing {
  readonly opened: OpenedTrail;
  readonly format: Format;
  readonly write: (chunk: string) => Promise<void> | void;
  readonly options: ExportOptions;
  readonly environment: CliEnvironment;
}

/** Large enough that writing costs little, small enough that memory stays flat. */
const chunkCharacters = 64 * 1024;

async function writeEntries(text: string, { opened, format, write, options, environment }: Writing): Promise<number> {
  const { trail } = opened;
  const { signal, stderr } = environment;
  const asked = askOptions(options, environment);
  // Counting takes time as well; it is for the progress bar only.
  const total = stderr.isTerminal ? (await trail.count(text, asked))[0]?.count : undefined;
  const progress = startProgress("Exporting", total, environment);
  let count = 0;
  let chunk = format.start;
  for await (const entry of trail.entries(text, { ...asked, order: { by: "seq", direction: "oldest" } })) {
    if (signal.aborted) break;
    chunk += format.line(entry);
    count += 1;
    if (chunk.length < chunkCharacters) continue;
    await write(chunk);
    chunk = "";
    await progress.update(count);
    // Lets Ctrl-C in: neither reading SQLite nor writing a file leaves room for it.
    await nextTurn();
  }
  await write(chunk);
  await progress.end();
  return count;
}

async function tell(count: number, { output, json }: ExportOptions, { stderr }: CliEnvironment): Promise<void> {
  if (json === true) return stderr.write(`${visibleJson({ exported: count, file: output ?? null })}\n`);
  const where = output === undefined ? "" : ` into ${visibleText(output)}`;
  await stderr.write(
    `${createPaint(stderr).good("✓")} Exported ${count.toLocaleString("en")} ${count === 1 ? "entry" : "entries"}${where}\n`,
  );
}
