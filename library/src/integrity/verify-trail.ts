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

import { equalBytes } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { decodeCompactRange, rangeRoot } from "./compact-range.ts";
import type { DerivedProblem, TrailEvidence } from "./evidence.ts";
import { isTreeSize } from "./merkle-tree.ts";
import type { TlogPolicy } from "./policy.ts";
import { parseSignedNote } from "./signed-note.ts";
import { asVerificationError, malformed, VerificationError } from "./verification-error.ts";
import { judgeCheckpoints, withKeysFor, type JudgedCheckpoint, type VerifyTimestamp } from "./verify-checkpoints.ts";
import { createEntryInspector } from "./verify-entry.ts";
import { createErasures, type Erasures } from "./verify-erasures.ts";
import { createFindings, type Findings } from "./verify-findings.ts";
import { locateChanges, recomputeRoot, type LocateOptions } from "./verify-locate.ts";
import { stateProperties } from "./verify-properties.ts";
import { positionClasses, tamperedClasses, type PositionClass } from "./verify-reasons.ts";
import type { EpochStart, VerificationReport } from "./verify-report.ts";
import type { HashTile } from "./verify-tile.ts";
import { checkUpperTiles, walkTrail, type Walked } from "./verify-walk.ts";

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
  const acceptedSize = largestSize(checkpoints.filter(({ isAccepted, source }) => isAccepted || source === "remembered"));
  const size = Math.max(isTreeSize(evidence.size) ? evidence.size : 0, acceptedSize);
  const sizes = [...new Set(checkpoints.map((checkpoint) => checkpoint.size).filter((each) => each <= size))].sort((a, b) => a - b);
  const inspect = createEntryInspector(evidence.origin, findings, erasures);
  const walked = await walkTrail({ evidence, size, sizes, inspect, erasures, findings, hashTile, signal });
  await checkUpperTiles(evidence, size, walked.tree, findings);
  const located: LocateOptions = { evidence, tree: walked.tree, treeSize: size, missing: erasures.missingEntries, findings };
  await checkEdge(located);
  const held = await checkRoots(checkpoints, walked, located);
  const provenSize = largestSize(held.filter(({ isAccepted }) => isAccepted));
  const epochs = await checkEpochs(erasures, located);
  const isProven = (seq: number): boolean => seq < provenSize && findings.classOf(seq) !== "ALTERED";
  erasures.settle(policy === undefined ? () => true : isProven, findings, evidence.selection !== undefined);
  if (options.skipDerived !== true) await checkDerived(evidence, size, findings, signal);
  return report({ evidence, policy, options, findings, erasures, checkpoints, kept, held, provenSize, acceptedSize, size, epochs });
}

/** A policy for another trail is the wrong policy, and not this trail's fault; it is not passed over either. */
function assertPolicyFits(origin: string, policy: TlogPolicy | undefined): void {
  if (typeof origin !== "string") throw malformed("Cannot verify a trail: it names no origin.");
  if (policy === undefined || withKeysFor(policy, origin).logs.some(({ key }) => key.name === origin)) return;
  const names = policy.logs.map(({ key }) => quote(key.name)).join(", ");
  throw new VerificationError("VERIFY_ORIGIN_MISMATCH", `The trail is ${quote(origin)}; the policy trusts ${names || "no log"}.`);
}

/** The kept right edge has to be that of the entries: the next entry grows from it. */
async function checkEdge(options: LocateOptions): Promise<void> {
  const { evidence, findings } = options;
  try {
    const bytes = await evidence.readEdge();
    if (bytes === undefined) return;
    const edge = decodeCompactRange(bytes);
    if (edge.size !== evidence.size) findings.report("SIZE_CHANGED", `It is ${evidence.size}; the tree has ${edge.size}.`);
    if (edge.size === 0) return;
    const root = await recomputeRoot(edge.size, options);
    // Where an entry is missing its root cannot be known; that is told of already.
    const isUnknown = root === undefined && edge.size <= options.treeSize;
    if (!isUnknown && (root === undefined || !equalBytes(root, rangeRoot(edge)))) findings.report("EDGE_CHANGED", "");
  } catch (error) {
    findings.report("EDGE_CHANGED", asVerificationError(error).message);
  }
}

/**
 * Answers the checkpoints to which the entries lead. What somebody else remembers or has witnessed counts for more than what the trail
 * keeps itself, which whoever holds its key can make anew.
 */
async function checkRoots(
  checkpoints: readonly JudgedCheckpoint[],
  { roots }: Walked,
  options: LocateOptions,
): Promise<readonly JudgedCheckpoint[]> {
  const isHeld = ({ size, root }: JudgedCheckpoint): boolean => {
    const reached = roots.get(size);
    return reached !== undefined && equalBytes(reached, root);
  };
  const held = checkpoints.filter(isHeld);
  const broken = checkpoints.filter((checkpoint) => !isHeld(checkpoint));
  for (const { source, size, note } of broken) {
    const code = source === "remembered" ? "REMEMBERED_CONTRADICTED" : "CHECKPOINT_CONTRADICTED";
    options.findings.report(code, `It has size ${size}.`, [note]);
  }
  const isAnchor = ({ source, witnesses }: JudgedCheckpoint): boolean => source !== "kept" || witnesses.length > 0;
  let judged = 0;
  for (const [right, wrong] of [
    [held.filter(isAnchor), broken.filter(isAnchor)],
    [held, broken],
  ] as const) {
    judged = Math.max(judged, largestSize(right));
    const [largest] = wrong.filter(({ size }) => size > judged).sort((x, y) => y.size - x.size);
    if (largest === undefined) continue;
    await locateChanges(judged, largest.size, largest.root, options);
    judged = largest.size;
  }
  return held;
}

/** What was signed before an epoch began, against what is here now. */
async function checkEpochs(erasures: Erasures, options: LocateOptions): Promise<readonly EpochStart[]> {
  const starts: EpochStart[] = [];
  for (const { seq, epoch, checkpoint } of erasures.epochs) {
    try {
      const { size, root } = parseCheckpoint(parseSignedNote(checkpoint).text);
      const reached = await recomputeRoot(size, options);
      const continues = size === 0 || (reached !== undefined && equalBytes(reached, root));
      starts.push({ seq, epoch, oldSize: size, continues });
    } catch (error) {
      asVerificationError(error);
      options.findings.mark("ENTRY_MALFORMED", seq, seq + 1);
    }
  }
  return starts;
}

/** Large enough that a store scans an index once for many entries, small enough that stopping does not take long. */
const derivedStep = 50_000;

async function checkDerived(evidence: TrailEvidence, size: number, findings: Findings, signal: AbortSignal | undefined): Promise<void> {
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
  const { evidence, policy, options, findings, erasures, checkpoints, kept, held, provenSize, acceptedSize, size, epochs } = facts;
  const counts = countClasses(findings, acceptedSize, size);
  const isTampered = findings.trail.length > 0 || tamperedClasses.some((each) => counts[each] > 0);
  const isPolicyUntrusted = options.isPolicyUntrusted ?? false;
  const isProven = provenSize > 0 && !isPolicyUntrusted;
  const newest = held.find(({ isAccepted, size: its }) => isAccepted && its === provenSize);
  return {
    verdict: isTampered ? "tampered" : isProven ? "verified" : "unproven",
    ...{ origin: evidence.origin, size, provenSize, counts },
    ...{ positions: findings.positions, findings: findings.trail, omitted: findings.omitted },
    checkpoints: { kept, accepted: checkpoints.filter(({ source, isAccepted }) => source === "kept" && isAccepted).length },
    ...(newest === undefined ? {} : { newest: newest.note }),
    ...{ epochs, gaps: erasures.gaps, lockedParts: erasures.locked.parts },
    properties: stateProperties({
      ...{ held, hasPolicy: policy !== undefined, isPolicyUntrusted, isTampered, size, provenSize },
      ...{ missing: counts.MISSING, gaps: erasures.gaps, lockedParts: erasures.locked.parts, withheld: counts.WITHHELD },
    }),
  };
}

/** What no mark was made of is `OK` where a checkpoint that the policy accepts covers it, and `PENDING` beyond. */
function countClasses(findings: Findings, acceptedSize: number, size: number): Record<PositionClass, number> {
  const counts = Object.fromEntries(positionClasses.map((each) => [each, findings.countOf(each)])) as Record<PositionClass, number>;
  counts.OK = findings.countUnmarked(acceptedSize);
  counts.PENDING = findings.countUnmarked(size) - counts.OK;
  return counts;
}

function largestSize(checkpoints: readonly JudgedCheckpoint[]): number {
  return checkpoints.reduce((most, { size }) => Math.max(most, size), 0);
}
