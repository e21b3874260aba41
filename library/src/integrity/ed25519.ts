/**
 * Ed25519 signatures (RFC 8032 section 5.1): keys of 32 bytes, signatures of 64, deterministic.
 *
 * Node's own implementation is more than ten times faster; asking the process for it instead of importing it keeps this file
 * loadable in a browser, where the audited portable one answers. Both refuse a signature whose S is not reduced.
 */

import { ed25519 as portable } from "@noble/curves/ed25519.js";

import { concatBytes, decodeHex } from "../base/bytes.ts";
import { VerificationError } from "./verification-error.ts";

export const ed25519KeySizeBytes = 32;
export const ed25519SignatureSizeBytes = 64;

export type Sign = (message: Uint8Array) => Uint8Array;
export type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

const nodeCrypto = globalThis.process?.getBuiltinModule?.("node:crypto");

// DER around the 32 bytes of a key (RFC 8410): the only forms in which Node takes them synchronously.
const privateKeyPrefix = decodeHex("302e020100300506032b657004220420");
const publicKeyPrefix = decodeHex("302a300506032b6570032100");

/** The public key of a secret seed; both 32 bytes. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  assertKey(seed);
  return portable.getPublicKey(seed);
}

/** A function that signs with the key made from `seed`. The key is read once, so keep the function. */
export function createSign(seed: Uint8Array): Sign {
  assertKey(seed);
  if (nodeCrypto === undefined) {
    const secret = seed.slice();
    return (message) => portable.sign(message, secret);
  }
  const key = nodeCrypto.createPrivateKey({ key: wrapKey(privateKeyPrefix, seed), format: "der", type: "pkcs8" });
  return (message) => new Uint8Array(nodeCrypto.sign(null, message, key));
}

/** A function that says whether a signature by this public key is on a message; it never throws. */
export function createVerify(publicKey: Uint8Array): Verify {
  assertKey(publicKey);
  if (nodeCrypto === undefined) {
    const point = publicKey.slice();
    return (message, signature) =>
      signature.length === ed25519SignatureSizeBytes && verifyPortably(message, signature, point);
  }
  const key = nodeCrypto.createPublicKey({ key: wrapKey(publicKeyPrefix, publicKey), format: "der", type: "spki" });
  return (message, signature) =>
    signature.length === ed25519SignatureSizeBytes && nodeCrypto.verify(null, message, key, signature);
}

function verifyPortably(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return portable.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/** Node takes any bytes here, though its types ask for its own kind. */
function wrapKey(prefix: Uint8Array, key: Uint8Array): Buffer {
  return concatBytes(prefix, key) as Buffer;
}

/** Errors: `VERIFY_KEY_INVALID`. */
function assertKey(key: Uint8Array): void {
  if (key instanceof Uint8Array && key.length === ed25519KeySizeBytes) return;
  throw new VerificationError("VERIFY_KEY_INVALID", "Cannot use an Ed25519 key: expected 32 bytes.");
}
