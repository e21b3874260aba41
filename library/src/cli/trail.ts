import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

import type { Command } from "commander";

import { AuditError, quote } from "../base/errors.ts";
import { parseTlogPolicy } from "../integrity/policy.ts";
import type { BegunEpoch, Sealing, SealingStatus, SealingWitness } from "../sealing/sealing-types.ts";
import type { CliEnvironment } from "./environment.ts";
import { guardFileOf, keyFileOf, type KeyOptions } from "./key-options.ts";
import { openForRecording, type GlobalOptions } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import { readReference } from "./record-fields.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

interface SealingCommandOptions extends GlobalOptions, KeyOptions {
  readonly policy?: string;
  readonly timestampUrl?: string;
  readonly timestampCa?: string;
}

interface EpochOptions extends SealingCommandOptions {
  readonly reason: string;
  readonly actor?: string;
  readonly tenant?: readonly string[];
}

const examples = `
Examples:
  auditrail trail checkpoint
  auditrail trail checkpoint --policy witnesses.policy
  auditrail trail new-epoch --reason "backup of Sunday put back, ticket 331"`;

const keyHelp = `
Keys are in --keys, $AUDITRAIL_KEYS or ./auditrail.keys; the signing guard is --guard, $AUDITRAIL_GUARD, or beside the keys.`;

const collect = (text: string, all: readonly string[] = []): readonly string[] => [...all, text];

export function addTrailCommand(program: Command, environment: CliEnvironment): void {
  const trail = program
    .command("trail")
    .summary("sign checkpoints, and continue a trail under a new epoch")
    .description("Signs what the trails of a store say, and continues those that do not continue what was signed.")
    .addHelpText("after", examples);
  const checkpoint = trail
    .command("checkpoint")
    .summary("sign a checkpoint of every trail that has changed")
    .description("Signs a checkpoint of every trail that has changed, and of the anchor trail, which holds them all.")
    .addHelpText(
      "after",
      `${keyHelp}\nEnds with 2 where a trail is refused, because it does not continue what was signed last.`,
    );
  addSealingOptions(checkpoint).action(() =>
    runCheckpoint(checkpoint.optsWithGlobals<SealingCommandOptions>(), environment),
  );
  const epoch = trail
    .command("new-epoch")
    .summary("continue trails that are refused, under a new name")
    .description(
      "Continues trails that are refused, such as those of a restored backup, under a new epoch: with an entry that says who wanted it and why.",
    )
    .requiredOption("--reason <text>", "why: it becomes part of the trail")
    .option("--actor <type/id>", "who decides (default: this machine's user)")
    .option("--tenant <name>", "in this trail only; may be repeated", collect)
    .addHelpText(
      "after",
      `${keyHelp}\n\nExample:\n  auditrail trail new-epoch --reason "backup of Sunday put back, ticket 331"`,
    );
  addSealingOptions(epoch).action(() => runNewEpoch(epoch.optsWithGlobals<EpochOptions>(), environment));
}

function addSealingOptions(command: Command): Command {
  return command
    .option("--keys <file>", "the key file")
    .option("--guard <file>", "the signing guard")
    .option("--policy <file>", "ask the witnesses in this policy (C2SP tlog-policy) that have an address")
    .option("--timestamp-url <url>", "ask this time-stamping authority (RFC 3161)")
    .option("--timestamp-ca <file>", "the certificates that the authority's has to lead to, as PEM");
}

async function runCheckpoint(options: SealingCommandOptions, environment: CliEnvironment): Promise<void> {
  await withSealing(options, environment, async (sealing) => {
    const status = await sealing.checkpointNow();
    if (options.json === true) await environment.stdout.write(`${visibleJson(status)}\n`);
    else await tellStatus(status, environment);
    if (status.state !== "ok") environment.exitWith("tampered");
  });
}

async function runNewEpoch(
  { reason, actor, tenant, ...options }: EpochOptions,
  environment: CliEnvironment,
): Promise<void> {
  const who = actor === undefined ? { type: "os-user", id: userInfo().username } : readReference("--actor", actor);
  await withSealing(options, environment, async (sealing) => {
    const begun = await sealing.beginEpoch({
      reason,
      actor: who,
      ...(tenant === undefined ? {} : { tenants: tenant }),
    });
    if (options.json === true) for (const each of begun) await environment.stdout.write(`${visibleJson(each)}\n`);
    else await tellEpochs(begun, environment);
    const status = sealing.status();
    if (status.state !== "ok") {
      await tellTrouble(status, environment);
      environment.exitWith("tampered");
    }
  });
}

async function withSealing(
  options: SealingCommandOptions,
  environment: CliEnvironment,
  work: (sealing: Sealing) => Promise<void>,
): Promise<void> {
  const { openKeyFile } = await import("../sealing/key-file.ts");
  const { openSealing } = await import("../sealing/open-sealing.ts");
  const { keys } = openKeyFile(keyFileOf(options, environment));
  const asked = { witnesses: await openWitnesses(options), ...(await openTimestamp(options)) };
  const { store, trail, close } = await openForRecording(options, environment);
  try {
    const guard = guardFileOf(options, environment);
    await using sealing = openSealing({
      store,
      record: trail.record,
      keys,
      guard,
      ...asked,
      intervalMs: 0,
      clock: environment.clock,
    });
    await work(sealing);
  } finally {
    await close();
  }
}

async function openWitnesses({ policy }: SealingCommandOptions): Promise<readonly SealingWitness[]> {
  if (policy === undefined) return [];
  const { createWitnessClient } = await import("../witness/create-witness-client.ts");
  return parseTlogPolicy(readText(policy)).witnesses.flatMap(({ key, url }) =>
    url === undefined ? [] : [createWitnessClient({ url, key })],
  );
}

async function openTimestamp({ timestampUrl, timestampCa }: SealingCommandOptions) {
  if (timestampUrl === undefined && timestampCa === undefined) return {};
  if (timestampUrl === undefined || timestampCa === undefined) {
    throw new AuditError(
      "USAGE_INVALID",
      "--timestamp-url and --timestamp-ca go together: a token is kept only when the certificates vouch for it.",
    );
  }
  const { createTimestamper } = await import("../sealing/create-timestamper.ts");
  return { timestamp: createTimestamper({ authority: timestampUrl, trusted: readText(timestampCa) }) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new AuditError("FILE_UNREADABLE", `Cannot read ${quote(file)}: ${(cause as Error).message}.`, { cause });
  }
}

async function tellStatus(status: SealingStatus, environment: CliEnvironment): Promise<void> {
  const { stdout } = environment;
  const { good, dim } = createPaint(stdout);
  const { lastCheckpoint } = status;
  if (lastCheckpoint === undefined)
    await environment.stderr.write("Nothing was signed: no trail has an entry that may be signed.\n");
  else {
    const { origin, size, root, cosignedBy, timestamped } = lastCheckpoint;
    const vouchers = [
      ...cosignedBy.map((name) => `cosigned by ${visibleText(name)}`),
      ...(timestamped ? ["time-stamped"] : []),
    ];
    await stdout.write(
      `${good("✓")} Signed; the anchor trail has ${size.toLocaleString("en")} ${size === 1 ? "entry" : "entries"}${vouchers.map((each) => `, ${each}`).join("")}\n`,
    );
    await stdout.write(`  ${dim(`${visibleText(origin)}  root ${root}`)}\n`);
  }
  await tellTrouble(status, environment);
}

/** Talk: what was not signed, and who did not vouch. */
async function tellTrouble(
  { refused, witnesses, timestampFailure }: SealingStatus,
  { stderr }: CliEnvironment,
): Promise<void> {
  const { bad, warning, dim } = createPaint(stderr);
  for (const { message, code } of refused)
    await stderr.write(`${bad("refused")}  ${visibleText(message)}\n         ${dim(code)}\n`);
  const failures = [...witnesses.map(({ failure }) => failure), timestampFailure].filter(
    (failure) => failure !== undefined,
  );
  for (const { message, code } of failures)
    await stderr.write(`${warning("warning")}  ${visibleText(message)}\n         ${dim(code)}\n`);
}

async function tellEpochs(begun: readonly BegunEpoch[], { stdout }: CliEnvironment): Promise<void> {
  const { good, dim } = createPaint(stdout);
  for (const { tenant, epoch, origin, seq } of begun) {
    await stdout.write(
      `${good("✓")} Trail ${visibleText(tenant)} is in epoch ${epoch}; entry ${seq} says why\n  ${dim(`signed from now on as ${visibleText(origin)}`)}\n`,
    );
  }
  await stdout.write(`  ${dim("Witnesses need the anchor's new verifier key: auditrail keys list")}\n`);
}
