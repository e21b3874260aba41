/**
 * Consistency files: two checkpoints of a log and the proof that the newer one continues the older.
 *
 * C2SP has no text for this, so this one is ours, made like its tlog-proof:
 *
 *     auditrail/tlog-consistency@v1
 *     old <base64 of the older checkpoint, a signed note>
 *     <base64 of a hash>                 one line for each hash of the consistency proof (RFC 6962 section 2.1.2)
 *     (an empty line)
 *     <the newer checkpoint, a signed note, as it is>
 *
 * Such a file is named `….tlog-consistency`. There is one text for the same content: parsing refuses any other.
 */

import { encodeBase64, encodeUtf8 } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { verifyCheckpointConsistency } from "./open-checkpoint.ts";
import { evaluatePolicy, type PolicyVerdict } from "./policy-evaluation.ts";
import type { TlogPolicy } from "./policy.ts";
import { parseSignedNote } from "./signed-note.ts";
import { assertCheckpointNote, formatProofLines, parseProofLines, splitProofFile } from "./tlog-proof.ts";
import { readBase64, readText } from "./untrusted-text.ts";
import { malformed } from "./verification-error.ts";

const header = "auditrail/tlog-consistency@v1";

export interface ConsistencyFile {
  /** The older checkpoint, a signed note, verbatim. */
  readonly older: string;
  readonly newer: string;
  readonly proof: readonly Uint8Array[];
}

/** Errors: `VERIFY_MALFORMED` for a checkpoint or proof that is none. */
export function formatConsistencyFile({ older, newer, proof }: ConsistencyFile): string {
  assertCheckpointNote(older);
  assertCheckpointNote(newer);
  return `${header}\nold ${encodeBase64(encodeUtf8(older))}\n${formatProofLines(proof)}\n${newer}`;
}

/** Reads the file without believing it. Errors: `VERIFY_MALFORMED`. */
export function parseConsistencyFile(source: string | Uint8Array): ConsistencyFile {
  const { lines, note } = splitProofFile(readText(source, "a consistency file"), header);
  const [oldLine = "", ...proofLines] = lines;
  if (!oldLine.startsWith("old "))
    throw malformed(`Cannot read a consistency file: found ${quote(oldLine)}, expected a line "old <base64>".`);
  const older = readText(readBase64(oldLine.slice("old ".length), "the older checkpoint"), "the older checkpoint");
  const proof = parseProofLines(proofLines);
  assertCheckpointNote(older);
  assertCheckpointNote(note);
  return { older, newer: note, proof };
}

export interface VerifiedConsistency {
  readonly older: PolicyVerdict;
  readonly newer: PolicyVerdict;
}

/**
 * Verifies that both checkpoints satisfy the policy and that the newer continues the older.
 * Errors: `VERIFY_MALFORMED`, `VERIFY_PROOF_FAILED`, and those of {@link evaluatePolicy}.
 */
export function verifyConsistencyFile(source: string | Uint8Array, policy: TlogPolicy): VerifiedConsistency {
  const file = parseConsistencyFile(source);
  const older = evaluatePolicy(policy, parseSignedNote(file.older));
  const newer = evaluatePolicy(policy, parseSignedNote(file.newer));
  verifyCheckpointConsistency(file.older, file.newer, file.proof);
  return { older, newer };
}
