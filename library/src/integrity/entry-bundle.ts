/**
 * Entry bundles: the entries under one level 0 tile (C2SP tlog-tiles, "Log entries").
 *
 * 1 to 256 entries one after the other, each with its size in front: two bytes, most significant first. Hence an entry
 * has at most 65 535 bytes.
 */

import { AuditError } from "../base/errors.ts";
import { tileWidth } from "./tile.ts";
import { malformed } from "./verification-error.ts";

export const maxEntrySizeBytes = 65_535;

/** Errors: `VALUE_INVALID`. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > tileWidth) {
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot write a bundle of ${entries.length} entries: expected 1 to ${tileWidth}.`,
    );
  }
  const bytes = new Uint8Array(entries.reduce((size, entry) => size + 2 + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > maxEntrySizeBytes) {
      throw new AuditError(
        "VALUE_INVALID",
        `Cannot write an entry of ${entry.length} bytes into a bundle: expected at most ${maxEntrySizeBytes}.`,
      );
    }
    bytes[offset] = entry.length >> 8;
    bytes[offset + 1] = entry.length & 0xff;
    bytes.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return bytes;
}

/**
 * The entries of a bundle. When `width` is given there must be that many, or more (a full bundle standing in
 * for a partial one), and only that many are given. Errors: `VERIFY_MALFORMED`.
 */
export function decodeEntryBundle(bytes: Uint8Array, width?: number): readonly Uint8Array[] {
  if (!(bytes instanceof Uint8Array)) throw malformed("Cannot read an entry bundle: it is not bytes.");
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 2 > bytes.length) throw malformed("Cannot read an entry bundle: it ends within the size of an entry.");
    const size = bytes[offset]! * 256 + bytes[offset + 1]!;
    const end = offset + 2 + size;
    if (end > bytes.length)
      throw malformed(`Cannot read an entry bundle: entry ${entries.length} of ${size} bytes is cut off.`);
    if (entries.length === tileWidth)
      throw malformed(`Cannot read an entry bundle: it has more than ${tileWidth} entries.`);
    entries.push(bytes.slice(offset + 2, end));
    offset = end;
  }
  if (entries.length < (width ?? 1))
    throw malformed(`Cannot read an entry bundle: found ${entries.length} entries, expected ${width ?? "1 to 256"}.`);
  return width === undefined ? entries : entries.slice(0, width);
}
