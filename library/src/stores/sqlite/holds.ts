/** Legal holds: kept in step with the entries that place and release them, in the transaction that adds those. */

import { AuditError, quote } from "../../base/errors.ts";
import type { AuditEvent } from "../../event/event.ts";
import type { LegalHold } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entryKey, seqOfKey } from "./entry-key.ts";

/** Takes notice of an entry that was inserted just now: a hold is in force from the commit of its own entry on. */
export type HoldKeeper = (key: number, trail: number, event: AuditEvent) => void;

export function createHoldKeeper(connection: SqliteConnection): HoldKeeper {
  const place = connection.prepare("INSERT INTO auditrail_hold (key, trail, name, subject) VALUES (?, ?, ?, ?)");
  const release = connection.prepare("UPDATE auditrail_hold SET released = ? WHERE trail = ? AND name = ? AND released IS NULL");
  return (key, trail, { action, data }) => {
    const { hold, subject } = data ?? {};
    if (typeof hold !== "string") return;
    if (action === "auditrail.held") place.run(key, trail, hold, typeof subject === "string" ? subject : null);
    if (action === "auditrail.hold-released") release.run(key, trail, hold);
  };
}

export function listHolds(connection: SqliteConnection, trail: number): readonly LegalHold[] {
  const rows = connection
    .prepare("SELECT key, name, subject FROM auditrail_hold WHERE trail = ? AND released IS NULL ORDER BY key")
    .all(trail) as SqliteRow[];
  return rows.map(({ key, name, subject }) => ({
    ...{ hold: name as string, seq: seqOfKey(Number(key)) },
    ...(subject === null ? {} : { subject: subject as string }),
  }));
}

/** Errors: `ERASURE_HELD` where a hold is on the whole trail or on one of these subjects. */
export function assertNotHeld(holds: readonly LegalHold[], subjects: ReadonlySet<string>): void {
  const veto = holds.find(({ subject }) => subject === undefined || subjects.has(subject));
  if (veto !== undefined) throw held(veto);
}

export function held({ hold, subject, seq }: LegalHold): AuditError {
  const on = subject === undefined ? "the whole trail" : quote(subject);
  return new AuditError(
    "ERASURE_HELD",
    `Cannot erase: legal hold ${quote(hold)} on ${on} (entry ${seq}) is in force. It can be carried out once the hold is released.`,
    { details: { hold, seq, ...(subject === undefined ? {} : { subject }) } },
  );
}

/** The key that the hold's own entry has. */
export function holdKey(trail: number, { seq }: LegalHold): number {
  return entryKey(trail, seq);
}
