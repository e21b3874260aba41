/** Legal holds: kept in step with the entries that place and release them, in the transaction that adds those. */

import type { AuditEvent } from "../../event/event.ts";
import type { LegalHold } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { seqOfKey } from "./entry-key.ts";

/** Takes notice of an entry that was inserted just now: a hold is in force from the commit of its own entry on. */
export type HoldKeeper = (key: number, trail: number, event: AuditEvent) => void;

export function createHoldKeeper(connection: SqliteConnection): HoldKeeper {
  const place = connection.prepare("INSERT INTO auditrail_hold (key, trail, name, subject) VALUES (?, ?, ?, ?)");
  const release = connection.prepare(
    "UPDATE auditrail_hold SET released = ? WHERE trail = ? AND name = ? AND released IS NULL",
  );
  return (key, trail, { action, data }) => {
    const { hold, subject } = data ?? {};
    if (typeof hold !== "string") return;
    if (action === "auditrail.held") place.run(key, trail, hold, typeof subject === "string" ? subject : null);
    if (action === "auditrail.hold-released") release.run(key, trail, hold);
  };
}

/** The holds in force now. */
export function listHolds(connection: SqliteConnection, trail: number): readonly LegalHold[] {
  return readHolds(
    connection
      .prepare("SELECT key, name, subject FROM auditrail_hold WHERE trail = ? AND released IS NULL ORDER BY key")
      .all(trail),
  );
}

/** The holds that were in force when the entry with that key was recorded, and are not any more. */
export function listHoldsBefore(connection: SqliteConnection, trail: number, key: number): readonly LegalHold[] {
  return readHolds(
    connection
      .prepare(
        "SELECT key, name, subject FROM auditrail_hold WHERE trail = ? AND key < ? AND released > ? ORDER BY key",
      )
      .all(trail, key, key),
  );
}

function readHolds(rows: unknown[]): readonly LegalHold[] {
  return (rows as SqliteRow[]).map(({ key, name, subject }) => ({
    ...{ hold: name as string, seq: seqOfKey(Number(key)) },
    ...(subject === null ? {} : { subject: subject as string }),
  }));
}
