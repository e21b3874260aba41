/** The evidence that lies in the page, opened; and its entries, as people read them. */

import { decodeUtf8, encodeHex } from "../../base/bytes.ts";
import { openEvent, type Entry, type SealedPart } from "../../event/entry.ts";
import { openEvidenceFiles, type FileEvidence } from "../../integrity/evidence-files.ts";
import type { EvidenceEntry } from "../../integrity/evidence.ts";
import { leafHash } from "../../integrity/leaf.ts";
import { bytesInMemory, openTar } from "../tar.ts";

/** Errors: `VERIFY_MALFORMED` where it is no evidence at all. */
export async function loadEvidence(base64: string): Promise<FileEvidence> {
  const { read } = await openTar(bytesInMemory(decodeEvidence(base64)));
  return openEvidenceFiles(read);
}

/** Without `decodeBase64`, which turns the bytes back to compare, and would take twice the memory. */
function decodeEvidence(base64: string): Uint8Array {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** An entry of the page. What cannot be read as an event is shown as the text it is. */
export interface PageEntry {
  readonly seq: number;
  readonly entry: Entry | undefined;
  readonly text: string;
  /** Compartments that are encrypted. */
  readonly locked: number;
}

export async function listEntries(evidence: FileEvidence): Promise<readonly PageEntry[]> {
  const listed: PageEntry[] = [];
  for await (const { entries } of evidence.readEntries(0, evidence.size))
    for (const entry of entries) listed.push(readEntry(entry));
  return listed;
}

function readEntry({ seq, bytes, parts }: EvidenceEntry): PageEntry {
  const text = typeof bytes === "string" ? bytes : readText(bytes);
  const locked = parts.filter((part) => "locked" in part).length;
  try {
    const sealed = parts.filter((part): part is SealedPart => !("locked" in part));
    const opened = openEvent(text, sealed);
    const entry: Entry = { seq, recordedAt: opened.event.occurredAt, hash: encodeHex(leafHash(bytes)), ...opened };
    return { seq, entry: typeof entry.event.actor === "object" ? entry : undefined, text, locked };
  } catch {
    return { seq, entry: undefined, text, locked };
  }
}

function readText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
