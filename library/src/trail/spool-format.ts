/**
 * Spool files: one record a line, `<crc32 as 8 hex digits> <JSON>\n`, appended and flushed.
 *
 * A record counts from the moment its line is flushed; what follows the last line feed was never acknowledged and is
 * dropped. A whole line whose check sum is wrong was acknowledged and is damaged: that is an error, not an end.
 */

import { crc32 } from "node:zlib";

import { decodeBase64, decodeHex, encodeBase64, encodeHex } from "../base/bytes.ts";
import { AuditError } from "../base/errors.ts";
import type { PreparedEntry } from "./contracts.ts";

export interface SpoolRecord {
  readonly entry: PreparedEntry;
  /** Whether its caller was told "soon", not "on disk"; such events are counted until they are settled. */
  readonly buffered: boolean;
}

export function formatSpoolRecord({ entry, buffered }: SpoolRecord): string {
  const { tenant, id, text, hash } = entry;
  const sealed = entry.sealed.map(({ index, subject, salt, bytes }) => ({
    ...{ index, subject },
    salt: encodeBase64(salt),
    bytes: encodeBase64(bytes),
  }));
  const json = JSON.stringify({ tenant, id, text, hash: encodeHex(hash), sealed, buffered });
  return `${checkSum(json)} ${json}\n`;
}

/** Reads all whole records of a file's text. Errors: `SPOOL_CORRUPT`, with the line. */
export function parseSpoolRecords(text: string): SpoolRecord[] {
  const lines = text.split("\n");
  lines.pop(); // Either nothing, or a torn line that was never acknowledged.
  return lines.map(parseLine);
}

function parseLine(line: string, index: number): SpoolRecord {
  const json = line.slice(9);
  if (line[8] !== " " || checkSum(json) !== line.slice(0, 8)) {
    throw new AuditError("SPOOL_CORRUPT", `Cannot read line ${index + 1} of a spool file: its check sum does not fit. The file was changed or damaged.`, {
      details: { line: index + 1 },
    });
  }
  const { buffered, ...rest } = JSON.parse(json) as StoredRecord;
  const sealed = rest.sealed.map(({ salt, bytes, ...part }) => ({ ...part, salt: decodeBase64(salt), bytes: decodeBase64(bytes) }));
  return { entry: { ...rest, hash: decodeHex(rest.hash), sealed }, buffered };
}

interface StoredRecord {
  readonly tenant: string;
  readonly id: string;
  readonly text: string;
  readonly hash: string;
  readonly buffered: boolean;
  readonly sealed: readonly { readonly index: number; readonly subject: string; readonly salt: string; readonly bytes: string }[];
}

function checkSum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
