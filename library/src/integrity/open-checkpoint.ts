/** Checkpoints as signed notes: signing one, opening one, and holding two of the same log against each other. */

import { quote } from "../base/errors.ts";
import { assertOrigin, formatCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { verifyConsistency } from "./consistency-proof.ts";
import type { SignerKey, VerifierKey } from "./note-key.ts";
import { formatSignedNote, parseSignedNote, signNote, verifyNote, type VerifiedNote } from "./signed-note.ts";
import { VerificationError } from "./verification-error.ts";

export interface OpenedCheckpoint extends VerifiedNote {
  readonly checkpoint: Checkpoint;
}

/** The note of a checkpoint, signed by each of the keys. */
export function signCheckpoint(checkpoint: Omit<Checkpoint, "extensions">, keys: readonly SignerKey[]): string {
  const note = { text: formatCheckpoint(checkpoint), signatures: [] };
  return formatSignedNote(keys.reduce(signNote, note));
}

/**
 * The checkpoint in a note that at least one of `keys` has signed. Errors: `VERIFY_MALFORMED`,
 * `VERIFY_SIGNATURE_MISSING`, `VERIFY_SIGNATURE_INVALID`, `VERIFY_ORIGIN_MISMATCH`, `VERIFY_KEY_INVALID`.
 */
export function openCheckpoint(
  source: string | Uint8Array,
  origin: string,
  keys: readonly VerifierKey[],
): OpenedCheckpoint {
  const note = verifyNote(parseSignedNote(source), keys);
  const checkpoint = parseCheckpoint(note.text);
  assertOrigin(checkpoint, origin);
  return { ...note, checkpoint };
}

/**
 * Returns when the newer checkpoint continues the older one. Signatures are not looked at here. The error carries both
 * notes and the proof: two signed checkpoints between which there is no proof convict whoever signed them.
 * Errors: `VERIFY_MALFORMED`, `VERIFY_ORIGIN_MISMATCH`, `VERIFY_PROOF_FAILED`.
 */
export function verifyCheckpointConsistency(olderNote: string, newerNote: string, proof: readonly Uint8Array[]): void {
  const older = parseCheckpoint(parseSignedNote(olderNote).text);
  const newer = parseCheckpoint(parseSignedNote(newerNote).text);
  const evidence = { checkpoints: [olderNote, newerNote], proof };
  if (older.origin !== newer.origin) {
    throw new VerificationError(
      "VERIFY_ORIGIN_MISMATCH",
      `The checkpoints belong to ${quote(older.origin)} and to ${quote(newer.origin)}.`,
      { evidence },
    );
  }
  try {
    verifyConsistency({ oldSize: older.size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root, proof });
  } catch (cause) {
    if (!(cause instanceof VerificationError) || cause.code !== "VERIFY_PROOF_FAILED") throw cause;
    throw new VerificationError("VERIFY_PROOF_FAILED", `${cause.message} Both are signed as ${quote(older.origin)}.`, {
      details: cause.details,
      evidence,
    });
  }
}
