/**
 * Rows of the inbox that cannot become entries, because their id is taken. Nearly always they are the same event, put again
 * at the very moment it was being placed; then nothing is to be done. Another event with the id of one that is there was
 * acknowledged, so it is kept in \`refused\`, counted in \`backlog()\` and shown by \`doctor\`.
 */

import type { PreparedEntry } from "../../trail/contracts.ts";
import { isSameEvent } from "../../trail/same-event.ts";
import type { SqlClient, SqlRow } from "./client.ts";
import { writeEntries } from "./derive-entry.ts";
import { findKnown, nameEvent } from "./find-known.ts";
import { inSchema } from "./names.ts";
import { readSealedJson } from "./sealed-json.ts";

const keep = `
INSERT INTO $schema.refused (tenant, number, event_id, hash, time, log, action, outcome, actor_type, actor_id, operation, targets, words, sealed, entry, refused_at)
SELECT g.tenant, (SELECT coalesce(max(number), 0) FROM $schema.refused WHERE tenant = g.tenant) + 1 + g.n, g.id, decode(g.hash, 'hex'), g.time, g.log, g.action, g.outcome, g.actor_type, g.actor_id, g.operation, g.targets, g.words, g.sealed, g.entry,
  (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
FROM json_to_recordset($1::text::json) AS g (n integer, tenant text, id uuid, hash text, time bigint, log text, action text,
  outcome text, actor_type text, actor_id text, operation text, targets jsonb, words text, sealed jsonb, entry text)`;

/** `rows` are those that took no position. */
export async function refuseConflicts(
  client: SqlClient,
  schema: string,
  tenant: string,
  rows: readonly SqlRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const doubles = rows.map((row) => readRow(tenant, row));
  const known = await findKnown(client, schema, doubles);
  const conflicts = doubles.filter((entry) => {
    const existing = known.get(nameEvent(tenant, entry.id))?.existing;
    return existing === undefined || !isSameEvent(existing, entry);
  });
  if (conflicts.length > 0) await client.run(inSchema(keep, schema), [writeEntries(conflicts)]);
}

function readRow(tenant: string, row: SqlRow): PreparedEntry {
  return {
    ...{ tenant, id: row["id"] as string, text: row["entry"] as string, hash: row["hash"] as Uint8Array },
    sealed: readSealedJson(row["sealed"] as string),
  };
}
