/**
 * The body of `POST add-checkpoint` (C2SP tlog-witness, https://c2sp.org/tlog-witness):
 *
 *     old <size>                  of the last checkpoint that the witness cosigned, as far as the log knows; 0 for none
 *     <base64 of a hash>          one line for each hash of the consistency proof, at most 63
 *     (an empty line)
 *     <the checkpoint, a signed note, as it is>
 */

import { encodeBase64 } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { readDecimal, readHash, readText } from "../integrity/untrusted-text.ts";
import { malformed } from "../integrity/verification-error.ts";

export const maxProofLines = 63;

/** 63 proof lines and a note of a hundred signatures are about 17 KiB; a log's origin may be long. */
export const maxRequestSizeBytes = 65_536;

export interface AddCheckpointRequest {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
}

export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpointRequest): string {
  return `old ${oldSize}\n${proof.map((hash) => `${encodeBase64(hash)}\n`).join("")}\n${note}`;
}

/** Reads a body without believing it; the note is not looked into. Errors: `VERIFY_MALFORMED`. */
export function parseAddCheckpoint(body: string | Uint8Array): AddCheckpointRequest {
  const text = readText(body, "an add-checkpoint request");
  const end = text.indexOf("\n\n");
  if (end < 0) throw malformed("Cannot read an add-checkpoint request: it has no empty line before the checkpoint.");
  const [old = "", ...proof] = text.slice(0, end).split("\n");
  if (!old.startsWith("old "))
    throw malformed(`Cannot read an add-checkpoint request: found ${quote(old)}, expected "old <size>".`);
  if (proof.length > maxProofLines)
    throw malformed(`Cannot read an add-checkpoint request: it has more than ${maxProofLines} proof lines.`);
  return {
    oldSize: readDecimal(old.slice("old ".length), "the old size"),
    proof: proof.map((line) => readHash(line, "a line of the consistency proof")),
    note: text.slice(end + 2),
  };
}
