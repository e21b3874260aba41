import type { StoredEntry } from "../../event/entry.ts";
import type { SqlRow } from "./client.ts";
import { seqOfKey } from "./entry-key.ts";
import { readSealedJson, sealedAsJson } from "./sealed-json.ts";
import { sql } from "./sql-part.ts";

/** What a stored entry is made of, of the row `e` of `entry`. */
export const entryColumns = sql`e.key, e.recorded_at, e.hash, e.entry, ${sealedAsJson} AS sealed`;

export function readStoredEntry(row: SqlRow): StoredEntry {
  return {
    ...{ seq: seqOfKey(Number(row["key"])), recordedAtMicros: Number(row["recorded_at"]) },
    ...{ hash: row["hash"] as Uint8Array, text: row["entry"] as string },
    sealed: readSealedJson(row["sealed"] as string | null),
  };
}
