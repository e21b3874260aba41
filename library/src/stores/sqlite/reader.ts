/** Reads trails out of SQLite: pages, counts, entries. Synchronous, so that it runs inline or in a worker thread alike. */

import { decodeHex } from "../../base/bytes.ts";
import { isEventId } from "../../base/ids.ts";
import { mentionsSealed, type StoredEntry } from "../../event/entry.ts";
import type { CountRequest, CountRow, PageRequest } from "../../query/request.ts";
import type { StoredPage, TrailHead } from "../../trail/contracts.ts";
import type { SqliteRow } from "./driver.ts";
import { keysOfTrail } from "./plan-scan.ts";
import { readCounts } from "./read-counts.ts";
import { readPageOfRows } from "./read-page.ts";
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
  const trailOf = createTrailNumbers(run);
  return {
    page(request) {
      const { rows, ...next } = readPageOfRows(run, trailOf(request.tenant), request);
      return { entries: withSealedOf(run, rows), ...next };
    },
    count: (request) => readCounts(run, trailOf(request.tenant), request),
    read(tenant, from, to) {
      const trail = trailOf(tenant);
      if (trail === undefined || to <= from) return [];
      const { first, last } = keysOfTrail(trail);
      const range = sql`key BETWEEN ${first + Math.max(0, from)} AND ${Math.min(first + to - 1, last)}`;
      return withSealed(run.all(sql`${selectEntry} WHERE ${range} ORDER BY key`), run, range);
    },
    readById(tenant, id) {
      const trail = trailOf(tenant);
      if (trail === undefined || !isEventId(id)) return undefined;
      const bytes = decodeHex(id.replaceAll("-", ""));
      const rows = run.all(sql`${selectEntry} WHERE trail = ${trail} AND event_id = ${bytes}`);
      return withSealedOf(run, rows)[0];
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

const selectEntry = sql`SELECT key, recorded_at, hash, entry FROM auditrail_entry`;

/** The numbers of trails by their tenants. They are looked up once: a trail keeps its number for ever. */
function createTrailNumbers(run: SqlRunner): (tenant: string) => number | undefined {
  const known = new Map<string, number>();
  return (tenant) => {
    const number = known.get(tenant);
    if (number !== undefined) return number;
    const row = run.get(sql`SELECT number FROM auditrail_trail WHERE tenant = ${tenant}`);
    if (row === undefined) return undefined;
    known.set(tenant, Number(row["number"]));
    return known.get(tenant);
  };
}

/** Entries of any rows. What has nothing sealed does not say so, and is not asked for it. */
function withSealedOf(run: SqlRunner, rows: readonly SqliteRow[]): readonly StoredEntry[] {
  const keys = rows.filter(({ entry }) => mentionsSealed(entry as string)).map(({ key }) => Number(key));
  if (keys.length === 0) return rows.map((row) => readStoredEntry(row, []));
  // The keys travel as one value, so that the statement is the same however many they are.
  return withSealed(rows, run, sql`key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`);
}

/**
 * Rows as entries, with what is sealed of the keys in a condition. That is read after them: an entry that is committed in between is
 * not among them, rather than without its personal data, which would look erased.
 */
function withSealed(rows: readonly SqliteRow[], run: SqlRunner, condition: SqlPart): readonly StoredEntry[] {
  const sealed = Map.groupBy(
    run.all(sql`SELECT key, part, subject, salt, bytes FROM auditrail_sealed WHERE ${condition} ORDER BY key, part`),
    ({ key }) => key,
  );
  return rows.map((row) => readStoredEntry(row, sealed.get(row["key"]!) ?? []));
}
