/**
 * Commitments: personal data that can be erased without a gap in the trail.
 *
 *     commitment = SHA-256("auditrail/commit/1" ‖ 0x00 ‖ length of the salt, one byte ‖ salt ‖ bytes)
 *
 * The entry carries the commitment; salt and bytes lie beside it and can be deleted. While they are there anybody can check
 * that they are what was recorded; once they are gone the commitment says nothing about them. The salt MUST be random, of at least 16
 * bytes, and another one for each commitment: without it an e-mail address is found by trying. It is erased with the bytes.
 *
 * The text in front keeps a commitment from being taken for any other hash, the length keeps salt and bytes apart.
 */

import { encodeUtf8, equalBytes } from "../base/bytes.ts";
import { AuditError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { isHash } from "./merkle-tree.ts";
import { malformed, VerificationError } from "./verification-error.ts";

export const minSaltSizeBytes = 16;
/** The length has to fit into one byte. */
export const maxSaltSizeBytes = 255;

const domain = encodeUtf8("auditrail/commit/1\0");

/** 32 bytes that commit to `bytes` and give nothing away without the salt. Errors: `VALUE_INVALID` for a salt of the wrong size. */
export function makeCommitment(salt: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (!isSalt(salt))
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot commit with this salt: expected ${minSaltSizeBytes} to ${maxSaltSizeBytes} random bytes.`,
    );
  const message = new Uint8Array(domain.length + 1 + salt.length + bytes.length);
  message.set(domain);
  message[domain.length] = salt.length;
  message.set(salt, domain.length + 1);
  message.set(bytes, domain.length + 1 + salt.length);
  return sha256(message);
}

/** Returns when salt and bytes are what was committed to. Errors: `VERIFY_MALFORMED`, `VERIFY_COMMITMENT_FAILED`. */
export function verifyCommitment(commitment: Uint8Array, salt: Uint8Array, bytes: Uint8Array): void {
  if (!isHash(commitment) || !isSalt(salt) || !(bytes instanceof Uint8Array)) {
    throw malformed(
      `Cannot verify a commitment: expected 32 bytes, a salt of ${minSaltSizeBytes} to ${maxSaltSizeBytes} bytes, and the bytes committed to.`,
    );
  }
  if (equalBytes(makeCommitment(salt, bytes), commitment)) return;
  throw new VerificationError("VERIFY_COMMITMENT_FAILED", "The sealed data is not what the entry commits to.");
}

function isSalt(salt: Uint8Array): boolean {
  return salt instanceof Uint8Array && salt.length >= minSaltSizeBytes && salt.length <= maxSaltSizeBytes;
}
