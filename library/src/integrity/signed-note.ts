/**
 * Signed notes (C2SP signed-note, https://c2sp.org/signed-note): text with signatures under it.
 *
 *     text, whose last character is a newline
 *     (an empty line)
 *     — <key name> base64(key id, 4 bytes ‖ signature)        one line for each signature
 *
 * The whole is UTF-8 without control characters other than newline. The text may have empty lines: the last
 * empty line is the one that separates. The signature is over the text with its final newline.
 *
 * Signatures by keys that we do not know are kept and mean nothing. If one by a key that we do know does not match, the
 * whole note is refused.
 */

import { concatBytes, encodeBase64, encodeUtf8, equalBytes } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { verifyCosignature } from "./cosignature.ts";
import { formatKeyId, isKeyName, signatureTypes, type NoteKey, type SignerKey, type VerifierKey } from "./note-key.ts";
import { readBase64, readText } from "./untrusted-text.ts";
import { malformed, VerificationError } from "./verification-error.ts";

/** The specification asks for at least 16; a checkpoint with a hundred is not one of ours. */
export const maxNoteSignatures = 100;

export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** What follows the key id; its form depends on the key. */
  readonly signature: Uint8Array;
}

export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** When a cosigner made it, by its own clock; plain signatures carry no time. */
  readonly timeSeconds?: number;
}

export interface VerifiedNote {
  readonly text: string;
  /** In the order of the note, one for each key. */
  readonly verified: readonly VerifiedSignature[];
  /** By keys that were not given: nobody looked at these. */
  readonly unknown: readonly NoteSignature[];
}

/** Errors: `VALUE_INVALID` for a note that nobody could read back. */
export function formatSignedNote(note: SignedNote): string {
  if (!isNoteText(note.text)) {
    throw new AuditError(
      "VALUE_INVALID",
      "Cannot write a note: its text must end in a newline and have no control characters besides.",
    );
  }
  return `${note.text}\n${note.signatures.map(formatNoteSignature).join("")}`;
}

/** One signature line, with its newline. Errors: `VALUE_INVALID`. */
export function formatNoteSignature({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name))
    throw new AuditError("VALUE_INVALID", `Cannot write a signature by ${quote(name)}: that is no key name.`);
  return `— ${name} ${encodeBase64(concatBytes(encodeKeyId(keyId), signature))}\n`;
}

function encodeKeyId(keyId: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, keyId);
  return bytes;
}

/** Reads a note without believing any of it. Errors: `VERIFY_MALFORMED`. */
export function parseSignedNote(source: string | Uint8Array): SignedNote {
  const whole = readText(source, "a signed note");
  const end = whole.lastIndexOf("\n\n");
  if (end < 0) throw malformed("Cannot read a signed note: it has no empty line between text and signatures.");
  const text = whole.slice(0, end + 1);
  if (!isNoteText(text)) throw malformed("Cannot read a signed note: its text has control characters.");
  const lines = whole.slice(end + 2).split("\n");
  if (lines.pop() !== "") throw malformed("Cannot read a signed note: its last line is not ended by a newline.");
  if (lines.length === 0) throw malformed("Cannot read a signed note: it has no signatures.");
  if (lines.length > maxNoteSignatures)
    throw malformed(`Cannot read a signed note: it has more than ${maxNoteSignatures} signatures.`);
  return { text, signatures: lines.map(parseSignatureLine) };
}

/** Reads one signature line, without its newline. Errors: `VERIFY_MALFORMED`. */
export function parseSignatureLine(line: string): NoteSignature {
  const match = /^— ([^ ]+) ([^ ]+)$/u.exec(line);
  const [, name = "", encoded = ""] = match ?? [];
  if (!isKeyName(name))
    throw malformed(`Cannot read ${quote(line)} as the signature of a note: expected "— name base64".`);
  const bytes = readBase64(encoded, "the signature of a note");
  if (bytes.length < 5)
    throw malformed(
      `Cannot read a signature by ${quote(name)}: found ${bytes.length} bytes, expected a key id of 4 and a signature.`,
    );
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(4) };
}

function isNoteText(text: string): boolean {
  return text.endsWith("\n") && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}

/** A note with one more signature on the same text; an earlier one by the same key is replaced. Errors: `VALUE_INVALID`. */
export function signNote(note: SignedNote, key: SignerKey): SignedNote {
  if (key.type !== signatureTypes.ed25519) {
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot sign a note with ${quote(key.name)}: it is a cosigner's key, which signs through cosign().`,
    );
  }
  return addSignature(note, { name: key.name, keyId: key.keyId, signature: key.sign(encodeUtf8(note.text)) });
}

/** A note with one more signature line at the end; an earlier one by the same key is replaced. */
export function addSignature(note: SignedNote, signature: NoteSignature): SignedNote {
  return {
    text: note.text,
    signatures: [...note.signatures.filter((other) => !isSameKey(other, signature)), signature],
  };
}

type KeyName = Pick<NoteKey, "name" | "keyId">;

export function isSameKey(a: KeyName, b: KeyName): boolean {
  return a.name === b.name && a.keyId === b.keyId;
}

/**
 * Checks every signature by one of `keys` and asks for at least one.
 * Errors: `VERIFY_SIGNATURE_MISSING`, `VERIFY_SIGNATURE_INVALID`, `VERIFY_KEY_INVALID` when two keys share name and id.
 */
export function verifyNote(note: SignedNote, keys: readonly VerifierKey[]): VerifiedNote {
  assertDistinctKeys(keys);
  const result = checkSignatures(note, keys);
  if (result.verified.length > 0) return result;
  throw new VerificationError(
    "VERIFY_SIGNATURE_MISSING",
    `The note has no signature by ${keys.map((key) => quote(key.name)).join(" or ") || "any key"}.`,
    {
      details: { signedBy: note.signatures.map(({ name, keyId }) => `${name}+${formatKeyId(keyId)}`) },
      evidence: { note: formatSignedNote(note) },
    },
  );
}

/** As {@link verifyNote}, but also satisfied when none of the keys has signed. */
export function checkSignatures(note: SignedNote, keys: readonly VerifierKey[]): VerifiedNote {
  const verified: VerifiedSignature[] = [];
  const unknown: NoteSignature[] = [];
  for (const signature of note.signatures) {
    const key = keys.find((candidate) => isSameKey(candidate, signature));
    if (key === undefined) {
      if (!unknown.some((other) => isSameSignature(other, signature))) unknown.push(signature);
      continue;
    }
    const one = verifyNoteSignature(note, signature, key);
    if (!verified.some((other) => isSameKey(other.key, key))) verified.push(one);
  }
  return { text: note.text, verified, unknown };
}

function verifyNoteSignature(note: SignedNote, signature: NoteSignature, key: VerifierKey): VerifiedSignature {
  if (key.type === signatureTypes.cosignature)
    return { key, timeSeconds: verifyCosignature(note.text, signature, key) };
  if (key.verify(encodeUtf8(note.text), signature.signature)) return { key };
  throw new VerificationError(
    "VERIFY_SIGNATURE_INVALID",
    `The signature by ${quote(key.name)} does not match the text of the note.`,
    {
      details: { name: key.name, keyId: formatKeyId(key.keyId) },
      evidence: { note: formatSignedNote(note) },
    },
  );
}

function isSameSignature(a: NoteSignature, b: NoteSignature): boolean {
  return isSameKey(a, b) && equalBytes(a.signature, b.signature);
}

/** Two keys of one name and id: whoever set this up was deceived, as ids collide only on purpose. */
function assertDistinctKeys(keys: readonly VerifierKey[]): void {
  for (const [place, key] of keys.entries()) {
    if (!keys.slice(0, place).some((other) => isSameKey(other, key) && !equalBytes(other.publicKey, key.publicKey)))
      continue;
    throw new VerificationError(
      "VERIFY_KEY_INVALID",
      `Two different keys are called ${key.name}+${formatKeyId(key.keyId)}.`,
    );
  }
}
