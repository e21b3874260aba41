/**
 * What a witness does with a checkpoint (C2SP tlog-witness, "add-checkpoint"): is the log known (404), has it signed this
 * (403), does it continue what was cosigned last (409, 422); then remember it, and only then cosign it (200).
 */

import { equalBytes } from "../base/bytes.ts";
import { isAuditError } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import { parseCheckpoint, type Checkpoint } from "../integrity/checkpoint.ts";
import { verifyConsistency } from "../integrity/consistency-proof.ts";
import { cosign } from "../integrity/cosignature.ts";
import { emptyRoot } from "../integrity/merkle-tree.ts";
import type { SignerKey, VerifierKey } from "../integrity/note-key.ts";
import { formatNoteSignature, parseSignedNote, verifyNote, type SignedNote } from "../integrity/signed-note.ts";
import { parseAddCheckpoint, type AddCheckpointRequest } from "./add-checkpoint-request.ts";
import type { WitnessState } from "./witness-state.ts";

export interface Witness {
  /** Cosigners' keys; each signs. */
  readonly keys: readonly SignerKey[];
  /** Keys of the logs that are witnessed; a log is known by the key's name, which is its origin. */
  readonly logs: readonly VerifierKey[];
  readonly state: WitnessState;
  readonly clock: Clock;
}

/** An HTTP answer, without HTTP. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly body: string;
  readonly contentType: string;
  /** For the witness's operator: whose checkpoint, and of what size, where that could be read. */
  readonly origin?: string;
  readonly size?: number;
}

/** Errors: those of the state; everything about the request is an answer. */
export function addCheckpoint(witness: Witness, body: Uint8Array): WitnessAnswer {
  const submitted = readSubmission(body);
  if ("status" in submitted) return submitted;
  const { request, note, checkpoint } = submitted;
  const { origin, size } = checkpoint;
  const say = (status: WitnessAnswer["status"], text: string): WitnessAnswer => ({
    ...refuse(status, text),
    origin,
    size,
  });
  const keys = witness.logs.filter((key) => key.name === origin);
  if (keys.length === 0) return say(404, "This witness does not know that log.");
  if (!isSignedBy(note, keys)) return say(403, "The checkpoint has no valid signature by a key of that log.");
  if (request.oldSize > size) return say(400, "The old size is larger than that of the checkpoint.");

  // The check and what is kept are one transaction; nothing is signed before it is on disk.
  const answer = witness.state.transaction(() => checkAndKeep(witness, submitted));
  if (answer !== undefined) return { ...answer, origin, size };
  const timeSeconds = Math.floor(witness.clock.nowMicros() / 1_000_000);
  const lines = witness.keys.map((key) => formatNoteSignature(cosign(note.text, key, timeSeconds)));
  return { status: 200, body: lines.join(""), contentType: "text/plain; charset=utf-8", origin, size };
}

interface Submission {
  readonly request: AddCheckpointRequest;
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
}

function readSubmission(body: Uint8Array): Submission | WitnessAnswer {
  try {
    const request = parseAddCheckpoint(body);
    const note = parseSignedNote(request.note);
    return { request, note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    if (!isAuditError(error)) throw error;
    return refuse(400, error.message);
  }
}

function isSignedBy(note: SignedNote, keys: readonly VerifierKey[]): boolean {
  try {
    verifyNote(note, keys);
    return true;
  } catch (error) {
    if (!isAuditError(error)) throw error;
    return false;
  }
}

/** The refusal, or `undefined` when the checkpoint is now the one that is remembered. */
function checkAndKeep({ state, clock }: Witness, { request, checkpoint }: Submission): WitnessAnswer | undefined {
  const { origin, size, root } = checkpoint;
  const held = state.read(origin);
  const [heldSize, heldRoot] = [held?.size ?? 0, held?.root ?? emptyRoot()];
  if (request.oldSize !== heldSize) return conflict(heldSize);
  if (size === heldSize && !equalBytes(root, heldRoot)) {
    state.keepFork({ origin, seenAtMicros: clock.nowMicros(), held: held?.note ?? "", submitted: request.note });
    return conflict(heldSize);
  }
  try {
    verifyConsistency({ oldSize: heldSize, oldRoot: heldRoot, newSize: size, newRoot: root, proof: request.proof });
  } catch (error) {
    if (!isAuditError(error)) throw error;
    return refuse(422, "The consistency proof does not show that the checkpoint continues the last one.");
  }
  state.write({ origin, size, root, note: request.note }, clock.nowMicros());
  return undefined;
}

/** The size that the log has to prove from. */
function conflict(size: number): WitnessAnswer {
  return { status: 409, body: `${size}\n`, contentType: "text/x.tlog.size" };
}

function refuse(status: WitnessAnswer["status"], text: string): WitnessAnswer {
  return { status, body: `${text}\n`, contentType: "text/plain; charset=utf-8" };
}
