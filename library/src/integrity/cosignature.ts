/**
 * Cosignatures (C2SP tlog-cosignature, https://c2sp.org/tlog-cosignature, version 1 with Ed25519, key type 0x04): "at this time the largest
 * consistent tree that I have seen of this log was this one".
 *
 * The signed message is `cosignature/v1`, then `time ` and the seconds since 1970, each on a line, then the whole text of
 * the checkpoint. The signature in the note is the time as eight bytes, most significant first, and 64 bytes of Ed25519.
 *
 * The message does not name the cosigner, so one key must not serve two cosigners.
 */

import { concatBytes, encodeUtf8 } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { ed25519SignatureSizeBytes } from "./ed25519.ts";
import { isTreeSize } from "./merkle-tree.ts";
import { formatKeyId, signatureTypes, type SignerKey, type VerifierKey } from "./note-key.ts";
import type { NoteSignature } from "./signed-note.ts";
import { malformed, VerificationError } from "./verification-error.ts";

const timeSizeBytes = 8;

/**
 * Signs the text of a checkpoint as a witness. The caller MUST have verified that it is consistent with the largest
 * one it cosigned before, and MUST have stored it as the largest, before it lets the signature out.
 * Errors: `VERIFY_MALFORMED` for a text that is no checkpoint, `VALUE_INVALID`.
 */
export function cosign(checkpointText: string, key: SignerKey, timeSeconds: number): NoteSignature {
  parseCheckpoint(checkpointText);
  if (key.type !== signatureTypes.cosignature) {
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot cosign with ${quote(key.name)}: it is not a cosigner's key (type 4).`,
    );
  }
  if (!isTreeSize(timeSeconds))
    throw new AuditError("VALUE_INVALID", `Cannot cosign at ${quote(timeSeconds)}: expected whole seconds since 1970.`);
  const signature = concatBytes(encodeTime(timeSeconds), key.sign(cosignedMessage(checkpointText, timeSeconds)));
  return { name: key.name, keyId: key.keyId, signature };
}

/** The time at which it was made, in seconds since 1970. Errors: `VERIFY_MALFORMED`, `VERIFY_SIGNATURE_INVALID`, `VERIFY_KEY_INVALID`. */
export function verifyCosignature(checkpointText: string, cosignature: NoteSignature, key: VerifierKey): number {
  if (key.type !== signatureTypes.cosignature) {
    throw new VerificationError("VERIFY_KEY_INVALID", `The key ${quote(key.name)} is not a cosigner's key (type 4).`);
  }
  parseCheckpoint(checkpointText);
  const { timeSeconds, signature } = splitCosignature(cosignature);
  if (key.verify(cosignedMessage(checkpointText, timeSeconds), signature)) return timeSeconds;
  throw new VerificationError(
    "VERIFY_SIGNATURE_INVALID",
    `The cosignature by ${quote(key.name)} does not match the checkpoint and its time.`,
    {
      details: { name: key.name, keyId: formatKeyId(key.keyId), timeSeconds },
      evidence: { checkpoints: [checkpointText] },
    },
  );
}

/** The time that a cosignature claims, unverified. Errors: `VERIFY_MALFORMED`. */
export function readCosignatureTime(cosignature: NoteSignature): number {
  return splitCosignature(cosignature).timeSeconds;
}

function splitCosignature({ name, signature }: NoteSignature): {
  readonly timeSeconds: number;
  readonly signature: Uint8Array;
} {
  if (signature.length !== timeSizeBytes + ed25519SignatureSizeBytes) {
    throw malformed(
      `Cannot read the cosignature by ${quote(name)}: found ${signature.length} bytes, expected a time of 8 and a signature of 64.`,
    );
  }
  const timeSeconds = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  if (!isTreeSize(timeSeconds))
    throw malformed(`Cannot read the cosignature by ${quote(name)}: its time is beyond 2^53 seconds.`);
  return { timeSeconds, signature: signature.subarray(timeSizeBytes) };
}

function cosignedMessage(checkpointText: string, timeSeconds: number): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${timeSeconds}\n${checkpointText}`);
}

function encodeTime(timeSeconds: number): Uint8Array {
  const bytes = new Uint8Array(timeSizeBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(timeSeconds));
  return bytes;
}
