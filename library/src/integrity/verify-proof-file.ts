/**
 * Verifying one entry by its proof file (tlog-proof.ts).
 *
 * Witnesses cosign the anchor trail, whose entries are the checkpoints of all others. So a proof file of ours has in its `extra`
 * line, which C2SP leaves to us, the proof that its checkpoint is an entry of the anchor trail: one line as in evidence-lines.ts. It
 * vouches for the checkpoint where that has not enough cosignatures itself.
 */

import { equalBytes } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { parseAnchorLines } from "./evidence-lines.ts";
import { leafHash } from "./leaf.ts";
import type { TlogPolicy } from "./policy.ts";
import { parseSignedNote } from "./signed-note.ts";
import { parseTlogProof, verifyTlogProof } from "./tlog-proof.ts";
import { malformed, VerificationError } from "./verification-error.ts";
import {
  createJudge,
  isOriginOf,
  withKeysFor,
  type JudgedCheckpoint,
  type TimeWord,
  type VerifyTimestamp,
} from "./verify-checkpoints.ts";
import { parseEntry } from "./verify-entry.ts";

export interface VerifiedEntry {
  /** The position in the trail. */
  readonly index: number;
  readonly checkpoint: Checkpoint;
  /** When somebody else has seen it, where somebody has. */
  readonly times: readonly TimeWord[];
}

/**
 * Returns when the proof file leads from the entry to a checkpoint that the policy accepts.
 * Errors: `VERIFY_MALFORMED`, `VERIFY_PROOF_FAILED`, `VERIFY_ORIGIN_MISMATCH`, `VERIFY_SIGNATURE_MISSING`, `VERIFY_SIGNATURE_INVALID`,
 * `VERIFY_POLICY_UNMET`, `VERIFY_TIMESTAMP_INVALID`.
 *
 * @example
 * const { index, checkpoint } = await verifyProofFile(proofText, entryText, policy);
 */
export async function verifyProofFile(
  source: string | Uint8Array,
  entry: string | Uint8Array,
  policy: TlogPolicy,
  verifyTimestamp?: VerifyTimestamp,
): Promise<VerifiedEntry> {
  const { index, checkpoint: note, extra } = parseTlogProof(source);
  const checkpoint = parseCheckpoint(parseSignedNote(note).text);
  verifyTlogProof(source, leafHash(entry), { ...withKeysFor(policy, checkpoint.origin), quorum: "none" });
  const origin = originOf(entry, checkpoint);
  const judge = createJudge(origin, { policy, verifyTimestamp }, (message) => {
    throw new VerificationError("VERIFY_TIMESTAMP_INVALID", message);
  });
  const judged = await judge.note("kept", { note });
  const anchored = extra === undefined ? undefined : await judgeExtra(extra, judged, judge.anchorProof);
  if (!judged.isAccepted && anchored?.isAccepted !== true) {
    throw new VerificationError(
      "VERIFY_POLICY_UNMET",
      `The checkpoint of size ${checkpoint.size} does not reach the quorum ${quote(policy.quorum)}.`,
      {
        evidence: { checkpoints: [note] },
      },
    );
  }
  return { index, checkpoint, times: [...judged.times, ...(anchored?.times ?? [])] };
}

/** An entry names its trail, so that it cannot be shown as one of another. */
function originOf(entry: string | Uint8Array, { origin: named }: Checkpoint): string {
  const origin = parseEntry(entry)?.["origin"];
  if (typeof origin !== "string") throw malformed("The entry is not an event that names its trail.");
  if (isOriginOf(named, origin)) return origin;
  throw new VerificationError(
    "VERIFY_ORIGIN_MISMATCH",
    `The entry is of ${quote(origin)}, the checkpoint of ${quote(named)}.`,
  );
}

async function judgeExtra(
  extra: Uint8Array,
  { size, root }: JudgedCheckpoint,
  judge: (proof: ReturnType<typeof parseAnchorLines>[number]) => Promise<JudgedCheckpoint>,
): Promise<JudgedCheckpoint> {
  const [line, ...more] = parseAnchorLines(extra);
  if (line === undefined || more.length > 0)
    throw malformed("The extra line of the proof file is not one proof of an anchor trail.");
  const anchored = await judge(line);
  if (anchored.size === size && equalBytes(anchored.root, root)) return anchored;
  throw new VerificationError(
    "VERIFY_PROOF_FAILED",
    "The anchor trail holds another checkpoint than the one that the proof leads to.",
  );
}
