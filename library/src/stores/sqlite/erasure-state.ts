/** How far the erasures of a store have got, and the end of them: emptying the log once the database was rewritten. */

import { AuditError } from "../../base/errors.ts";
import { erasureActions } from "../../event/erasure-order.ts";
import type { PendingErasure } from "../../trail/contracts.ts";
import { readValue, type SqliteConnection, type SqliteRow } from "./driver.ts";
import { seqOfKey } from "./entry-key.ts";

/** Erasures whose entries were pruned themselves are finished by the next compaction, and not listed. */
export function listErasures(connection: SqliteConnection, tenant: string): readonly PendingErasure[] {
  const rows = connection
    .prepare(
      "SELECT e.key, n.removed_at FROM auditrail_entry e INDEXED BY auditrail_entry_action LEFT JOIN auditrail_erasure_end n ON n.by = e.key " +
        "WHERE e.trail = (SELECT number FROM auditrail_trail WHERE tenant = ?) AND e.action IN (?, ?, ?) AND n.compacted_at IS NULL ORDER BY e.key",
    )
    .all(tenant, ...erasureActions) as SqliteRow[];
  return rows.map((row) => ({
    seq: seqOfKey(Number(row["key"])),
    state: row["removed_at"] === null ? "announced" : "removed",
  }));
}

/** The erasures whose rows are gone and whose bytes may not be, by the keys of their entries. */
export function listUncompacted(connection: SqliteConnection): readonly number[] {
  const rows = connection
    .prepare("SELECT by FROM auditrail_erasure_end WHERE compacted_at IS NULL")
    .all() as SqliteRow[];
  return rows.map(({ by }) => Number(by));
}

/** Moves the log into the database and cuts it to nothing. Errors: `STORE_LOCKED` while a reader still needs it. */
export function emptyLog(connection: SqliteConnection): void {
  if (readValue(connection, "PRAGMA wal_checkpoint(TRUNCATE)") === 0) return;
  throw new AuditError(
    "STORE_LOCKED",
    "Cannot finish erasing: the data is gone, but another connection still reads from before, and keeps the log with its bytes. Try again when it has ended.",
  );
}

export function markCompacted(connection: SqliteConnection, erasures: readonly number[], nowMicros: number): void {
  const mark = connection.prepare("UPDATE auditrail_erasure_end SET compacted_at = ? WHERE by = ?");
  for (const by of erasures) mark.run(nowMicros, by);
}
