/** What was erased on purpose: the rows of `auditrail_erasure`, which entries announce and triggers guard. */

import { hashSizeBytes } from "../../integrity/merkle-tree.ts";
import { tileWidth } from "../../integrity/tile.ts";
import type { SqliteConnection, SqliteRow } from "../../stores/sqlite/driver.ts";
import { entryKey } from "../../stores/sqlite/entry-key.ts";

export interface KnownErasures {
  /** Whether all entries from one position to before another were removed by retention. */
  isPruned(from: number, to: number): boolean;
  /** Whether a sealed part was erased, by itself or with its subject. */
  hasPart(key: number, part: number, subject: string): boolean;
  /** The leaf hashes of pruned entries, which the tree's tiles keep; fewer where a tile is missing. */
  leavesOf(from: number, to: number): readonly Uint8Array[];
}

export function readErasures(connection: SqliteConnection, trail: number): KnownErasures {
  const pruned = connection.prepare(
    "SELECT 1 FROM auditrail_erasure WHERE trail = ? AND part IS NULL AND subject IS NULL AND first <= ? AND until > ?",
  );
  const part = connection.prepare(
    "SELECT 1 FROM auditrail_erasure WHERE trail = ? AND ((first = ? AND part = ?) OR (subject = ? AND first <= ? AND until > ?))",
  );
  const tile = connection.prepare("SELECT hashes FROM auditrail_tile WHERE trail = ? AND level = 0 AND number = ?");
  return {
    isPruned(from, to) {
      // Retention removes whole tiles, so the first entry of each answers for all of it.
      for (let seq = from; seq < to; seq += tileWidth) {
        const key = entryKey(trail, seq);
        if (pruned.get(trail, key, key) === undefined) return false;
      }
      return true;
    },
    hasPart: (key, number, subject) => part.get(trail, key, number, subject, key, key) !== undefined,
    leavesOf(from, to) {
      const leaves: Uint8Array[] = [];
      for (let number = Math.floor(from / tileWidth); number * tileWidth < to; number += 1) {
        const hashes = (tile.get(trail, number) as SqliteRow | undefined)?.["hashes"] as Uint8Array | undefined;
        if (hashes === undefined) break;
        const first = number * tileWidth;
        for (let seq = Math.max(from, first); seq < Math.min(to, first + tileWidth); seq += 1) {
          leaves.push(hashes.slice((seq - first) * hashSizeBytes, (seq - first + 1) * hashSizeBytes));
        }
      }
      return leaves;
    },
  };
}
