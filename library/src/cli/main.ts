import { Command, CommanderError } from "commander";

import { openProcessEnvironment, type CliEnvironment } from "./environment.ts";
import { exitCodes } from "./exit-codes.ts";
import { reportFailure } from "./report-failure.ts";
import { addCoverageCommand } from "./coverage.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addEraseCommand } from "./erase.ts";
import { addExportCommand } from "./export.ts";
import { addHoldCommand } from "./hold.ts";
import { addImportCommand } from "./import.ts";
import { addInitCommand } from "./init.ts";
import { addKeysCommand } from "./keys.ts";
import { addQueryCommand } from "./query.ts";
import { addRecordCommand } from "./record.ts";
import { addReportCommand } from "./report.ts";
import { addServeCommand } from "./serve.ts";
import type { LoadServer } from "./server-door.ts";
import { addShowCommand } from "./show.ts";
import { addTailCommand } from "./tail.ts";
import { addTimelineCommand } from "./timeline.ts";
import { addTrailCommand } from "./trail.ts";
import { addTrailsCommand } from "./trails.ts";
import { addProveCommand } from "./prove.ts";
import { addVerifyCommand } from "./verify.ts";
import { addWitnessCommand } from "./witness.ts";
import { version } from "./version.ts";

/** Adds one verb to the program. Each is in a file of its name. */
export type AddCommand = (program: Command, environment: CliEnvironment) => void;

/** In the order of `--help`. */
const verbs: readonly AddCommand[] = [
  addInitCommand,
  addRecordCommand,
  addImportCommand,
  addQueryCommand,
  addTailCommand,
  addTimelineCommand,
  addShowCommand,
  addReportCommand,
  addExportCommand,
  addTrailsCommand,
  addServeCommand,
  addKeysCommand,
  addTrailCommand,
  addWitnessCommand,
  addVerifyCommand,
  addProveCommand,
  addEraseCommand,
  addHoldCommand,
  addCoverageCommand,
  addDoctorCommand,
];

/**
 * Runs one command line, without `node` and the script's name; answers the exit code (docs/reference/exit-codes.md).
 * Never ends the process and never throws, so that it can be run by a test or another program. `loadServer` is what `serve` serves
 * with: the server stands on this folder's own floor.
 */
export async function main(argv: readonly string[], given?: CliEnvironment, loadServer?: LoadServer): Promise<number> {
  const opened =
    given === undefined ? openProcessEnvironment(loadServer) : { environment: given, release: () => undefined };
  const { environment } = opened;
  try {
    await run(argv, environment);
    return environment.signal.aborted ? exitCodes.interrupted.code : environment.exitCode;
  } catch (error) {
    return await reportFailure(error, environment, argv.includes("--json"));
  } finally {
    opened.release();
  }
}

async function run(argv: readonly string[], environment: CliEnvironment): Promise<void> {
  let help = "";
  const program = createProgram(environment, (text) => (help += text));
  try {
    await program.parseAsync(argv.length === 0 ? ["--help"] : argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
    await environment.stdout.write(help);
  }
}

/** Help is gathered and written by us, errors are told by us: commander writes nothing itself. */
function createProgram(environment: CliEnvironment, addHelp: (text: string) => void): Command {
  const { stdout } = environment;
  const columns = Math.min(Number.isFinite(stdout.columns) ? stdout.columns : 100, 120);
  const program = new Command("auditrail")
    .description("Record, ask and check audit trails: who did what, to what, when, where, why and with what result.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .option("--store <file>", "the trail's SQLite file (default: $AUDITRAIL_STORE, or ./auditrail.db)")
    .option("--json", "write data as JSON, one object a line, and errors as JSON on stderr")
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: addHelp,
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => stdout.colours,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const add of verbs) add(program, environment);
  for (const command of program.commands) if (command.commands.length > 0) askForSubcommand(command);
  return program;
}

/** Where nothing follows `auditrail keys`, commander asks for help as an error, which has no words of its own. */
function askForSubcommand(command: Command): void {
  const names = new Intl.ListFormat("en", { type: "disjunction" }).format(command.commands.map((each) => each.name()));
  const help = command.help.bind(command) as (context?: unknown) => never;
  command.help = ((context?: { readonly error?: boolean }) =>
    context?.error === true
      ? command.error(
          `what should "auditrail ${command.name()}" do? Add ${names}; "auditrail ${command.name()} --help" describes them`,
        )
      : help(context)) as typeof command.help;
}
