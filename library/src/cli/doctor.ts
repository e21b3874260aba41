import { setImmediate as nextTurn } from "node:timers/promises";

import type { Command } from "commander";

import { isAuditError } from "../base/errors.ts";
import type { SqliteConnection, SqliteRow } from "../stores/sqlite/driver.ts";
import type { TrailRow } from "./doctor/check-entry.ts";
import { problem, type Finding } from "./doctor/finding.ts";
import type { CliEnvironment } from "./environment.ts";
import { storeFile, type GlobalOptions } from "./open-store.ts";
import { createPaint, type Paint } from "./paint.ts";
import { isAddress } from "./store-place.ts";
import { startProgress } from "./progress.ts";
import { wrapText } from "./text-width.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

interface DoctorOptions extends GlobalOptions {
  readonly quick?: boolean;
  readonly spool?: string;
}

const examples = `
Examples:
  auditrail doctor                      everything; a million entries take about half a minute
  auditrail doctor --quick              a thousand entries of each trail
  auditrail doctor --json | jq 'select(.state != "ok")'

Ends with 0 where all is well or there are only warnings, 1 where there are problems, 2 where entries were changed.
It reads only. What it cannot see is a trail that somebody rewrote whole, tree included: that takes signed checkpoints.`;

export function addDoctorCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("doctor")
    .summary("check the machine, the file and every entry")
    .description(
      "Checks whether this machine can keep a trail, whether the file is whole, and whether every entry is what was recorded.",
    )
    .option("--quick", "check a sample of the entries, and less of the database")
    .option("--spool <directory>", "also look at the spool in this directory")
    .addHelpText("after", examples)
    .action(() => runDoctor(command.optsWithGlobals<DoctorOptions>(), environment));
}

async function runDoctor(options: DoctorOptions, environment: CliEnvironment): Promise<void> {
  const { stdout, signal } = environment;
  const paint = createPaint(stdout);
  const states: Finding["state"][] = [];
  for await (const finding of examine(options, environment)) {
    states.push(finding.state);
    await stdout.write(options.json === true ? `${visibleJson(finding)}\n` : draw(finding, paint, stdout.columns));
  }
  if (signal.aborted) return;
  if (states.includes("tampered")) environment.exitWith("tampered");
  else if (states.includes("problem")) environment.exitWith("failed");
}

/** In an order in which each check may rely on those before it. Errors: `STORE_NOT_FOUND`. */
async function* examine(options: DoctorOptions, environment: CliEnvironment): AsyncIterable<Finding> {
  const { checkNode, checkSqlite, checkFile, checkWriting } = await import("./doctor/check-place.ts");
  const { openNodeSqlite } = await import("../stores/sqlite/driver.ts");
  const file = storeFile(options, environment);
  if (isAddress(file)) {
    const { examinePostgres } = await import("./doctor/examine-postgres.ts");
    yield checkNode();
    return yield* examinePostgres(file, options.quick ?? false);
  }
  const opened = await openPatient(file);
  yield checkNode();
  if ("finding" in opened) return yield opened.finding;
  const { connection } = opened;
  try {
    yield checkSqlite(connection);
    yield checkFile(file);
    yield* examineDatabase(connection, options, environment);
    yield checkWriting(file, () => openNodeSqlite(file, { readOnly: false }));
    const { checkSpool } = await import("./doctor/check-spool.ts");
    yield checkSpool(file, options.spool);
  } catch (error) {
    const { translateSqliteError } = await import("../stores/sqlite/sqlite-errors.ts");
    const { message } = translateSqliteError("go on with the examination", error);
    yield problem(
      "integrity",
      visibleText(message),
      "Copy the file, restore a backup beside it, and see what each still has",
    );
  } finally {
    connection.close();
  }
}

/** Opens the file as readers do, so that a foreign, newer or damaged one is told as they tell it. */
async function openPatient(
  file: string,
): Promise<{ readonly connection: SqliteConnection } | { readonly finding: Finding }> {
  const { openDatabase } = await import("../stores/sqlite/open-database.ts");
  const { openNodeSqlite } = await import("../stores/sqlite/driver.ts");
  const { systemClock } = await import("../base/time.ts");
  try {
    const common = { createIfMissing: false, origin: undefined, openConnection: openNodeSqlite, clock: systemClock };
    return { connection: openDatabase({ file, readOnly: true, ...common }) };
  } catch (error) {
    if (!isAuditError(error) || error.code === "STORE_NOT_FOUND") throw error;
    return {
      finding: problem("trail", visibleText(error.message), "See docs/reference/errors.md under " + error.code),
    };
  }
}

async function* examineDatabase(
  connection: SqliteConnection,
  options: DoctorOptions,
  environment: CliEnvironment,
): AsyncIterable<Finding> {
  const { checkIntegrity, checkSchema } = await import("./doctor/check-database.ts");
  const { checkCatalogue, checkCounts, checkGaps } = await import("./doctor/check-contents.ts");
  const { readSchemaVersion } = await import("../stores/sqlite/schema.ts");
  const { ok } = await import("./doctor/finding.ts");
  const isQuick = options.quick ?? false;
  const integrity = checkIntegrity(connection, isQuick);
  yield integrity;
  yield checkSchema(connection, readSchemaVersion(connection)!);
  if (integrity.state !== "ok") return;
  // One snapshot for all checks: programs may go on recording.
  connection.exec("BEGIN");
  const trails = readTrails(connection);
  yield checkCatalogue(connection);
  yield* examineEntries(connection, trails, isQuick, environment);
  const wrong = isQuick
    ? []
    : trails.map((trail) => checkCounts(connection, trail)).filter((finding) => finding !== undefined);
  if (wrong.length > 0) yield* wrong;
  else if (!isQuick) yield ok("counts", "what reports and searches are answered from fits the entries");
  yield checkGaps(connection);
  connection.exec("ROLLBACK");
}

const sampleSize = 1000;

async function* examineEntries(
  connection: SqliteConnection,
  trails: readonly TrailRow[],
  isQuick: boolean,
  environment: CliEnvironment,
): AsyncIterable<Finding> {
  const { checkEntries } = await import("./doctor/check-entries.ts");
  const { ok } = await import("./doctor/finding.ts");
  if (trails.length === 0) yield ok("entries", "none yet");
  for (const trail of trails) {
    const step = isQuick ? Math.max(1, Math.ceil(trail.size / sampleSize)) : 1;
    const progress = startProgress("Checking entries", Math.ceil(trail.size / step), environment);
    const { signal } = environment;
    const onChecked = async (count: number): Promise<void> => {
      await progress.update(count);
      // Lets Ctrl-C in: reading SQLite leaves no room for it.
      await nextTurn();
    };
    const findings = await checkEntries({ connection, trail, step, signal, onChecked });
    await progress.end();
    yield* findings;
  }
}

function readTrails(connection: SqliteConnection): readonly TrailRow[] {
  const rows = connection
    .prepare("SELECT number, tenant, origin, size, edge FROM auditrail_trail ORDER BY tenant")
    .all() as SqliteRow[];
  return rows.map(({ number, tenant, origin, size, edge }) => ({
    ...{ number: Number(number), size: Number(size) },
    ...{ tenant: tenant as string, origin: origin as string, edge: edge as Uint8Array },
  }));
}

const titleColumns = 14;

function draw({ check, state, says, todo }: Finding, paint: Paint, columns: number): string {
  const marks = { ok: paint.good("✓"), warning: paint.warning("!"), problem: paint.bad("✗"), tampered: paint.bad("✗") };
  const label = state === "tampered" ? paint.bad("TAMPERED ") : "";
  const room = Math.min(columns, 120) - titleColumns;
  const [first = "", ...rest] = wrapText(says, room - (state === "tampered" ? 9 : 0));
  const gap = " ".repeat(titleColumns);
  const lines = [
    `${marks[state]} ${check.padEnd(titleColumns - 2)}${label}${first}`,
    ...rest.map((line) => gap + line),
  ];
  if (todo !== undefined) lines.push(...wrapText(`→ ${todo}`, room).map((line) => gap + paint.dim(line)));
  return `${lines.join("\n")}\n`;
}
