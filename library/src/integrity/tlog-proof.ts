/**
 * Proof files (C2SP tlog-proof, https://c2sp.org/tlog-proof): everything to verify one entry, offline, in one text.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64>                     optional; nobody vouches for it
 *     index <position>
 *     <base64 of a hash>                 one line for each hash of the inclusion proof, the leaf's sibling first
 *     (an empty line)
 *     <the checkpoint, a signed note, as it is>
 *
 * Such a file is named `….tlog-proof`. The entry itself is not in it: the verifier hashes the bytes that it was shown.
 */

import { encodeBase64 } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { assertProof, verifyInclusion } from "./inclusion-proof.ts";
import { isTreeSize } from "./merkle-tree.ts";
import { evaluatePolicy, type PolicyVerdict } from "./policy-evaluation.ts";
import type { TlogPolicy } from "./policy.ts";
import { parseSignedNote } from "./signed-note.ts";
import { readBase64, readDecimal, readHash, readText } from "./untrusted-text.ts";
import { malformed, VerificationError } from "./verification-error.ts";

const header = "c2sp.org/tlog-proof@v1";
/** A tree of 2^63 entries, the most that C2SP allows, needs no more. */
export const maxProofHashes = 63;

export interface TlogProof {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /** Context from whoever made the file; unauthenticated. */
  readonly extra?: Uint8Array;
}

/** Errors: `VALUE_INVALID`, `VERIFY_MALFORMED` for a checkpoint or proof that is none. */
export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  if (!isTreeSize(index)) throw new AuditError("VALUE_INVALID", `Cannot write a proof for position ${quote(index)}.`);
  assertCheckpointNote(checkpoint);
  const extraLine = extra === undefined ? "" : `extra ${encodeBase64(extra)}\n`;
  return `${header}\n${extraLine}index ${index}\n${formatProofLines(proof)}\n${checkpoint}`;
}

/** Reads a proof file without believing it. Errors: `VERIFY_MALFORMED`. */
export function parseTlogProof(source: string | Uint8Array): TlogProof {
  const { lines, note } = splitProofFile(readText(source, "a proof file"), header);
  const extraLine = lines[0]?.startsWith("extra ") === true ? lines.shift() : undefined;
  const indexLine = lines.shift() ?? "";
  if (!indexLine.startsWith("index "))
    throw malformed(`Cannot read a proof file: found ${quote(indexLine)}, expected a line "index <position>".`);
  const index = readDecimal(indexLine.slice("index ".length), "the position in a proof file");
  const proof = parseProofLines(lines);
  assertCheckpointNote(note);
  const extra =
    extraLine === undefined
      ? {}
      : { extra: readBase64(extraLine.slice("extra ".length), "the extra line of a proof file") };
  return { index, proof, checkpoint: note, ...extra };
}

export interface VerifiedTlogProof extends PolicyVerdict {
  readonly index: number;
}

/**
 * Verifies that the entry with this leaf hash is in the log, as far as the policy trusts the checkpoint.
 * Errors: `VERIFY_MALFORMED`, `VERIFY_PROOF_FAILED`, and those of {@link evaluatePolicy}.
 */
export function verifyTlogProof(
  source: string | Uint8Array,
  leafHash: Uint8Array,
  policy: TlogPolicy,
): VerifiedTlogProof {
  const { index, proof, checkpoint: note } = parseTlogProof(source);
  const verdict = evaluatePolicy(policy, parseSignedNote(note));
  const { size, root } = verdict.checkpoint;
  try {
    verifyInclusion({ index, size, leafHash, root, proof });
  } catch (cause) {
    if (!(cause instanceof VerificationError) || cause.code !== "VERIFY_PROOF_FAILED") throw cause;
    const evidence = { ...cause.evidence, checkpoints: [note] };
    throw new VerificationError(cause.code, cause.message, { details: cause.details, evidence });
  }
  return { index, ...verdict };
}

/** The part that all proof files share: a header, lines, an empty line and a signed note. Errors: `VERIFY_MALFORMED`. */
export function splitProofFile(
  text: string,
  expectedHeader: string,
): { readonly lines: string[]; readonly note: string } {
  const end = text.indexOf("\n\n");
  if (end < 0) throw malformed("Cannot read a proof file: it has no empty line before its checkpoint.");
  const [first = "", ...lines] = text.slice(0, end).split("\n");
  if (first !== expectedHeader)
    throw malformed(`Cannot read a proof file: its first line is ${quote(first)}, expected ${quote(expectedHeader)}.`);
  return { lines, note: text.slice(end + 2) };
}

export function formatProofLines(proof: readonly Uint8Array[]): string {
  assertProof(proof);
  return proof.map((hash) => `${encodeBase64(hash)}\n`).join("");
}

/** Errors: `VERIFY_MALFORMED`. */
export function parseProofLines(lines: readonly string[]): readonly Uint8Array[] {
  if (lines.length > maxProofHashes)
    throw malformed(`Cannot read a proof file: it has more than ${maxProofHashes} hashes.`);
  return lines.map((line) => readHash(line, "a hash in a proof file"));
}

/** Errors: `VERIFY_MALFORMED`. */
export function assertCheckpointNote(note: string): void {
  parseCheckpoint(parseSignedNote(note).text);
}
