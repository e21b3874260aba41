/** Reads trails out of SQLite: pages, counts, entries. Synchronous, so that it runs inline or in a worker thread alike. */

import { decodeHex } from "../../base/bytes.ts";
import { isEventId } from "../../base/ids.ts";
import type { StoredEntry } from "../../event/entry.ts";
import type { CountRequest, CountRow, PageRequest } from "../../query/request.ts";
import type { StoredPage, TrailHead } from "../../trail/contracts.ts";
import type { SqliteRow } from "./driver.ts";
import { keysOfTrail } from "./plan-scan.ts";
import { readCounts } from "./read-counts.ts";
import { readPageOfKeys } from "./read-page.ts";
import { seqOfKey } from "./entry-key.ts";
import { sql, type SqlPart } from "./sql-part.ts";
import type { SqlRunner } from "./statement-cache.ts";
import { readStoredEntry } from "./stored-entry.ts";

export interface Reader {
  /** Errors: `CURSOR_INVALID`, `QUERY_INVALID`. */
  page(request: PageRequest): StoredPage;
  /** Errors: `QUERY_INVALID`, `OPTION_INVALID`. */
  count(request: CountRequest): readonly CountRow[];
  /** Positions `from` (included) to `to` (not included). */
  read(tenant: string, from: number, to: number): readonly StoredEntry[];
  readById(tenant: string, id: string): StoredEntry | undefined;
  listTrails(): readonly TrailHead[];
}

/** Drivers' errors pass as they are. */
export function createReader(run: SqlRunner): Reader {
  const trailOf = (tenant: string): number | undefined => {
    const row = run.get(sql`SELECT number FROM auditrail_trail WHERE tenant = ${tenant}`);
    return row === undefined ? undefined : Number(row["number"]);
  };
  return {
    page(request) {
      const { keys, ...next } = readPageOfKeys(run, trailOf(request.tenant), request);
      return { entries: readEntries(run, keys), ...next };
    },
    count: (request) => readCounts(run, trailOf(request.tenant), request),
    read(tenant, from, to) {
      const trail = trailOf(tenant);
      if (trail === undefined || to <= from) return [];
      const { first, last } = keysOfTrail(trail);
      const range = sql`key BETWEEN ${first + Math.max(0, from)} AND ${Math.min(first + to - 1, last)}`;
      return readWhere(run, range);
    },
    readById(tenant, id) {
      const trail = trailOf(tenant);
      if (trail === undefined || !isEventId(id)) return undefined;
      return readEntry(run, sql`trail = ${trail} AND event_id = ${decodeHex(id.replaceAll("-", ""))}`);
    },
    listTrails() {
      const first = sql`SELECT min(key) FROM auditrail_entry e WHERE e.key >= t.number << 32 AND e.key < (t.number + 1) << 32`;
      const rows = run
        .all(sql`SELECT tenant, origin, size, recorded_at, (${first}) & 4294967295 AS first FROM auditrail_trail t`)
        .map((row) => ({
          ...{ tenant: row["tenant"] as string, origin: row["origin"] as string, size: Number(row["size"]) },
          ...{ first: Number(row["first"] ?? 0), recordedAtMicros: Number(row["recorded_at"]) },
        }));
      // SQLite sorts texts by their bytes, other stores by UTF-16 units, and all are to answer alike.
      return rows.sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
    },
  };
}

/** The entries with these keys, in their order. */
function readEntries(run: SqlRunner, keys: readonly number[]): readonly StoredEntry[] {
  if (keys.length === 0) return [];
  // The keys travel as one value, so that the statement is the same however many they are.
  const found = readWhere(run, sql`key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`);
  const places = new Map(found.map((entry) => [entry.seq, entry]));
  return keys.map((key) => places.get(seqOfKey(key))).filter((entry) => entry !== undefined);
}

/**
 * Entries by a condition on the key, in the order of positions. What is sealed is read after them: an entry that is committed in between
 * is not among them, rather than without its personal data, which would look erased.
 */
function readWhere(run: SqlRunner, condition: SqlPart): readonly StoredEntry[] {
  const rows = run.all(sql`SELECT key, recorded_at, hash, entry FROM auditrail_entry WHERE ${condition} ORDER BY key`);
  const sealed = Map.groupBy(
    run.all(sql`SELECT key, part, subject, salt, bytes FROM auditrail_sealed WHERE ${condition} ORDER BY key, part`),
    ({ key }) => key,
  );
  return rows.map((row) => readStoredEntry(row, sealed.get(row["key"]!) ?? []));
}

function readEntry(run: SqlRunner, condition: SqlPart): StoredEntry | undefined {
  const row = run.get(sql`SELECT key, recorded_at, hash, entry FROM auditrail_entry WHERE ${condition}`);
  return row === undefined ? undefined : withSealed(run, row);
}

function withSealed(run: SqlRunner, row: SqliteRow): StoredEntry {
  const sealed = run.all(
    sql`SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ${Number(row["key"])} ORDER BY part`,
  );
  return readStoredEntry(row, sealed);
}
