/**
 * Spool files: one record a line, `<crc32 as 8 hex digits> <JSON>\n`, appended and flushed.
 *
 * A record counts from the moment its line is flushed; what follows the last line feed was never acknowledged and is
 * dropped. A whole line whose check sum is wrong was acknowledged and is damaged: that is told, not passed over.
 */

import { crc32 } from "node:zlib";

import { decodeBase64, decodeHex, encodeBase64, encodeHex } from "../base/bytes.ts";
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

export interface SpoolText {
  readonly records: readonly SpoolRecord[];
  /** The numbers, from 1, of whole lines that are not what was written. */
  readonly damagedLines: readonly number[];
}

/** Reads all whole records of a file's text: damage to one of them must not take the others along. */
export function parseSpoolText(text: string): SpoolText {
  const lines = text.split("\n");
  lines.pop(); // Either nothing, or a torn line that was never acknowledged.
  const parsed = lines.map(parseLine);
  return {
    records: parsed.filter((record) => record !== undefined),
    damagedLines: parsed.flatMap((record, index) => (record === undefined ? [index + 1] : [])),
  };
}

function parseLine(line: string): SpoolRecord | undefined {
  const json = line.slice(9);
  if (line[8] !== " " || checkSum(json) !== line.slice(0, 8)) return undefined;
  const { buffered, ...rest } = JSON.parse(json) as StoredRecord;
  const sealed = rest.sealed.map(({ salt, bytes, ...part }) => ({
    ...part,
    salt: decodeBase64(salt),
    bytes: decodeBase64(bytes),
  }));
  return { entry: { ...rest, hash: decodeHex(rest.hash), sealed }, buffered };
}

interface StoredRecord {
  readonly tenant: string;
  readonly id: string;
  readonly text: string;
  readonly hash: string;
  readonly buffered: boolean;
  readonly sealed: readonly {
    readonly index: number;
    readonly subject: string;
    readonly salt: string;
    readonly bytes: string;
  }[];
}

function checkSum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
