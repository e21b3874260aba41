import type { Command } from "commander";

import { AuditError } from "../base/errors.ts";
import type { LegalHold } from "../trail/contracts.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForReading } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import { drawTable } from "./table.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";
import { orderOf, withHolds, type ErasureCommandOptions } from "./with-erasure.ts";

interface HoldCommandOptions extends Omit<ErasureCommandOptions, "reason"> {
  readonly reason?: string;
  readonly name?: string;
  readonly release?: string;
  readonly list?: boolean;
}

const examples = `
Examples:
  auditrail hold user/42 --name case-7 --reason "lawsuit 2026/118"
  auditrail hold --reason "inspection announced"            everything
  auditrail hold --list
  auditrail hold --release case-7 --reason "lawsuit closed"

A hold is an entry, and in force from then on: what it covers is not erased, whoever asks.`;

export function addHoldCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("hold")
    .summary("keep data from being erased, and let it go again")
    .description(
      "Places a legal hold on one subject's data or on a whole trail, lists the holds in force, or releases one.",
    )
    .argument("[subject]", "whose data, as type/id (default: the whole trail)")
    .option("--reason <text>", "why: it becomes part of the trail")
    .option("--name <name>", "what to call it (default: made up)")
    .option("--release <name>", "release this hold")
    .option("--list", "list the holds in force")
    .option("--actor <type/id>", "who decides (default: this machine's user)")
    .option("--tenant <name>", "whose trail (default: the trail named default)")
    .addHelpText("after", examples);
  command.action((subject: string | undefined) =>
    runHold(subject, command.optsWithGlobals<HoldCommandOptions>(), environment),
  );
}

async function runHold(
  subject: string | undefined,
  options: HoldCommandOptions,
  environment: CliEnvironment,
): Promise<void> {
  if (options.list === true) return listHolds(options, environment);
  const { reason, release, name } = options;
  if (reason === undefined)
    throw new AuditError("USAGE_INVALID", "A hold needs a reason, as does its release: pass --reason.");
  if (release !== undefined && (subject !== undefined || name !== undefined))
    throw new AuditError("USAGE_INVALID", "--release takes the name of the hold, and nothing else says what it is on.");
  const order = orderOf({ ...options, reason });
  const { stdout } = environment;
  const { good } = createPaint(stdout);
  if (release !== undefined) {
    await withHolds(options, environment, (erasure) => erasure.releaseHold({ ...order, hold: release }));
    return options.json === true
      ? stdout.write(`${visibleJson({ released: release })}\n`)
      : stdout.write(`${good("✓")} Released legal hold ${visibleText(release)}\n`);
  }
  const on = subject === undefined ? {} : { subject };
  const hold = await withHolds(options, environment, (erasure) =>
    erasure.hold({ ...order, ...on, ...(name === undefined ? {} : { hold: name }) }),
  );
  if (options.json === true) return stdout.write(`${visibleJson(hold)}\n`);
  await stdout.write(
    `${good("✓")} Legal hold ${visibleText(hold.hold)} is on ${describe(hold)}; entry ${hold.seq} says so\n`,
  );
}

function describe({ subject }: LegalHold): string {
  return subject === undefined ? "the whole trail" : visibleText(subject);
}

async function listHolds(options: HoldCommandOptions, environment: CliEnvironment): Promise<void> {
  const { stdout, stderr } = environment;
  const opened = await openForReading(options, environment);
  try {
    const { defaultTenant } = await import("../trail/prepare-event.ts");
    const holds = await opened.store.listHolds(options.tenant ?? defaultTenant);
    if (options.json === true) for (const hold of holds) await stdout.write(`${visibleJson(hold)}\n`);
    else if (holds.length === 0) await stderr.write("No legal hold is in force.\n");
    else
      await stdout.write(
        drawTable(
          [{ title: "hold" }, { title: "on" }, { title: "entry", right: true }],
          holds.map((hold) => [visibleText(hold.hold), describe(hold), String(hold.seq)]),
          stdout,
        ),
      );
  } finally {
    await opened.close();
  }
}
