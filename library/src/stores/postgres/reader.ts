/** Reads trails out of Postgres: pages, counts, entries. */

import { isEventId } from "../../base/ids.ts";
import type { StoredEntry } from "../../event/entry.ts";
import type { CountRequest, CountRow, PageRequest } from "../../query/request.ts";
import type { StoredPage, TrailHead } from "../../trail/contracts.ts";
import type { SqlClient } from "./client.ts";
import { entriesPerTrail, entryKey, seqOfKey } from "./entry-key.ts";
import { readCounts } from "./read-counts.ts";
import { readPage, type SqlRunner } from "./read-page.ts";
import { runPart, sql } from "./sql-part.ts";
import { entryColumns, readStoredEntry } from "./stored-entry.ts";

/** The number of a tenant's trail, `undefined` where it has none. */
export async function readTrailNumber(run: SqlRunner, tenant: string): Promise<number | undefined> {
  const [row] = await run(sql`SELECT number FROM $schema.trail WHERE tenant = ${tenant}`);
  return row === undefined ? undefined : Number(row["number"]);
}

export function runnerOf(client: SqlClient, schema: string): SqlRunner {
  return (part) => runPart(client, schema, part);
}

/** Drivers' errors pass as they are. */
export function createReader(run: SqlRunner) {
  return {
    page: async (request: PageRequest): Promise<StoredPage> =>
      readPage(run, await readTrailNumber(run, request.tenant), request),
    count: async (request: CountRequest): Promise<readonly CountRow[]> =>
      readCounts(run, await readTrailNumber(run, request.tenant), request),
    /** Positions `from` (included) to `to` (not included). */
    async read(tenant: string, from: number, to: number): Promise<readonly StoredEntry[]> {
      const trail = await readTrailNumber(run, tenant);
      const [first, until] = [Math.max(0, from), Math.min(to, entriesPerTrail)];
      if (trail === undefined || until <= first) return [];
      const range = sql`e.key >= ${entryKey(trail, first)} AND e.key < ${entryKey(trail, until)}`;
      const rows = await run(sql`SELECT ${entryColumns} FROM $schema.entry e WHERE ${range} ORDER BY e.key`);
      return rows.map(readStoredEntry);
    },
    async readById(tenant: string, id: string): Promise<StoredEntry | undefined> {
      const trail = await readTrailNumber(run, tenant);
      if (trail === undefined || !isEventId(id)) return undefined;
      const [row] = await run(
        sql`SELECT ${entryColumns} FROM $schema.entry e WHERE e.event_id = ${id}::uuid AND e.trail + 0 = ${trail}`,
      );
      return row === undefined ? undefined : readStoredEntry(row);
    },
    async listTrails(): Promise<readonly TrailHead[]> {
      const first = sql`(SELECT e.key FROM $schema.entry e WHERE e.key >= t.number::bigint << 32 AND e.key < (t.number + 1)::bigint << 32 ORDER BY e.key LIMIT 1)`;
      const rows = await run(
        sql`SELECT tenant, origin, size, recorded_at, ${first} AS first FROM $schema.trail t WHERE size > 0`,
      );
      const heads = rows.map((row) => ({
        ...{ tenant: row["tenant"] as string, origin: row["origin"] as string, size: Number(row["size"]) },
        ...{ first: seqOfKey(Number(row["first"] ?? 0)), recordedAtMicros: Number(row["recorded_at"]) },
      }));
      // Databases sort texts by their bytes or their own rules, other stores by UTF-16 units, and all are to answer alike.
      return heads.sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
    },
  };
}
