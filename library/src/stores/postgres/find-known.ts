/** The events that have certain ids already: entries, and what waits in the inbox for its position. */

import { decodeHex } from "../../base/bytes.ts";
import type { Appended, PreparedEntry } from "../../trail/contracts.ts";
import type { SqlClient, SqlRow } from "./client.ts";
import { inSchema } from "./names.ts";
import { readSealedJson, sealedAsJson } from "./sealed-json.ts";

const find = `
SELECT a.tenant, a.id::text AS id, e.key & 4294967295 AS seq, e.recorded_at, encode(e.hash, 'hex') AS hash, e.entry, ${sealedAsJson.texts[0]} AS sealed
FROM json_to_recordset($1::text::json) AS a (tenant text, id uuid)
JOIN $schema.trail t ON t.tenant = a.tenant
JOIN LATERAL (SELECT * FROM $schema.entry e WHERE e.event_id = a.id AND e.trail + 0 = t.number OFFSET 0) e ON true
UNION ALL
SELECT a.tenant, a.id::text, NULL, NULL, encode(i.hash, 'hex'), i.entry, i.sealed::text
FROM json_to_recordset($1::text::json) AS a (tenant text, id uuid)
JOIN $schema.inbox i ON i.tenant = a.tenant AND i.event_id = a.id`;

/** An event by its tenant and id. */
export function nameEvent(tenant: string, id: string): string {
  return `${id}/${tenant}`;
}

/** By {@link nameEvent}; what is new is missing. */
export async function findKnown(
  client: SqlClient,
  schema: string,
  entries: readonly Pick<PreparedEntry, "tenant" | "id">[],
): Promise<ReadonlyMap<string, Appended>> {
  const asked = JSON.stringify(entries.map(({ tenant, id }) => ({ tenant, id })));
  const rows = await client.run(inSchema(find, schema), [asked]);
  return new Map(rows.map((row) => [nameEvent(row["tenant"] as string, row["id"] as string), appendedOf(row)]));
}

function appendedOf(row: SqlRow): Appended {
  const kept = {
    ...{ hash: decodeHex(row["hash"] as string), text: row["entry"] as string },
    sealed: readSealedJson(row["sealed"] as string | null),
  };
  if (row["seq"] === null) return { seq: null, recordedAtMicros: null, existing: kept };
  return { seq: Number(row["seq"]), recordedAtMicros: Number(row["recorded_at"]), existing: kept };
}
