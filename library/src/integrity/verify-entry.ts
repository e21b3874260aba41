/**
 * What an entry says that a verifier needs: which trail it belongs to, which personal data it commits to, and, where
 * the trail speaks of itself (`auditrail.…`), what it says was erased, held or begun anew.
 *
 * Most entries need no parsing, or little. In canonical JSON (RFC 8785) members stand in the order of their names: an event begins
 * with `{"action":`, everything that an application makes up (`after`, `before`, `data`) comes before `"origin"`, which is followed by `"outcome"`, and
 * `"sealed"` comes after both. So the last place where the trail's origin stands like this is the event's own, and what follows it is
 * the rest of an object, which nothing else in the event could be. An entry that has its bytes in another order is parsed whole.
 */

import { createFindLastBytes, decodeBase64, decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { isAuditError } from "../base/errors.ts";
import { verifyCommitment } from "./commitment.ts";
import type { EvidenceEntry, EvidencePart, OpenPart } from "./evidence.ts";
import type { Erasures } from "./verify-erasures.ts";
import type { Findings } from "./verify-findings.ts";
import type { PositionReasonCode } from "./verify-reasons.ts";

export type JsonMembers = Readonly<Record<string, unknown>>;

/** Looks into an entry; what it finds goes to `findings` and `erasures`. */
export type InspectEntry = (entry: EvidenceEntry) => void;

const systemStart = '{"action":"auditrail.';
const sealedMark = '"sealed":[';

export function createEntryInspector(origin: string, findings: Findings, erasures: Erasures): InspectEntry {
  const readTail = createTailReader(origin);
  return (entry) => {
    const { seq, bytes, parts } = entry;
    const mark = (reason: PositionReasonCode, detail?: string): void =>
      findings.mark(reason, seq, seq + 1, detail === undefined ? {} : { detail });
    const event = readTail(bytes) ?? parseEntry(bytes);
    if (event === undefined) return mark("ENTRY_MALFORMED");
    if (event === nothingSealed && parts.length === 0) return;
    if (event !== nothingSealed && event["origin"] !== origin) mark("ENTRY_FOREIGN");
    checkParts(entry, event["sealed"], mark, erasures);
    const { action } = event;
    if (typeof action !== "string" || !action.startsWith("auditrail.")) return;
    if (!erasures.addEvent(seq, action, event["data"])) mark("ENTRY_MALFORMED");
  };
}

/** Of an entry of this trail that commits to no personal data. */
const nothingSealed: JsonMembers = {};

/**
 * Answers the members from `origin` on of an entry of this trail that is none of the trail's own; `undefined` where the whole entry has to be
 * parsed to know.
 */
function createTailReader(origin: string): (bytes: Uint8Array | string) => JsonMembers | undefined {
  const originMark = `"origin":${JSON.stringify(origin)},"outcome":"`;
  const systemBytes = encodeUtf8(systemStart);
  const findOrigin = createFindLastBytes(encodeUtf8(originMark));
  const findSealed = createFindLastBytes(encodeUtf8(sealedMark));
  return (bytes) => {
    if (typeof bytes === "string") {
      const at = bytes.startsWith(systemStart) ? -1 : bytes.lastIndexOf(originMark);
      if (at < 0) return undefined;
      return bytes.includes(sealedMark, at) ? parseEntry(`{${bytes.slice(at)}`) : nothingSealed;
    }
    const at = startsWith(bytes, systemBytes) ? -1 : findOrigin(bytes, 0);
    if (at < 0) return undefined;
    return findSealed(bytes, at) < 0 ? nothingSealed : parseTail(bytes.subarray(at));
  };
}

function parseTail(bytes: Uint8Array): JsonMembers | undefined {
  try {
    return asMembers(JSON.parse(`{${decodeUtf8(bytes)}`));
  } catch {
    return undefined;
  }
}

/** The members of an entry, `undefined` where it is no JSON object. */
export function parseEntry(bytes: Uint8Array | string): JsonMembers | undefined {
  try {
    return asMembers(JSON.parse(typeof bytes === "string" ? bytes : decodeUtf8(bytes)));
  } catch {
    return undefined;
  }
}

export function asMembers(value: unknown): JsonMembers | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonMembers) : undefined;
}

function checkParts(
  { seq, parts }: EvidenceEntry,
  sealed: unknown,
  mark: (reason: PositionReasonCode, detail?: string) => void,
  erasures: Erasures,
): void {
  const seals = sealed === undefined ? [] : readSeals(sealed);
  if (seals === undefined) return mark("ENTRY_MALFORMED");
  for (const [index, seal] of seals.entries()) {
    const found = parts.filter((part) => part.index === index);
    const [part] = found;
    if (found.length > 1) mark("SEALED_PART_UNKNOWN", `part ${index} twice`);
    if (part === undefined) erasures.addMissingPart(seq, index, seal.subject, false);
    else if (part.subject !== seal.subject) mark("SEALED_PART_CHANGED", `subject of part ${index}`);
    else if (!isOpen(part)) erasures.addMissingPart(seq, index, seal.subject, true);
    else if (!opens(part, seal)) mark("SEALED_PART_CHANGED", `part ${index}`);
  }
  for (const { index } of parts) if (seals[index] === undefined) mark("SEALED_PART_UNKNOWN", `part ${String(index)}`);
}

interface ReadSeal {
  readonly subject: string;
  readonly commitment: Uint8Array;
}

function readSeals(sealed: unknown): readonly ReadSeal[] | undefined {
  if (!Array.isArray(sealed)) return undefined;
  const seals = sealed.map(readSeal);
  return seals.every((seal) => seal !== undefined) ? seals : undefined;
}

function readSeal(value: unknown): ReadSeal | undefined {
  const { subject, commitment } = asMembers(value) ?? {};
  if (typeof subject !== "string" || typeof commitment !== "string") return undefined;
  try {
    return { subject, commitment: decodeBase64(commitment) };
  } catch {
    return undefined;
  }
}

function isOpen(part: EvidencePart): part is OpenPart {
  return !("locked" in part);
}

function opens({ salt, bytes }: OpenPart, { commitment }: ReadSeal): boolean {
  try {
    verifyCommitment(commitment, salt, bytes);
    return true;
  } catch (error) {
    if (isAuditError(error)) return false;
    throw error;
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let index = 0; index < start.length; index += 1) if (bytes[index] !== start[index]) return false;
  return true;
}
