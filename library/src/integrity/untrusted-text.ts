/** The first look at text from outside: is it text at all, and can its parts be read. Everything ends in `VERIFY_MALFORMED`. */

import { decodeBase64, decodeUtf8 } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { hashSizeBytes, isTreeSize } from "./merkle-tree.ts";
import { malformed } from "./verification-error.ts";

/** Notes, proofs and policies are small; a limit keeps a hostile one from costing us much. Go's sumdb draws the line at the same place. */
export const maxTextSize = 1_000_000;

/** Text from a string or from UTF-8 bytes, of at most {@link maxTextSize}. */
export function readText(source: string | Uint8Array, what: string): string {
  if (typeof source !== "string" && !(source instanceof Uint8Array))
    throw malformed(`Cannot read ${what}: it is neither text nor bytes.`);
  if (source.length > maxTextSize) throw malformed(`Cannot read ${what}: it is longer than ${maxTextSize}.`);
  if (typeof source === "string") {
    if (source.isWellFormed()) return source;
    throw malformed(`Cannot read ${what}: it has a lone surrogate, so it has no UTF-8 form.`);
  }
  return decodeText(source, what);
}

/** Text of any length from UTF-8 bytes. */
export function decodeText(bytes: Uint8Array, what: string): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw malformed(`Cannot read ${what}: it is not valid UTF-8.`, cause);
  }
}

export function readBase64(text: string, what: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (cause) {
    throw malformed(`Cannot read ${what}: ${quote(text)} is not standard base64 with padding.`, cause);
  }
}

export function readHash(text: string, what: string): Uint8Array {
  const hash = readBase64(text, what);
  if (hash.length === hashSizeBytes) return hash;
  throw malformed(`Cannot read ${what}: found ${hash.length} bytes, expected a hash of ${hashSizeBytes}.`);
}

/** A size or position: ASCII digits, no leading zeroes, and no more than this library counts to (2^53 - 1). */
export function readDecimal(text: string, what: string): number {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (isTreeSize(value)) return value;
  throw malformed(
    `Cannot read ${what}: found ${quote(text)}, expected a decimal number from 0 to 2^53 - 1 without leading zeroes.`,
  );
}
