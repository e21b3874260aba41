/** One entry against everything that is derived from it: its hash, its id, its trail, its columns, its sealed parts. */

import { decodeBase64, encodeHex, equalBytes } from "../../base/bytes.ts";
import { deriveColumns } from "../../event/derived-columns.ts";
import { parseEventText } from "../../event/entry.ts";
import type { AuditEvent } from "../../event/event.ts";
import { makeCommitment } from "../../integrity/commitment.ts";
import type { SqliteConnection, SqliteRow } from "../../stores/sqlite/driver.ts";
import type { KnownErasures } from "./known-erasures.ts";

export interface TrailRow {
  readonly number: number;
  readonly tenant: string;
  readonly origin: string;
  readonly size: number;
  readonly edge: Uint8Array;
}

export interface CheckedEntry {
  /** The first thing that is wrong, put so that it completes "entries that …". */
  readonly fault?: string;
  /** How many of its sealed parts were erased. */
  readonly erased: number;
}

/** A row of `auditrail_entry` and the leaf hash of its text. */
export type CheckEntry = (row: SqliteRow, hash: Uint8Array) => CheckedEntry;

/** The columns that {@link CheckEntry} takes. */
export const entryColumns =
  "key, event_id, recorded_at, hash, time, log, action, outcome, actor_type, actor_id, operation, entry";

export function createEntryCheck(connection: SqliteConnection, trail: TrailRow, erasures: KnownErasures): CheckEntry {
  const parts = connection.prepare("SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ?");
  const targets = connection.prepare(
    "SELECT 1 FROM auditrail_target WHERE trail = ? AND id = ? AND type = ? AND time = ? AND key = ?",
  );

  function hasItsColumns(row: SqliteRow, event: AuditEvent): boolean {
    const { timeMicros, log, action, outcome, actorType, actorId, operationId, ...derived } = deriveColumns(event);
    const said = [timeMicros, log, action, outcome, actorType, actorId, operationId];
    const kept = ["time", "log", "action", "outcome", "actor_type", "actor_id", "operation"].map((name) => row[name]);
    if (!said.every((value, index) => value === kept[index])) return false;
    return derived.targets.every(
      ({ id, type }) => targets.get(trail.number, id, type, timeMicros, row["key"]!) !== undefined,
    );
  }

  /** Sealed parts may be gone where an erasure says so, and are never others than the entry commits to. */
  function checkSealed(key: number, { sealed = [] }: AuditEvent): CheckedEntry {
    const rows = new Map((parts.all(key) as SqliteRow[]).map((row) => [Number(row["part"]), row]));
    if (rows.size > sealed.length) return { fault: "have more personal data beside them than was recorded", erased: 0 };
    let erased = 0;
    for (const [part, { subject, commitment }] of sealed.entries()) {
      const row = rows.get(part);
      if (row === undefined) {
        if (!erasures.hasPart(key, part, subject))
          return { fault: "lack personal data that no erasure accounts for", erased };
        erased += 1;
      } else if (
        !equalBytes(makeCommitment(row["salt"] as Uint8Array, row["bytes"] as Uint8Array), decodeBase64(commitment))
      ) {
        return { fault: "have personal data beside them that is not what was recorded", erased };
      }
    }
    return { erased };
  }

  return (row, hash) => {
    const fault = (says: string): CheckedEntry => ({ fault: says, erased: 0 });
    if (!equalBytes(hash, row["hash"] as Uint8Array)) return fault("do not have the hash they were recorded with");
    const event = readEvent(row["entry"] as string);
    if (event === undefined) return fault("are not events");
    if (event.id.replaceAll("-", "") !== encodeHex(row["event_id"] as Uint8Array))
      return fault("are filed under another event's id");
    if (event.tenant !== trail.tenant || event.origin !== trail.origin) return fault("belong to another trail");
    if (!hasItsColumns(row, event))
      return fault("are listed as something else than they say (their columns were changed)");
    return checkSealed(Number(row["key"]), event);
  };
}

function readEvent(text: string): AuditEvent | undefined {
  try {
    return parseEventText(text);
  } catch {
    return undefined;
  }
}
