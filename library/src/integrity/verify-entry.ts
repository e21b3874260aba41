/**
 * What an entry says that a verifier needs: which trail it belongs to, which personal data it commits to, and, where
 * the trail speaks of itself (`auditrail.…`), what it says was erased, held or begun anew.
 *
 * Most entries need no parsing. In canonical JSON (RFC 8785) the members of the event stand in the order of their names: it begins with
 * `{"action":`, `"origin"` is followed by `"outcome"`, and `"sealed"` comes after both. An entry that has its bytes in another order was
 * signed so; it is parsed, and what it says counts the same.
 */

import { createFindBytes, decodeBase64, decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
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
  const originMark = `"origin":${JSON.stringify(origin)},"outcome":"`;
  const systemBytes = encodeUtf8(systemStart);
  const findOrigin = createFindBytes(encodeUtf8(originMark));
  const findSealed = createFindBytes(encodeUtf8(sealedMark));

  function isPlain({ bytes, parts }: EvidenceEntry): boolean {
    if (parts.length > 0) return false;
    if (typeof bytes === "string") {
      const at = bytes.startsWith(systemStart) ? -1 : bytes.indexOf(originMark);
      return at >= 0 && !bytes.includes(sealedMark, at);
    }
    if (startsWith(bytes, systemBytes)) return false;
    const at = findOrigin(bytes, 0);
    return at >= 0 && findSealed(bytes, at) < 0;
  }

  return (entry) => {
    if (isPlain(entry)) return;
    const { seq } = entry;
    const mark = (reason: PositionReasonCode, detail?: string): void =>
      findings.mark(reason, seq, seq + 1, detail === undefined ? {} : { detail });
    const event = parseEntry(entry.bytes);
    if (event === undefined) return mark("ENTRY_MALFORMED");
    if (event["origin"] !== origin) mark("ENTRY_FOREIGN");
    checkParts(entry, event["sealed"], mark, erasures);
    if (typeof event["action"] === "string" && event["action"].startsWith("auditrail.")) {
      if (!erasures.addEvent(seq, event["action"], event["data"])) mark("ENTRY_MALFORMED");
    }
  };
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
