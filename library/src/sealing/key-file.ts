/**
 * Key files: the secret keys that checkpoints are signed with, kept outside the database.
 *
 *     # comments and empty lines do not count
 *     PRIVATE+KEY+<name>+<key id>+<base64>        one line for each key (C2SP signed-note), the newest last
 *
 * The last key signs. Older ones stay for as long as checkpoints are about that only they have signed: they make the
 * first signature after a rotation together with the new key, and tell what we have signed ourselves.
 *
 * One key signs for all trails of a store: a verifier knows it by the name of the trail's origin, see {@link keyFor}.
 */

import { AuditError, quote } from "../base/errors.ts";
import {
  formatSignerKey,
  formatVerifierKey,
  noteKeyId,
  parseSignerKey,
  signatureTypes,
  type SignatureType,
  type SignerKey,
} from "../integrity/note-key.ts";
import { createPrivateFile, readPrivateFile, replacePrivateFile } from "./private-file.ts";

export interface KeyFile {
  readonly file: string;
  /** The oldest first; the last one signs. At least one. */
  readonly keys: readonly SignerKey[];
}

export interface SigningKeyOptions {
  /** How people tell the key from others, such as the origin it signs for; without white space and plus signs. */
  readonly name: string;
  /** `witness` for a key that cosigns what others have signed (C2SP tlog-cosignature); `log` unless said otherwise. */
  readonly purpose?: "log" | "witness";
}

/** A new key as the line of a key file: whoever has it can sign. Errors: `VERIFY_KEY_INVALID` for a name that none can have. */
export function createSigningKey({ name, purpose = "log" }: SigningKeyOptions): string {
  return formatSignerKey(name, crypto.getRandomValues(new Uint8Array(32)), typeFor(purpose));
}

function typeFor(purpose: "log" | "witness"): SignatureType {
  return purpose === "witness" ? signatureTypes.cosignature : signatureTypes.ed25519;
}

/**
 * Opens a key file, which nobody but its owner may be able to read.
 * Errors: `KEY_FILE_MISSING`, `KEY_FILE_EXPOSED`, `KEY_FILE_INVALID`, `FILE_UNREADABLE`; no message shows a key.
 *
 * @example
 * const { keys } = openKeyFile("/etc/shop/auditrail.keys");
 */
export function openKeyFile(file: string): KeyFile {
  return parseKeyFile(file, readPrivateFile(file));
}

/** Makes a key file with one new key, readable for its owner only. Errors: `KEY_FILE_EXISTS`, `FILE_UNREADABLE`, `VERIFY_KEY_INVALID`. */
export function createKeyFile(file: string, options: SigningKeyOptions): KeyFile {
  const text = `${header}${createSigningKey(options)}\n`;
  createPrivateFile(file, text);
  return parseKeyFile(file, text);
}

const header = `# Keys of an audit trail (Auditrail). Whoever can read this file can sign in your name.
# The last key signs; the ones before it were replaced. Keep a copy where no backup of the database is.
`;

/**
 * Adds a new key to a key file, of the same name unless one is given. From now on it signs; the next checkpoint of each
 * trail is signed with the old key as well, so that whoever knows that one can follow. Errors: those of {@link openKeyFile}.
 */
export function rotateKeyFile(file: string, name?: string): KeyFile {
  const before = readPrivateFile(file);
  const newest = parseKeyFile(file, before).keys.at(-1)!;
  const purpose = newest.type === signatureTypes.cosignature ? "witness" : "log";
  const text = `${before.replace(/\n?$/, "\n")}${createSigningKey({ name: name ?? newest.name, purpose })}\n`;
  replacePrivateFile(file, text);
  return parseKeyFile(file, text);
}

function parseKeyFile(file: string, text: string): KeyFile {
  const keys: SignerKey[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() !== "" && !line.startsWith("#")) keys.push(parseKeyLine(file, index + 1, line.trim()));
  }
  if (keys.length === 0) throw invalidFile(file, "it has no key");
  if (new Set(keys.map(({ type }) => type)).size > 1) {
    throw invalidFile(file, "it has keys of a log and of a witness; keep them apart");
  }
  if (new Set(keys.map(formatVerifierKey)).size < keys.length) throw invalidFile(file, "it has the same key twice");
  return { file, keys };
}

function parseKeyLine(file: string, line: number, text: string): SignerKey {
  try {
    return parseSignerKey(text);
  } catch (cause) {
    // Messages of parseSignerKey() never show the key.
    throw invalidFile(file, `line ${line} is not a key. ${(cause as Error).message}`, cause);
  }
}

function invalidFile(file: string, found: string, cause?: unknown): AuditError {
  return new AuditError(
    "KEY_FILE_INVALID",
    `Cannot use ${quote(file)} as a key file: ${found.replace(/\.$/, "")}.`,
    cause === undefined ? {} : { cause },
  );
}

/**
 * The key as the log of that origin: checkpoints are signed by a key of their origin's name (C2SP tlog-checkpoint), and
 * all trails of a store share one key. The text that is signed begins with the origin, so no signature serves twice.
 */
export function keyFor(origin: string, key: SignerKey): SignerKey {
  return { ...key, name: origin, keyId: noteKeyId(origin, key.type, key.publicKey) };
}
