import type { Command } from "commander";

import { AuditError } from "../base/errors.ts";
import type { Erasure, ErasureReport, ResumedErasure } from "../erasure/erasure-types.ts";
import { joinQuery, wholeNumber } from "./asking-options.ts";
import type { CliEnvironment } from "./environment.ts";
import { createPaint } from "./paint.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";
import { keyHelp, orderOf, withErasure, type ErasureCommandOptions } from "./with-erasure.ts";

interface EraseOptions extends ErasureCommandOptions {
  readonly compact: boolean;
  readonly yes?: boolean;
}

interface RedactCommandOptions extends EraseOptions {
  readonly entry?: readonly number[];
  readonly subject?: string;
}

interface PruneCommandOptions extends EraseOptions {
  readonly to?: number;
  readonly before?: string;
}

const examples = `
Examples:
  auditrail erase shred user/42 --reason "asked to be forgotten, ticket 331"
  auditrail erase redact --entry 1204 --reason "a phone number in a message, ticket 340"
  auditrail erase redact --subject user/42 action:mail.* --reason "consent withdrawn"
  auditrail erase prune --before 2024-01-01 --reason "kept for two years"
  auditrail erase resume

Every erasure is an entry first, and that entry is in a signed checkpoint before anything goes. It cannot be undone.
What a legal hold covers is refused.${keyHelp}`;

export function addEraseCommand(program: Command, environment: CliEnvironment): void {
  const erase = program
    .command("erase")
    .summary("erase personal data, or old entries, so that every proof stays whole")
    .description(
      "Erases personal data, or removes old entries, and says so in the trail; proofs of everything else stay whole.",
    )
    .addHelpText("after", examples);
  addRedact(erase, environment);
  addShred(erase, environment);
  addPrune(erase, environment);
  const resume = erase
    .command("resume")
    .summary("finish what was announced and not carried out")
    .description(
      "Finishes erasures that were announced and not carried out: after a crash, a late checkpoint, a released hold, or --no-compact.",
    )
    .option("--keys <file>", "the key file")
    .option("--guard <file>", "the signing guard");
  resume.action(() => runResume(resume.optsWithGlobals<EraseOptions>(), environment));
}

function addRedact(erase: Command, environment: CliEnvironment): void {
  const collect = (text: string, all: readonly number[] = []): readonly number[] => [
    ...all,
    wholeNumber(0, Number.MAX_SAFE_INTEGER)(text),
  ];
  const command = erase
    .command("redact")
    .summary("erase personal data of single entries")
    .description("Erases the personal data of the entries that match a query, or of those named.")
    .argument("[text...]", "the entries that match this query")
    .option("--entry <position>", "this entry; may be repeated", collect)
    .option("--subject <type/id>", "only what is about this subject");
  addOrdering(command).action((words: string[]) => {
    const { entry, subject, ...options } = command.optsWithGlobals<RedactCommandOptions>();
    const what = entry === undefined ? { query: joinQuery(words) } : { entries: entry.map((seq) => ({ seq })) };
    if ((entry === undefined) === (words.length === 0))
      throw new AuditError("USAGE_INVALID", "Name the entries to redact: by a query, or with --entry.");
    return runErase(
      (erasure) =>
        erasure.redact({
          ...orderOf(options),
          ...what,
          ...(subject === undefined ? {} : { subject }),
          compact: options.compact,
        }),
      options,
      environment,
    );
  });
}

function addShred(erase: Command, environment: CliEnvironment): void {
  const command = erase
    .command("shred")
    .summary("erase all personal data of one subject")
    .description(
      "Erases all personal data of one subject, and the key that opens it in copies that have left the store.",
    )
    .argument("<subject>", "whose, as type/id");
  addOrdering(command).action((subject: string) => {
    const options = command.optsWithGlobals<EraseOptions>();
    return runErase(
      (erasure) => erasure.shred({ ...orderOf(options), subject, compact: options.compact }),
      options,
      environment,
    );
  });
}

function addPrune(erase: Command, environment: CliEnvironment): void {
  const command = erase
    .command("prune")
    .summary("remove the oldest entries")
    .description("Removes the oldest entries, in whole tiles of 256; their hashes stay, and with them every proof.")
    .option("--before <time>", "those recorded before this day or time (RFC 3339; a day begins in UTC)")
    .option("--to <position>", "those before this position", wholeNumber(0, Number.MAX_SAFE_INTEGER));
  addOrdering(command).action(() => {
    const { to, before, ...options } = command.optsWithGlobals<PruneCommandOptions>();
    if ((to === undefined) === (before === undefined))
      throw new AuditError("USAGE_INVALID", "Say how far to prune: either --before or --to.");
    const far =
      before === undefined
        ? { to: to! }
        : { before: /^\d{4}-\d\d-\d\d$/.test(before) ? `${before}T00:00:00Z` : before };
    return runErase(
      (erasure) => erasure.prune({ ...orderOf(options), ...far, compact: options.compact }),
      options,
      environment,
    );
  });
}

function addOrdering(command: Command): Command {
  return command
    .requiredOption("--reason <text>", "why: it becomes part of the trail")
    .option("--actor <type/id>", "who orders it (default: this machine's user)")
    .option("--tenant <name>", "whose trail (default: the trail named default)")
    .option("--keys <file>", "the key file")
    .option("--guard <file>", "the signing guard")
    .option("--yes", "do not ask first")
    .option("--no-compact", "leave the bytes in the database file until `auditrail erase resume`, in a quiet hour");
}

async function runErase(
  work: (erasure: Erasure) => Promise<ErasureReport>,
  options: EraseOptions,
  environment: CliEnvironment,
): Promise<void> {
  const isAsked = options.yes !== true && environment.confirm !== undefined;
  if (isAsked && !(await environment.confirm("What is erased cannot be brought back. Erase it?"))) return;
  const report = await withErasure(options, environment, work);
  const { stdout } = environment;
  if (options.json === true) return stdout.write(`${visibleJson(report)}\n`);
  const { announcedBy, entries, parts, compacted } = report;
  const { good, dim } = createPaint(stdout);
  if (announcedBy.length === 0) return stdout.write("There is nothing to erase: nothing was recorded or removed.\n");
  const removed =
    entries > 0
      ? counted(entries, "entry", "entries")
      : counted(parts, "part of personal data", "parts of personal data");
  await stdout.write(`${good("✓")} Erased ${removed}; entry ${announcedBy.join(", ")} says so\n`);
  const bytes = compacted
    ? "The database file was rewritten: nothing of it is left there."
    : "Its bytes are in the database file until `auditrail erase resume`.";
  await stdout.write(`  ${dim(`${bytes} Backups keep it until they are gone.`)}\n`);
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

const outcomes = {
  done: "done",
  unsealed: "waits: no checkpoint covers it yet",
  held: "waits: a legal hold covers it",
  invalid: "cannot be carried out; order it again",
} as const satisfies Record<ResumedErasure["outcome"], string>;

async function runResume(options: EraseOptions, environment: CliEnvironment): Promise<void> {
  const resumed = await withErasure(options, environment, (erasure) => erasure.resume());
  const { stdout } = environment;
  if (options.json === true) for (const each of resumed) await stdout.write(`${visibleJson(each)}\n`);
  else if (resumed.length === 0) await stdout.write("Everything that was announced is done.\n");
  else
    for (const { tenant, seq, outcome } of resumed)
      await stdout.write(`${visibleText(tenant)}  entry ${seq}  ${outcomes[outcome]}\n`);
}
