/**
 * Files of one JSON object a line: what C2SP has no format for. Bytes are in base64; unknown members are left alone, so
 * that a newer writer does not shut out an older reader.
 *
 *     sealed/<index>        {"seq":7,"part":0,"subject":"user/1","salt":"…","bytes":"…"}      one line for each sealed part
 *                           {"seq":7,"part":1,"subject":"user/2","locked":"…"}                encrypted under the subject's key
 *     selected/<index>      {"seq":7,"entry":"…"}                                             entry is the text of the entry
 *     checkpoints/<index>   {"note":"…","timestamp":"…"}                                      256 lines to a file
 *     anchor/<index>        {"entry":"…","proof":"…","timestamp":"…"}                         entry is the text of the anchor's entry
 */

import { decodeBase64, encodeBase64, encodeUtf8 } from "../base/bytes.ts";
import type { AnchorProof, EvidenceCheckpoint, EvidencePart } from "./evidence.ts";
import { isTreeSize } from "./merkle-tree.ts";
import { decodeText } from "./untrusted-text.ts";
import { malformed } from "./verification-error.ts";

type Members = Readonly<Record<string, unknown>>;

/** A sealed part and the entry that it belongs to. `lockedBytes` is what is there in place of a locked one. */
export type SealedLine = EvidencePart & { readonly seq: number; readonly lockedBytes?: Uint8Array };

export function formatSealedLine({ seq, index, subject, ...part }: SealedLine): string {
  const values =
    "locked" in part ? { locked: part.lockedBytes ?? new Uint8Array(0) } : { salt: part.salt, bytes: part.bytes };
  const encoded = Object.entries(values).map(([name, value]) => [name, encodeBase64(value)]);
  return formatLine({ seq, part: index, subject, ...Object.fromEntries(encoded) });
}

/** An entry of a selection. */
export interface SelectedLine {
  readonly seq: number;
  readonly entry: string;
}

export function formatSelectedLine({ seq, entry }: SelectedLine): string {
  return formatLine({ seq, entry });
}

/** Errors: `VERIFY_MALFORMED`. */
export function parseSelectedLines(bytes: Uint8Array): readonly SelectedLine[] {
  return parseLines(bytes, "selected entries").map(({ seq, entry }) => {
    if (!isTreeSize(seq)) throw malformedLine("selected entries");
    return { seq, entry: readString(entry) };
  });
}

export function formatCheckpointLine({ note, timestamp }: EvidenceCheckpoint): string {
  return formatLine({ note, ...optionalBytes({ timestamp }) });
}

export function formatAnchorLine({ entry, proof, timestamp }: AnchorProof): string {
  return formatLine({
    entry: decodeText(entry, "an entry of the anchor trail"),
    proof,
    ...optionalBytes({ timestamp }),
  });
}

function formatLine(members: Members): string {
  return `${JSON.stringify(members)}\n`;
}

function optionalBytes({ timestamp }: { readonly timestamp?: Uint8Array | undefined }): Members {
  return timestamp === undefined ? {} : { timestamp: encodeBase64(timestamp) };
}

/** Errors: `VERIFY_MALFORMED`. */
export function parseSealedLines(bytes: Uint8Array): readonly SealedLine[] {
  return parseLines(bytes, "sealed parts").map(({ seq, part, subject, salt, bytes: data, locked }) => {
    if (!isTreeSize(seq) || !isTreeSize(part) || typeof subject !== "string") throw malformedLine("sealed parts");
    const common = { seq, index: part, subject };
    if (locked !== undefined) return { ...common, locked: true, lockedBytes: readBytes(locked) };
    return { ...common, salt: readBytes(salt), bytes: readBytes(data) };
  });
}

/** Errors: `VERIFY_MALFORMED`. */
export function parseCheckpointLines(bytes: Uint8Array): readonly EvidenceCheckpoint[] {
  return parseLines(bytes, "checkpoints").map(({ note, timestamp }) => ({
    note: readString(note),
    ...readTimestamp(timestamp),
  }));
}

/** Errors: `VERIFY_MALFORMED`. */
export function parseAnchorLines(bytes: Uint8Array): readonly AnchorProof[] {
  return parseLines(bytes, "anchor proofs").map(({ entry, proof, timestamp }) => ({
    ...{ entry: encodeUtf8(readString(entry)), proof: readString(proof) },
    ...readTimestamp(timestamp),
  }));
}

function parseLines(bytes: Uint8Array, what: string): readonly Members[] {
  const lines = decodeText(bytes, what).split("\n");
  if (lines.pop() !== "")
    throw malformed(`Cannot read ${what}: the last line is not ended by a newline, so it may have been cut off.`);
  return lines.map((line) => {
    const value = parseJson(line, what);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformedLine(what);
    return value as Members;
  });
}

function parseJson(line: string, what: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw malformed(`Cannot read ${what}: a line is not JSON.`, cause);
  }
}

function readTimestamp(value: unknown): { readonly timestamp?: Uint8Array } {
  return value === undefined ? {} : { timestamp: readBytes(value) };
}

function readString(value: unknown): string {
  if (typeof value === "string") return value;
  throw malformedLine("a line");
}

function readBytes(value: unknown): Uint8Array {
  try {
    return decodeBase64(readString(value));
  } catch (cause) {
    throw malformed("Cannot read a line: bytes in it are not standard base64 with padding.", cause);
  }
}

function malformedLine(what: string): Error {
  return malformed(`Cannot read ${what}: a line does not have the members that it should.`);
}
