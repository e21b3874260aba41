import type { StoredEntry } from "../../event/entry.ts";
import type { SqliteRow } from "./driver.ts";
import { seqOfKey } from "./entry-key.ts";

/** A row of `auditrail_entry` (key, recorded_at, hash, entry) with its rows of `auditrail_sealed`. */
export function readStoredEntry(row: SqliteRow, sealed: readonly SqliteRow[]): StoredEntry {
  return {
    seq: seqOfKey(Number(row["key"])),
    recordedAtMicros: Number(row["recorded_at"]),
    hash: row["hash"] as Uint8Array,
    text: row["entry"] as string,
    sealed: sealed.map((part) => ({
      index: Number(part["part"]),
      subject: part["subject"] as string,
      salt: part["salt"] as Uint8Array,
      bytes: part["bytes"] as Uint8Array,
    })),
  };
}
