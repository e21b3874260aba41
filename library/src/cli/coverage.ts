import { existsSync } from "node:fs";

import type { Command } from "commander";

import { AuditError, quote } from "../base/errors.ts";
import type { Observation } from "../coverage/observation.ts";
import type { InventoryItem } from "../event/inventory.ts";
import { visibleJson } from "../formats/visible-text.ts";
import { drawCoverage } from "./coverage-drawing.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForReading, storeFile, type GlobalOptions } from "./open-store.ts";
import { isAddress, nameOfPlace } from "./store-place.ts";
import { openOutputFile } from "./output-file.ts";

interface CoverageOptions extends GlobalOptions {
  readonly database?: string;
  readonly query?: string;
  readonly html?: string;
  readonly force?: boolean;
  readonly all?: boolean;
  readonly failOnGap?: boolean;
  readonly failOnUnexercised?: boolean;
}

const examples = `
Examples:
  auditrail coverage test/coverage.jsonl --fail-on-gap            what the test run showed; ends with 1 on a gap
  auditrail coverage test/coverage.jsonl --html coverage.html     the same as one page
  auditrail coverage --store audit.db --database shop.db          a running application: its tables, its silent writes
  auditrail coverage test/coverage.jsonl --store audit.db         what tests list, held against what production recorded
  auditrail coverage --store audit.db --database postgres://app@db/shop  the same of an application in Postgres
  auditrail coverage --json | jq '.lines[] | select(.state == "gap")'`;

export function addCoverageCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("coverage")
    .summary("say what is recorded, excluded, or a gap")
    .description(
      "Holds everything an application can be made to do, and every table it keeps, against its trail: recorded, excluded for a " +
        "reason, not exercised, or a gap; and finds rows that changed without an event. Files are what tests wrote with " +
        "appendObservation(); the trail is looked at where none is given, or with --store.",
    )
    .argument("[files...]", "observations of test runs")
    .option(
      "--database <place>",
      "the application's SQLite file or Postgres address, for its tables (default: the trail's, if it captures changes)",
    )
    .option("--query <text>", "only entries of the trail that match")
    .option("--all", "in text, also list what is recorded and excluded")
    .option("--html <file>", "write the report as one web page")
    .option("--force", "let --html replace a file")
    .option("--fail-on-gap", "end with 1 where there is a gap or a silent write")
    .option("--fail-on-unexercised", "end with 1 also where something did not run")
    .addHelpText("after", examples)
    .action((files: string[]) => runCoverage(files, command.optsWithGlobals<CoverageOptions>(), environment));
}

async function runCoverage(
  files: readonly string[],
  options: CoverageOptions,
  environment: CliEnvironment,
): Promise<void> {
  const { assessCoverage } = await import("../coverage/assess-coverage.ts");
  const { hasGap } = await import("../coverage/report.ts");
  const report = assessCoverage(await collect(files, options, environment));
  const { stdout, stderr } = environment;
  if (options.html !== undefined) {
    await writePage(options.html, report, options, environment);
    await stderr.write(`Wrote ${quote(options.html)}.\n`);
  }
  if (options.json === true) await stdout.write(`${visibleJson(report)}\n`);
  else if (options.html === undefined || hasGap(report))
    await stdout.write(drawCoverage(report, { all: options.all ?? false, output: stdout }));
  const strict = options.failOnUnexercised ?? false;
  const isWrong = hasGap(report) || (strict && report.counts.unexercised > 0);
  if (isWrong && (strict || options.failOnGap === true)) environment.exitWith("failed");
}

async function collect(
  files: readonly string[],
  options: CoverageOptions,
  environment: CliEnvironment,
): Promise<readonly Observation[]> {
  const { readObservations } = await import("../coverage/observation-file.ts");
  const written = files.flatMap((file) => readObservations(file));
  const isNamed = options.store !== undefined || (environment.env["AUDITRAIL_STORE"] ?? "") !== "";
  if (files.length > 0 && !isNamed) {
    const tables = options.database === undefined ? [] : await readTables(options.database);
    return tables.length === 0 ? written : [...written, onlyTables(tables)];
  }
  return [...written, await observeStore(options, environment)];
}

async function observeStore(options: CoverageOptions, environment: CliEnvironment): Promise<Observation> {
  const { observe } = await import("../coverage/observe.ts");
  const opened = await openForReading(options, environment);
  try {
    const inventory = await readTables(options.database ?? opened.file, options.database !== undefined);
    const { query } = options;
    return await observe({ trail: opened.trail, inventory, ...(query === undefined ? {} : { query }) });
  } finally {
    await opened.close();
  }
}

function onlyTables(items: readonly InventoryItem[]): Observation {
  return { format: "auditrail/coverage/1", items, routes: [], tables: [], silent: [], entries: 0 };
}

/** The tables of a database; none of one that was not asked for by name and captures nothing. Errors: `FILE_UNREADABLE`. */
async function readTables(file: string, isNamed = true): Promise<readonly InventoryItem[]> {
  if (isAddress(file)) return readPostgresTables(file, isNamed);
  const { checkCapture, hasCapture } = await import("../capture/sqlite-triggers/check-capture.ts");
  const { openNodeSqlite } = await import("../stores/sqlite/driver.ts");
  if (!existsSync(file))
    throw new AuditError("FILE_UNREADABLE", `Cannot read the tables of ${quote(file)}: there is no such file.`);
  const connection = openNodeSqlite(file, { readOnly: true });
  try {
    return isNamed || hasCapture(connection) ? checkCapture(connection) : [];
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new AuditError("FILE_UNREADABLE", `Cannot read the tables of ${quote(file)}: ${quote(found, 200)}.`, {
      cause,
    });
  } finally {
    connection.close();
  }
}

async function readPostgresTables(address: string, isNamed: boolean): Promise<readonly InventoryItem[]> {
  const { checkCapture, hasCapture } = await import("../capture/postgres-triggers/check-capture.ts");
  const { openPool, readAddress } = await import("../stores/postgres/load-pg.ts");
  const pool = await openPool(readAddress(address).address, 1);
  try {
    return isNamed || (await hasCapture(pool)) ? await checkCapture(pool) : [];
  } catch (cause) {
    const { translatePostgresError } = await import("../stores/postgres/postgres-errors.ts");
    throw translatePostgresError(`read the tables of ${quote(nameOfPlace(address))}`, cause);
  } finally {
    await pool.end();
  }
}

async function writePage(
  file: string,
  report: Parameters<typeof drawCoverage>[0],
  options: CoverageOptions,
  environment: CliEnvironment,
): Promise<void> {
  const { formatCoverageHtml } = await import("../coverage/html-report.ts");
  const output = openOutputFile(file, { force: options.force ?? false, store: storeFile(options, environment) });
  try {
    output.write(formatCoverageHtml(report));
    output.commit();
  } finally {
    output.discard();
  }
}
