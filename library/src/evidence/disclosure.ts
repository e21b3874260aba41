/**
 * A disclosure: the keys that open the personal data in evidence, for whoever is meant to read it. It is a file beside the
 * evidence, to be handed over on another way.
 *
 *     {"format":"auditrail/disclosure@v1","origin":"…","keys":{"user/42":"<base64 of 32 bytes>", …}}
 */

import { decodeBase64, decodeUtf8, encodeBase64 } from "../base/bytes.ts";
import { malformed } from "../integrity/verification-error.ts";
import type { SealedLine } from "../integrity/evidence-lines.ts";
import { unlockPart } from "./locked-part.ts";

const format = "auditrail/disclosure@v1";
const keySizeBytes = 32;

export interface Disclosure {
  /** The trail that the keys are for. */
  readonly origin: string;
  /** By subject. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

export function formatDisclosure({ origin, keys }: Disclosure): string {
  const encoded = [...keys]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, key]) => [subject, encodeBase64(key)]);
  return `${JSON.stringify({ format, origin, keys: Object.fromEntries(encoded) }, undefined, 1)}\n`;
}

/** Errors: `VERIFY_MALFORMED`. */
export function parseDisclosure(source: string | Uint8Array): Disclosure {
  try {
    const parsed = JSON.parse(typeof source === "string" ? source : decodeUtf8(source)) as Readonly<
      Record<string, unknown>
    >;
    const { origin, keys } = parsed;
    if (parsed["format"] !== format || typeof origin !== "string" || typeof keys !== "object" || keys === null)
      throw malformed("It is none.");
    const decoded = Object.entries(keys).map(([subject, key]) => [subject, decodeBase64(String(key))] as const);
    if (decoded.some(([, key]) => key.length !== keySizeBytes)) throw malformed("A key has the wrong size.");
    return { origin, keys: new Map(decoded) };
  } catch (cause) {
    // Without the cause's message, which may quote a key.
    throw malformed(`Cannot read the disclosure: expected a JSON file of the format ${format}.`, cause);
  }
}

/** What a part that cannot be opened is shown as: no commitment is over it, so a verifier calls it altered. */
const unopenable = { salt: new Uint8Array(16), bytes: new Uint8Array(0) };

/**
 * Opens the parts of those subjects whose keys are disclosed; the others stay locked. One that its key does not open is
 * given as something that no entry commits to.
 */
export function createUnlock(origin: string, { keys }: Disclosure): (part: SealedLine) => Promise<SealedLine> {
  return async (part) => {
    if (!("locked" in part)) return part;
    const key = keys.get(part.subject);
    if (key === undefined) return part;
    const { seq, index, subject, lockedBytes = new Uint8Array(0) } = part;
    const plain = await unlockPart(lockedBytes, key, { origin, seq, index }).catch(() => unopenable);
    return { seq, index, subject, ...plain };
  };
}
