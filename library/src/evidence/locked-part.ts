/**
 * Personal data in copies: encrypted under its subject's key, so that destroying the key erases every copy.
 *
 *     locked    = 0x01 ‖ nonce, 12 random bytes ‖ AES-256-GCM(key, nonce, plain, associated data) with its tag of 16 bytes
 *     plain     = length of the salt, one byte ‖ salt ‖ the part's bytes (event/entry.ts)
 *     associated data = "auditrail/locked/1" ‖ 0x0A ‖ origin ‖ 0x0A ‖ seq ‖ 0x0A ‖ part        numbers in decimal
 *
 * The associated data ties a ciphertext to its place: moved to another entry it cannot be opened. The salt is inside, because
 * with it the commitment in the entry could be tried against guesses (NIST SP 800-38D; a key sees far fewer than 2^32 nonces).
 */

import { encodeUtf8 } from "../base/bytes.ts";
import { malformed } from "../integrity/verification-error.ts";

export const lockedVersion = 1;
export const nonceSizeBytes = 12;
export const tagSizeBytes = 16;

export interface PartPlace {
  readonly origin: string;
  readonly seq: number;
  readonly index: number;
}

export interface PlainPart {
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

export function associatedData({ origin, seq, index }: PartPlace): Uint8Array {
  return encodeUtf8(`auditrail/locked/1\n${origin}\n${seq}\n${index}`);
}

/**
 * Opens a locked part, in Node and in a browser. Errors: `VERIFY_MALFORMED` where the key does not open it: it is another
 * subject's, or the bytes were changed.
 */
export async function unlockPart(locked: Uint8Array, key: Uint8Array, place: PartPlace): Promise<PlainPart> {
  if (locked.length < 1 + nonceSizeBytes + tagSizeBytes || locked[0] !== lockedVersion) throw cannotOpen(place);
  try {
    const imported = await crypto.subtle.importKey("raw", owned(key), "AES-GCM", false, ["decrypt"]);
    const iv = owned(locked.subarray(1, 1 + nonceSizeBytes));
    const algorithm = { name: "AES-GCM", iv, additionalData: owned(associatedData(place)) };
    const plain = new Uint8Array(
      await crypto.subtle.decrypt(algorithm, imported, owned(locked.subarray(1 + nonceSizeBytes))),
    );
    const saltEnd = 1 + plain[0]!;
    return { salt: plain.slice(1, saltEnd), bytes: plain.slice(saltEnd) };
  } catch (cause) {
    throw cannotOpen(place, cause);
  }
}

/** A copy on a buffer of its own, which is what the Web Crypto API's types ask for. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function cannotOpen({ seq, index }: PartPlace, cause?: unknown): Error {
  return malformed(`Part ${index} of entry ${seq} is encrypted, and the key does not open it.`, cause);
}
