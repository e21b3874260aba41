/** Legal holds: kept in step with the entries that place and release them, in the transaction that adds those. */

import type { AuditEvent } from "../../event/event.ts";
import type { LegalHold } from "../../trail/contracts.ts";
import type { SqlClient, SqlRow } from "./client.ts";
import { seqOfKey } from "./entry-key.ts";
import { inSchema, readWrittenText, writtenText } from "./names.ts";

/** Takes notice of an entry that was inserted just now: a hold is in force from the commit of its own entry on. */
export async function keepHold(
  client: SqlClient,
  schema: string,
  key: number,
  trail: number,
  { action, data }: AuditEvent,
): Promise<void> {
  const { hold, subject } = data ?? {};
  if (typeof hold !== "string") return;
  if (action === "auditrail.held") {
    await client.run(inSchema("INSERT INTO $schema.hold (key, trail, name, subject) VALUES ($1, $2, $3, $4)", schema), [
      ...[key, trail, writtenText(hold), typeof subject === "string" ? writtenText(subject) : null],
    ]);
  }
  if (action === "auditrail.hold-released") {
    await client.run(
      inSchema("UPDATE $schema.hold SET released = $1 WHERE trail = $2 AND name = $3 AND released IS NULL", schema),
      [key, trail, writtenText(hold)],
    );
  }
}

/** The holds in force now. */
export async function listHolds(client: SqlClient, schema: string, trail: number): Promise<readonly LegalHold[]> {
  const sql = "SELECT key, name, subject FROM $schema.hold WHERE trail = $1 AND released IS NULL ORDER BY key";
  return readHolds(await client.run(inSchema(sql, schema), [trail]));
}

/** The holds that were in force when the entry with that key was recorded, and are not any more. */
export async function listHoldsBefore(
  client: SqlClient,
  schema: string,
  trail: number,
  key: number,
): Promise<readonly LegalHold[]> {
  const sql =
    "SELECT key, name, subject FROM $schema.hold WHERE trail = $1 AND key < $2 AND released > $2 ORDER BY key";
  return readHolds(await client.run(inSchema(sql, schema), [trail, key]));
}

function readHolds(rows: readonly SqlRow[]): readonly LegalHold[] {
  return rows.map(({ key, name, subject }) => ({
    ...{ hold: readWrittenText(name as string), seq: seqOfKey(Number(key)) },
    ...(subject === null ? {} : { subject: readWrittenText(subject as string) }),
  }));
}
