/** What was signed, and what is kept of the tree, against the tree that the entries make. */

import { equalBytes } from "../base/bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { decodeCompactRange, rangeRoot } from "./compact-range.ts";
import { parseSignedNote } from "./signed-note.ts";
import { asVerificationError } from "./verification-error.ts";
import type { JudgedCheckpoint } from "./verify-checkpoints.ts";
import type { Erasures } from "./verify-erasures.ts";
import { locateChanges, recomputeRoot, type LocateOptions } from "./verify-locate.ts";
import type { EpochStart } from "./verify-report.ts";
import type { Walked } from "./verify-walk.ts";

/** The kept right edge has to be that of the entries: the next entry grows from it. */
export async function checkEdge(options: LocateOptions): Promise<void> {
  const { evidence, findings } = options;
  try {
    const bytes = await evidence.readEdge();
    if (bytes === undefined) return;
    const edge = decodeCompactRange(bytes);
    if (edge.size !== evidence.size)
      findings.report("SIZE_CHANGED", `It is ${evidence.size}; the tree has ${edge.size}.`);
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
export async function checkRoots(
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
export async function checkEpochs(erasures: Erasures, options: LocateOptions): Promise<readonly EpochStart[]> {
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

/** The size of the largest of them; 0 of none. */
export function largestSize(checkpoints: readonly JudgedCheckpoint[]): number {
  return checkpoints.reduce((most, { size }) => Math.max(most, size), 0);
}
