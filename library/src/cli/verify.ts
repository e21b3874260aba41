import { availableParallelism } from "node:os";

import { InvalidArgumentError, type Command } from "commander";

import type { VerificationReport } from "../integrity/verify-report.ts";
import type { VerifyOptions } from "../integrity/verify-trail.ts";
import { wholeNumber } from "./asking-options.ts";
import type { CliEnvironment } from "./environment.ts";
import type { Subject, SubjectOptions } from "./verify/subjects.ts";
import type { Trust, TrustOptions } from "./verify/trust.ts";
import { visibleJson } from "../formats/visible-text.ts";

interface VerifyCommandOptions extends SubjectOptions, TrustOptions {
  readonly remember?: string;
  readonly proof?: string;
  readonly quick?: boolean;
  readonly limit: number;
}

const examples = `
Examples:
  auditrail verify                                            every trail of the store, by this machine's own keys
  auditrail verify trail.evidence.tar --key "$KEY"            what somebody gave you, by a key you got elsewhere
  auditrail verify evidence/ --policy auditor.policy --remember seen.jsonl
  auditrail verify entry.json --proof entry.tlog-proof --key "$KEY"
  auditrail verify --json | jq .verdict

Nothing is asked of the network. --remember keeps the newest checkpoint of each trail that was verified, and next time holds the
trail against it: without that, or witnesses, a trail that was rewritten whole by whoever has its key looks like a new one.

Ends with 0 verified, 2 tampered with or damaged, 4 nothing wrong but signed by nobody whom you trust.`;

export function addVerifyCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("verify")
    .summary("prove that no entry was changed, removed or slipped in")
    .description(
      "Verifies trails from their bytes up: a live store, exported evidence (a file or a directory), or one entry by its proof.",
    )
    .argument(
      "[path]",
      "the store's file, evidence, or with --proof an entry (default: --store, $AUDITRAIL_STORE, or ./auditrail.db)",
    )
    .option("--tenant <name>", "of a store, only this trail")
    .option("--policy <file>", "whose signatures to believe, a policy (C2SP tlog-policy)")
    .option("--key <key>", "a verifier key to believe; may be repeated", collect)
    .option("--keys <file>", "believe the keys in this key file")
    .option("--remember <file>", "checkpoints to hold the trail against, and where to keep the newest one")
    .option("--proof <file>", "verify one entry by this proof file")
    .option("--disclosure <file>", "keys to open encrypted personal data with")
    .option("--timestamp-ca <file>", "certificates that time-stamps have to lead to, as PEM")
    .option("--quick", "leave out what a store derives from entries: columns, counts, the word index")
    .option("--limit <number>", "findings to show of each kind", wholeNumber(1, 100_000), 20)
    .addHelpText("after", examples)
    .action((path: string | undefined) =>
      runVerify(path, command.optsWithGlobals<VerifyCommandOptions>(), environment),
    );
}

function collect(text: string, all: readonly string[] = []): readonly string[] {
  if (text.trim() === "")
    throw new InvalidArgumentError("Expected a verifier key: name, id and key with plus signs between.");
  return [...all, text.trim()];
}

async function runVerify(
  path: string | undefined,
  options: VerifyCommandOptions,
  environment: CliEnvironment,
): Promise<void> {
  if (options.proof !== undefined) {
    const { runVerifyProof } = await import("./verify/verify-proof.ts");
    return runVerifyProof(path, options.proof, options, environment);
  }
  const { openSubjects } = await import("./verify/subjects.ts");
  const { readTrust } = await import("./verify/trust.ts");
  const opened = await openSubjects(path, options, environment);
  try {
    const trust = await readTrust(options, environment, opened.isLive);
    await verifyAll(opened.subjects, trust, options, environment);
  } finally {
    await opened.close();
  }
}

async function verifyAll(
  subjects: readonly Subject[],
  trust: Trust,
  options: VerifyCommandOptions,
  environment: CliEnvironment,
): Promise<void> {
  const { readRemembered, remember, writeRemembered } = await import("./verify/remembered.ts");
  const before = options.remember === undefined ? [] : readRemembered(options.remember);
  let notes = before;
  const verdicts: VerificationReport["verdict"][] = [];
  for (const subject of subjects) {
    const report = await verifyOne(subject, trust, before, options, environment);
    verdicts.push(report.verdict);
    // Only what was verified is remembered: a later verification believes it.
    if (report.verdict === "verified" && report.newest !== undefined)
      notes = remember(notes, report.origin, report.newest);
  }
  if (options.remember !== undefined && notes !== before) writeRemembered(options.remember, notes);
  if (subjects.length === 0 && options.json !== true)
    await environment.stderr.write("There is nothing to verify: nothing has been recorded.\n");
  if (verdicts.includes("tampered")) environment.exitWith("tampered");
  else if (verdicts.includes("unproven")) environment.exitWith("unproven");
}

async function verifyOne(
  { name, evidence, ownPolicy }: Subject,
  trust: Trust,
  remembered: readonly string[],
  options: VerifyCommandOptions,
  { stdout, signal }: CliEnvironment,
): Promise<VerificationReport> {
  const { verifyTrail } = await import("../integrity/verify-trail.ts");
  const { parseTlogPolicy } = await import("../integrity/policy.ts");
  const { policyFor, timestampVerifier } = await import("./verify/trust.ts");
  const { rememberedOf } = await import("./verify/remembered.ts");
  const given = policyFor(trust, evidence.origin);
  const isPolicyUntrusted = given === undefined && ownPolicy !== undefined;
  const policy = isPolicyUntrusted ? parseTlogPolicy(ownPolicy) : given;
  const verifyTimestamp = await timestampVerifier(options);
  await using threads = await openThreads(evidence.size);
  const asked: VerifyOptions = {
    ...{
      isPolicyUntrusted,
      remembered: rememberedOf(remembered, evidence.origin),
      skipDerived: options.quick ?? false,
      signal,
    },
    ...(verifyTimestamp === undefined ? {} : { verifyTimestamp }),
    ...(threads === undefined ? {} : { hashTile: threads.hashTile }),
  };
  const report = await verifyTrail(evidence, policy, asked);
  if (options.json === true) await stdout.write(`${visibleJson({ name, ...report })}\n`);
  else {
    const { drawReport } = await import("./verify/draw-report.ts");
    const from = isPolicyUntrusted ? "the policy that came with it, which anybody could have made" : trust.from;
    await stdout.write(drawReport(report, { name, trust: from, limit: options.limit }, stdout));
  }
  return report;
}

/** Below this, starting threads takes longer than they save. */
const entriesWorthThreads = 100_000;

async function openThreads(size: number) {
  if (size < entriesWorthThreads || availableParallelism() < 2) return undefined;
  const { openHashThreads } = await import("../verification/hash-threads.ts");
  return openHashThreads(availableParallelism() - 1);
}
