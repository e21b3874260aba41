/**
 * Keys of signed notes (C2SP signed-note, "Verifier keys", https://c2sp.org/signed-note).
 *
 *     verifier key    <name>+<key id, 8 hexadecimal digits>+base64(type ‖ public key)
 *     signer key      PRIVATE+KEY+<name>+<key id>+base64(type ‖ seed)
 *     key id          SHA-256(name ‖ 0x0A ‖ type ‖ public key), its first four bytes
 *
 * The signer key form is golang.org/x/mod/sumdb/note's. Types: 0x01 Ed25519 over the text, 0x04 Ed25519 cosignature with a time (see
 * cosignature.ts); other types are refused here, while signatures made with them are kept in the note unread.
 * A name is not empty and has neither white space nor a plus sign.
 */

import { concatBytes, decodeBase64, encodeBase64, encodeUtf8 } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { createSign, createVerify, ed25519KeySizeBytes, publicKeyOf, type Sign, type Verify } from "./ed25519.ts";
import { VerificationError } from "./verification-error.ts";

export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

export interface NoteKey {
  readonly name: string;
  /** The first four bytes of the key's hash, as a number. It identifies, it does not authenticate. */
  readonly keyId: number;
  readonly type: SignatureType;
  readonly publicKey: Uint8Array;
}

export interface VerifierKey extends NoteKey {
  /** Raw Ed25519 over the given bytes; what the bytes are depends on the type. */
  readonly verify: Verify;
}

/** Holds the secret only inside `sign`, so that a key that is logged gives nothing away. */
export interface SignerKey extends NoteKey {
  readonly sign: Sign;
}

export function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !/[\p{White_Space}\u0000-\u001f+]/u.test(name);
}

export function noteKeyId(name: string, type: number, publicKey: Uint8Array): number {
  const hash = sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

export function formatKeyId(keyId: number): string {
  return keyId.toString(16).padStart(8, "0");
}

/** Errors: `VERIFY_KEY_INVALID`. */
export function createVerifierKey(
  name: string,
  publicKey: Uint8Array,
  type: SignatureType = signatureTypes.ed25519,
): VerifierKey {
  assertKeyName(name, "a verifier key");
  const verify = createVerify(publicKey);
  return { name, keyId: noteKeyId(name, type, publicKey), type, publicKey, verify };
}

/** A signing key from its secret seed: 32 random bytes. Errors: `VERIFY_KEY_INVALID`. */
export function createSignerKey(
  name: string,
  seed: Uint8Array,
  type: SignatureType = signatureTypes.ed25519,
): SignerKey {
  assertKeyName(name, "a signer key");
  const publicKey = publicKeyOf(seed);
  return { name, keyId: noteKeyId(name, type, publicKey), type, publicKey, sign: createSign(seed) };
}

/** The public half of a signing key. */
export function verifierKeyOf(key: SignerKey): VerifierKey {
  return createVerifierKey(key.name, key.publicKey, key.type);
}

export function formatVerifierKey(key: NoteKey): string {
  return `${key.name}+${formatKeyId(key.keyId)}+${encodeBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`;
}

/** Errors: `VERIFY_KEY_INVALID`. */
export function parseVerifierKey(text: string): VerifierKey {
  const { name, keyId, type, bytes } = parseKeyText(text, /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su, "a verifier key");
  const key = createVerifierKey(name, bytes, type);
  if (key.keyId !== keyId)
    throw invalidKey(
      "a verifier key",
      `its id is ${formatKeyId(keyId)}, but that of its public key is ${formatKeyId(key.keyId)}`,
    );
  return key;
}

/** The text form of a signing key: whoever has it can sign. Errors: `VERIFY_KEY_INVALID`. */
export function formatSignerKey(name: string, seed: Uint8Array, type: SignatureType = signatureTypes.ed25519): string {
  const key = createSignerKey(name, seed, type);
  return `PRIVATE+KEY+${name}+${formatKeyId(key.keyId)}+${encodeBase64(concatBytes(Uint8Array.of(type), seed))}`;
}

/** Errors: `VERIFY_KEY_INVALID`; the message never shows the key. */
export function parseSignerKey(text: string): SignerKey {
  const { name, keyId, type, bytes } = parseKeyText(
    text,
    /^PRIVATE\+KEY\+([^+]*)\+([0-9a-f]{8})\+(.*)$/su,
    "a signer key",
  );
  const key = createSignerKey(name, bytes, type);
  if (key.keyId !== keyId) throw invalidKey("a signer key", "its id does not belong to its public key");
  return key;
}

interface KeyText {
  readonly name: string;
  readonly keyId: number;
  readonly type: SignatureType;
  readonly bytes: Uint8Array;
}

function parseKeyText(text: string, form: RegExp, what: string): KeyText {
  const match = typeof text === "string" ? form.exec(text) : null;
  if (match === null) throw invalidKey(what, "it does not have the parts name, key id and key with plus signs between");
  const [, name = "", keyId = "", encoded = ""] = match;
  assertKeyName(name, what);
  const data = decodeKeyData(encoded, what);
  const type = Object.values(signatureTypes).find((known) => known === data[0]);
  if (type === undefined)
    throw invalidKey(
      what,
      `its type is ${data[0] ?? "missing"}, and only 1 (Ed25519) and 4 (cosignature) are supported`,
    );
  if (data.length !== 1 + ed25519KeySizeBytes)
    throw invalidKey(what, `it has ${data.length - 1} bytes of key instead of ${ed25519KeySizeBytes}`);
  return { name, keyId: Number.parseInt(keyId, 16), type, bytes: data.subarray(1) };
}

function decodeKeyData(encoded: string, what: string): Uint8Array {
  try {
    return decodeBase64(encoded);
  } catch {
    // Without the cause: its message quotes the text, which may be a secret.
    throw invalidKey(what, "its last part is not base64");
  }
}

function assertKeyName(name: string, what: string): void {
  if (typeof name === "string" && isKeyName(name)) return;
  throw invalidKey(what, `its name ${quote(name)} is empty or has white space or a plus sign`);
}

function invalidKey(what: string, found: string): VerificationError {
  return new VerificationError("VERIFY_KEY_INVALID", `Cannot read ${what}: ${found}.`);
}
