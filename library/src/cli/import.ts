import { readFile } from "node:fs/promises";

import { InvalidArgumentError, type Command } from "commander";

import { AuditError, quote } from "../base/errors.ts";
import type { Importer } from "../importers/importer.ts";
import type { ImportSource } from "../importers/import-source.ts";
import type { ImportSummary } from "../importers/import-summary.ts";
import type { CliEnvironment } from "./environment.ts";
import { drawImportSummary } from "./import-drawing.ts";
import { openRejects } from "./import-rejects.ts";
import { openForImport } from "./import-trail.ts";
import { storeFile, type GlobalOptions } from "./open-store.ts";
import { fileBeside } from "./store-place.ts";
import { startProgress } from "./progress.ts";
import { keepMemorySmall } from "./small-memory.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

interface ImportOptions extends GlobalOptions {
  readonly tenant?: string;
  readonly dryRun?: boolean;
  readonly rejects?: string;
  /** A file; `false` for none. */
  readonly state?: string | boolean;
  readonly mapping?: string;
  readonly year?: number;
  readonly zone?: string;
}

const examples = `
Examples:
  auditrail import cloudtrail logs/*.json.gz
  auditrail import sshd /var/log/auth.log --zone Europe/Bucharest
  auditrail import jsonl events.jsonl.gz --mapping mapping.json --dry-run
  zcat old/*.csv.gz | auditrail import csv - --mapping mapping.json --rejects rejects.jsonl

Importing the same records twice adds nothing, also after an import was stopped in the middle.
What cannot be imported is counted and listed, and the exit code is 3 then.`;

export function addImportCommand(program: Command, environment: CliEnvironment): void {
  const parent = program
    .command("import")
    .summary("import other systems' logs")
    .description("Imports the records of other systems as events. Files may be gzipped; - is standard input.")
    .addHelpText("after", examples);
  const add = (name: string, summary: string): Command => {
    const command = parent
      .command(name)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .argument("<files...>", "the files, or - for standard input")
      .option("--tenant <name>", "whose trail (default: the trail named default)")
      .option("--dry-run", "count, and show the first events; record nothing")
      .option("--rejects <file>", "add every record that cannot be imported to this file, as JSON Lines")
      .option("--state <file>", "where to remember how far files were imported (default: beside the trail)")
      .option("--no-state", "read every file from its beginning");
    return command.action((files: string[]) =>
      runImport(name, files, command.optsWithGlobals<ImportOptions>(), environment),
    );
  };
  add("cloudtrail", "import AWS CloudTrail records");
  add("sshd", "import what sshd, sudo and su wrote to auth.log")
    .option("--year <year>", "the year of the first line, where the log has no years", parseYear)
    .option("--zone <zone>", "the time zone of the log, such as Europe/Bucharest (default: UTC)");
  add("jsonl", "import JSON Lines with a mapping").requiredOption("--mapping <file>", "what the records mean, as JSON");
  add("csv", "import CSV with a mapping").requiredOption("--mapping <file>", "what the records mean, as JSON");
}

function parseYear(text: string): number {
  if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError("Expected a year, such as 2026.");
  return Number(text);
}

async function runImport(
  kind: string,
  files: readonly string[],
  options: ImportOptions,
  environment: CliEnvironment,
): Promise<void> {
  keepMemorySmall();
  const importer = await createImporter(kind, options, environment);
  const sources = await openSources(files, environment);
  const opened = options.dryRun === true ? undefined : await openForImport(importer, options, environment);
  const rejects =
    options.rejects === undefined ? undefined : openRejects(options.rejects, storeFile(options, environment));
  try {
    for (const source of sources) {
      const summary = await importSource(source, { importer, opened, rejects, options, environment });
      await tell(summary, options, environment);
      if (summary.malformed + summary.conflicts > 0) environment.exitWith("incomplete");
    }
  } finally {
    rejects?.close();
    await opened?.close();
  }
}

async function createImporter(kind: string, options: ImportOptions, { clock }: CliEnvironment): Promise<Importer> {
  if (kind === "cloudtrail")
    return (await import("../importers/cloudtrail/cloudtrail-importer.ts")).createCloudtrailImporter();
  if (kind === "sshd") {
    const { year, zone } = options;
    const { createSshdImporter } = await import("../importers/sshd/sshd-importer.ts");
    return createSshdImporter({ clock, ...(year !== undefined && { year }), ...(zone !== undefined && { zone }) });
  }
  const { createMapping } = await import("../importers/mapping.ts");
  const mapping = createMapping(await readMapping(options.mapping!), options.mapping!);
  if (kind === "csv") return (await import("../importers/csv/csv-importer.ts")).createCsvImporter(mapping);
  return (await import("../importers/jsonl/jsonl-importer.ts")).createJsonlImporter(mapping);
}

async function readMapping(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new AuditError("FILE_UNREADABLE", `Cannot read the mapping ${quote(file)}: ${found}.`, { cause });
  }
}

/** All of them before the first is imported: a mistyped name is told at once. */
async function openSources(files: readonly string[], { stdin }: CliEnvironment): Promise<readonly ImportSource[]> {
  const { openFileSource, openStreamSource } = await import("../importers/import-source.ts");
  const sources: ImportSource[] = [];
  for (const file of files) {
    sources.push(
      file === "-"
        ? openStreamSource("standard input", stdin as AsyncIterable<Uint8Array>)
        : await openFileSource(file),
    );
  }
  return sources;
}

interface Importing {
  readonly importer: Importer;
  readonly opened: Awaited<ReturnType<typeof openForImport>> | undefined;
  readonly rejects: ReturnType<typeof openRejects> | undefined;
  readonly options: ImportOptions;
  readonly environment: CliEnvironment;
}

async function importSource(source: ImportSource, importing: Importing): Promise<ImportSummary> {
  const { importer, opened, rejects, options, environment } = importing;
  const { importEvents } = await import("../importers/import-events.ts");
  const { openImportState } = await import("../importers/import-state.ts");
  const { clock, signal } = environment;
  const stateFile =
    options.state === false
      ? undefined
      : typeof options.state === "string"
        ? options.state
        : fileBeside(storeFile(options, environment), "-imports");
  const state = stateFile === undefined || opened === undefined ? undefined : await openImportState(stateFile);
  const sizeBytes = source.fingerprint?.sizeBytes;
  const progress = startProgress(`Importing ${visibleText(source.name)}, bytes`, sizeBytes, environment);
  try {
    return await importEvents({
      ...{ importer, source, clock, signal, dryRun: options.dryRun ?? false },
      ...(opened !== undefined && { trail: opened.trail }),
      ...(options.tenant !== undefined && { tenant: options.tenant }),
      ...(state !== undefined && { state }),
      ...(rejects !== undefined && { onMalformed: (record) => rejects.add(record) }),
      onProgress: ({ bytesRead }) => void progress.update(bytesRead),
    });
  } finally {
    await progress.end();
  }
}

async function tell(
  summary: ImportSummary,
  options: ImportOptions,
  { stdout, stderr, zone }: CliEnvironment,
): Promise<void> {
  for (const note of summary.notes) await stderr.write(`${note}\n`);
  const isJson = options.json === true;
  await stdout.write(
    isJson
      ? `${visibleJson(summary)}\n`
      : drawImportSummary(summary, { output: stdout, zone, rejects: options.rejects }),
  );
}
