/**
 * Verifying a trail, offline: everything it says, against what was signed.
 *
 * 1. Checkpoints: each is held against the policy.
 * 2. One pass over the entries: hashed, looked into, every tile recomputed (verify-walk.ts).
 * 3. Every checkpoint's root is held against the root of the entries at its size. Two checkpoints to which the same entries lead are
 *    consistent, so this checks every pair of them.
 * 4. Where one does not fit: which entries are not those that were signed (verify-locate.ts).
 * 5. What is gone is held against what the trail says was erased (verify-erasures.ts).
 * 6. Columns, where the source derives some.
 * 7. What all this establishes, and what it does not (verify-properties.ts).
 *
 * It fails closed: what cannot be read is a finding, never a crash and never passed over.
 */

import { quote } from "../base/errors.ts";
import type { DerivedProblem, TrailEvidence } from "./evidence.ts";
import { isTreeSize } from "./merkle-tree.ts";
import type { TlogPolicy } from "./policy.ts";
import { malformed, VerificationError } from "./verification-error.ts";
import { judgeCheckpoints, withKeysFor, type JudgedCheckpoint, type VerifyTimestamp } from "./verify-checkpoints.ts";
import { createEntryInspector } from "./verify-entry.ts";
import { createErasures, type Erasures } from "./verify-erasures.ts";
import { createFindings, type Findings } from "./verify-findings.ts";
import type { LocateOptions } from "./verify-locate.ts";
import { stateProperties } from "./verify-properties.ts";
import { positionClasses, tamperedClasses, type PositionClass } from "./verify-reasons.ts";
import type { EpochStart, VerificationReport } from "./verify-report.ts";
import type { HashTile } from "./verify-tile.ts";
import { checkEdge, checkEpochs, checkRoots, largestSize } from "./verify-roots.ts";
import { checkUpperTiles, walkTrail } from "./verify-walk.ts";

export interface VerifyOptions {
  /** Checkpoints (signed notes) of this trail that the verifier kept from earlier, or got from somebody else. */
  readonly remembered?: readonly string[];
  /** The policy came along with the trail, so it says nothing of who has signed. */
  readonly isPolicyUntrusted?: boolean;
  /** Leaves out columns and indexes, which only a live store has. */
  readonly skipDerived?: boolean;
  /** How many findings are listed; all are counted. 1,000 by default. */
  readonly maxListed?: number;
  readonly verifyTimestamp?: VerifyTimestamp;
  /** Hashes tiles in other threads; see `openHashThreads()` of `auditrail/verification`. */
  readonly hashTile?: HashTile;
  readonly signal?: AbortSignal;
}

/**
 * Verifies a trail against a policy, or, without one, only that it does not contradict itself.
 * Errors: `VERIFY_POLICY_INVALID`, `VERIFY_ORIGIN_MISMATCH` where the policy has no key for this trail; those of the source.
 *
 * @example
 * const report = await verifyTrail(evidence, createLogPolicy([parseVerifierKey(text)]));
 * if (report.verdict !== "verified") console.error(report.positions, report.findings);
 */
export async function verifyTrail(
  evidence: TrailEvidence,
  policy: TlogPolicy | undefined,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  assertPolicyFits(evidence.origin, policy);
  const findings = createFindings(options.maxListed ?? 1_000);
  const erasures = createErasures();
  const { remembered = [], verifyTimestamp, hashTile, signal } = options;
  const { checkpoints, kept } = await judgeCheckpoints(evidence, remembered, { policy, verifyTimestamp, findings });
  // Entries have to be there as far as anybody whom the verifier believes has seen them.
  const acceptedSize = largestSize(
    checkpoints.filter(({ isAccepted, source }) => isAccepted || source === "remembered"),
  );
  const size = Math.max(isTreeSize(evidence.size) ? evidence.size : 0, acceptedSize);
  const sizes = [...new Set(checkpoints.map((checkpoint) => checkpoint.size).filter((each) => each <= size))].sort(
    (a, b) => a - b,
  );
  const inspect = createEntryInspector(evidence.origin, findings, erasures);
  const walked = await walkTrail({ evidence, size, sizes, inspect, erasures, findings, hashTile, signal });
  await checkUpperTiles(evidence, size, walked.tree, findings);
  const located: LocateOptions = {
    evidence,
    tree: walked.tree,
    treeSize: size,
    missing: erasures.missingEntries,
    findings,
  };
  await checkEdge(located);
  const held = await checkRoots(checkpoints, walked, located);
  const provenSize = largestSize(held.filter(({ isAccepted }) => isAccepted));
  const epochs = await checkEpochs(erasures, located);
  const isProven = (seq: number): boolean => seq < provenSize && findings.classOf(seq) !== "ALTERED";
  erasures.settle(policy === undefined ? () => true : isProven, findings, evidence.selection !== undefined);
  if (options.skipDerived !== true) await checkDerived(evidence, size, findings, signal);
  return report({
    evidence,
    policy,
    options,
    findings,
    erasures,
    checkpoints,
    kept,
    held,
    provenSize,
    acceptedSize,
    size,
    epochs,
  });
}

/** A policy for another trail is the wrong policy, and not this trail's fault; it is not passed over either. */
function assertPolicyFits(origin: string, policy: TlogPolicy | undefined): void {
  if (typeof origin !== "string") throw malformed("Cannot verify a trail: it names no origin.");
  if (policy === undefined || withKeysFor(policy, origin).logs.some(({ key }) => key.name === origin)) return;
  const names = policy.logs.map(({ key }) => quote(key.name)).join(", ");
  throw new VerificationError(
    "VERIFY_ORIGIN_MISMATCH",
    `The trail is ${quote(origin)}; the policy trusts ${names || "no log"}.`,
  );
}

/** Large enough that a store scans an index once for many entries, small enough that stopping does not take long. */
const derivedStep = 50_000;

async function checkDerived(
  evidence: TrailEvidence,
  size: number,
  findings: Findings,
  signal: AbortSignal | undefined,
): Promise<void> {
  const take = ({ seq, column, says }: DerivedProblem): void => {
    if (seq === null) findings.report("INDEX_CHANGED", says);
    // What is left of an entry that was removed is no column of it any more.
    else if (findings.isAbsent(seq)) findings.report("INDEX_CHANGED", `At position ${seq}: ${says}`);
    else findings.mark("COLUMN_CHANGED", seq, seq + 1, { detail: column });
  };
  for (let from = 0; evidence.checkDerived !== undefined && from < Math.min(size, evidence.size); from += derivedStep) {
    signal?.throwIfAborted();
    for (const problem of await evidence.checkDerived(from, Math.min(from + derivedStep, evidence.size))) take(problem);
  }
  for (const problem of (await evidence.checkTotals?.()) ?? []) take(problem);
}

interface ReportFacts {
  readonly evidence: TrailEvidence;
  readonly policy: TlogPolicy | undefined;
  readonly options: VerifyOptions;
  readonly findings: Findings;
  readonly erasures: Erasures;
  readonly checkpoints: readonly JudgedCheckpoint[];
  readonly kept: number;
  readonly held: readonly JudgedCheckpoint[];
  readonly provenSize: number;
  readonly acceptedSize: number;
  readonly size: number;
  readonly epochs: readonly EpochStart[];
}

function report(facts: ReportFacts): VerificationReport {
  const {
    evidence,
    policy,
    options,
    findings,
    erasures,
    checkpoints,
    kept,
    held,
    provenSize,
    acceptedSize,
    size,
    epochs,
  } = facts;
  const counts = countClasses(findings, acceptedSize, size);
  const isTampered = findings.trail.length > 0 || tamperedClasses.some((each) => counts[each] > 0);
  const isPolicyUntrusted = options.isPolicyUntrusted ?? false;
  const isProven = provenSize > 0 && !isPolicyUntrusted;
  const newest = held.find(({ isAccepted, size: its }) => isAccepted && its === provenSize);
  return {
    verdict: isTampered ? "tampered" : isProven ? "verified" : "unproven",
    ...{ origin: evidence.origin, size, provenSize, counts },
    ...{ positions: findings.positions, findings: findings.trail, omitted: findings.omitted },
    checkpoints: {
      kept,
      accepted: checkpoints.filter(({ source, isAccepted }) => source === "kept" && isAccepted).length,
    },
    ...(newest === undefined ? {} : { newest: newest.note }),
    ...{ epochs, gaps: erasures.gaps, lockedParts: erasures.locked.parts },
    properties: stateProperties({
      ...{ held, hasPolicy: policy !== undefined, isPolicyUntrusted, isTampered, size, provenSize },
      ...{
        missing: counts.MISSING,
        gaps: erasures.gaps,
        lockedParts: erasures.locked.parts,
        withheld: counts.WITHHELD,
      },
    }),
  };
}

/** What no mark was made of is `OK` where a checkpoint that the policy accepts covers it, and `PENDING` beyond. */
function countClasses(findings: Findings, acceptedSize: number, size: number): Record<PositionClass, number> {
  const counts = Object.fromEntries(positionClasses.map((each) => [each, findings.countOf(each)])) as Record<
    PositionClass,
    number
  >;
  counts.OK = findings.countUnmarked(acceptedSize);
  counts.PENDING = findings.countUnmarked(size) - counts.OK;
  return counts;
}
