/**
 * Checkpoints: what a log says it is at one moment (C2SP tlog-checkpoint, https://c2sp.org/tlog-checkpoint).
 *
 *     <origin>              who speaks: one trail, one origin
 *     <size>                how many entries, decimal, no leading zeroes
 *     <root>                base64 of the 32 bytes of the Merkle root
 *     <extension>           any further lines; we write none, as nobody can audit them
 *
 * This is the text of a signed note (signed-note.ts); each line ends in a newline and none is empty.
 */

import { encodeBase64, equalBytes } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { emptyRoot, isHash, isTreeSize } from "./merkle-tree.ts";
import { readDecimal, readHash, readText } from "./untrusted-text.ts";
import { malformed, VerificationError } from "./verification-error.ts";

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
}

/** Errors: `VALUE_INVALID`. */
export function formatCheckpoint(checkpoint: Omit<Checkpoint, "extensions"> & Partial<Checkpoint>): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  for (const line of [origin, ...extensions]) {
    if (isLine(line)) continue;
    throw new AuditError("VALUE_INVALID", `Cannot write a checkpoint: ${quote(line)} is not one line of text.`);
  }
  if (!isTreeSize(size) || !isHash(root))
    throw new AuditError("VALUE_INVALID", "Cannot write a checkpoint: expected a size from 0 and a root of 32 bytes.");
  return [origin, size, encodeBase64(root), ...extensions].map((line) => `${line}\n`).join("");
}

/** Reads the text of a checkpoint: the text of the note, without its signatures. Errors: `VERIFY_MALFORMED`. */
export function parseCheckpoint(source: string | Uint8Array): Checkpoint {
  const lines = readText(source, "a checkpoint").split("\n");
  if (lines.pop() !== "") throw malformed("Cannot read a checkpoint: its last line is not ended by a newline.");
  if (lines.length < 3 || !lines.every(isLine))
    throw malformed("Cannot read a checkpoint: expected at least the lines origin, size and root, none of them empty.");
  const [origin = "", size = "", root = "", ...extensions] = lines;
  const checkpoint = {
    origin,
    size: readDecimal(size, "the size of a checkpoint"),
    root: readHash(root, "the root of a checkpoint"),
    extensions,
  };
  if (checkpoint.size === 0 && !equalBytes(checkpoint.root, emptyRoot())) {
    throw malformed("Cannot read a checkpoint: it is of size 0, but its root is not that of the empty tree.");
  }
  return checkpoint;
}

/** Errors: `VERIFY_ORIGIN_MISMATCH`. */
export function assertOrigin(checkpoint: Checkpoint, origin: string): void {
  if (checkpoint.origin === origin) return;
  throw new VerificationError(
    "VERIFY_ORIGIN_MISMATCH",
    `The checkpoint belongs to ${quote(checkpoint.origin)}, not to ${quote(origin)}.`,
    {
      evidence: { checkpoints: [formatCheckpoint(checkpoint)] },
    },
  );
}

function isLine(line: string): boolean {
  return typeof line === "string" && line.length > 0 && line.isWellFormed() && !/[\u0000-\u001f]/.test(line);
}
