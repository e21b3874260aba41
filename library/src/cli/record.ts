import type { Command } from "commander";

import { parseInstant } from "../base/time.ts";
import type { EventFields } from "../event/event.ts";
import type { Receipt } from "../trail/types.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForRecording, type GlobalOptions } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import { readEventFields, type FieldOptions } from "./record-fields.ts";
import { showTime } from "./times.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

type RecordOptions = FieldOptions & GlobalOptions;

const examples = `
Examples:
  auditrail record order.placed --actor user/42 --target order/7 total=84.50 items:=3
  auditrail record voucher.applied --actor user/7 --target voucher/V-1 --target order=order/7 \\
      --before '{"balance":"20.00"}' --after '{"balance":"0.00"}'
  auditrail record order.refunded --actor user/7 --target order/7 --reason "damaged, ticket 331"

The same --id twice is the same event: it is recorded once. The event is on disk when the command ends.
Where an application has recorded into this trail, its catalogue says which actions and data there are.`;

export function addRecordCommand(program: Command, environment: CliEnvironment): void {
  const collect = (text: string, all: readonly string[] = []): readonly string[] => [...all, text];
  const command = program
    .command("record")
    .summary("record one event")
    .description("Records one event, and prints where it is kept.")
    .argument("<action>", "what happened: log.action, such as order.placed")
    .argument("[data...]", "the event's data: name=text, name:=json; dots for members of members");
  command
    .option("--actor <type/id>", "who did it")
    .option("--actor-name <name>", "the actor's name (personal data: sealed beside the entry)")
    .option("--actor-email <address>", "the actor's e-mail address (personal data: sealed beside the entry)")
    .option("--on-behalf-of <type/id>", "for whom; may be repeated, the nearest first", collect)
    .option("--target <type/id>", "what was acted on; may be repeated, and have a role: from=account/1", collect)
    .option("--data <json>", "the data as one JSON object")
    .option("--before <json>", "the state before")
    .option("--after <json>", "the state after")
    .option("--outcome <outcome>", "success (default), failure, denied or unknown")
    .option("--error <message>", "why it failed; makes the outcome failure")
    .option("--severity <severity>", "info, warning, error or critical")
    .option("--message <text>", "anything else there is to say")
    .option("--reason <text>", "why it was done: a justification, a ticket")
    .option("--subject <type/id>", "whose personal data it carries; may be repeated", collect)
    .option("--id <uuid>", "a UUID version 7 made before the first try")
    .option("--time <instant>", "when it happened, as RFC 3339 (default: now)")
    .option("--tenant <name>", "whose trail (default: the trail named default)")
    .option("--operation <id>", "the run of something that it belongs to")
    .option("--correlation <id>", "what ties several operations together")
    .addHelpText("after", examples)
    .action((action: string, pairs: string[]) =>
      runRecord(action, pairs, command.optsWithGlobals<RecordOptions>(), environment),
    );
}

async function runRecord(
  action: string,
  pairs: readonly string[],
  options: RecordOptions,
  environment: CliEnvironment,
): Promise<void> {
  const fields = readEventFields(pairs, options);
  const opened = await openForRecording(options, environment);
  try {
    const receipt = await opened.trail.record(action, fields as never);
    await tell(action, receipt, fields, options, environment);
  } finally {
    await opened.close();
  }
}

async function tell(
  action: string,
  receipt: Receipt,
  { actor }: EventFields,
  { json }: RecordOptions,
  { stdout, stderr, zone }: CliEnvironment,
): Promise<void> {
  if (json === true) return stdout.write(`${visibleJson(receipt)}\n`);
  const { good, dim } = createPaint(stdout);
  const { seq, id, hash, recordedAt } = receipt;
  const when = recordedAt === null ? "" : ` at ${showTime(parseInstant(recordedAt), zone)}`;
  await stdout.write(`${good("✓")} Recorded ${visibleText(action)} as entry ${seq}${when}\n`);
  await stdout.write(`  ${dim(`id ${id}  hash ${hash.slice(0, 16)}…`)}\n`);
  if (actor === undefined) await stderr.write("Nobody is named as its actor; next time pass --actor type/id.\n");
}
