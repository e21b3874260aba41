/** Holding what is derived from a trail's entries together against them: counts, roots of tiles, legal holds, and rows of nobody. */

import type { DerivedProblem } from "../../integrity/evidence.ts";
import { trailOrigin } from "../../trail/contracts.ts";
import { entriesPerTrail, entryKey } from "./entry-key.ts";
import { readTrailNumber } from "./reader.ts";
import type { SqlRunner } from "./read-page.ts";
import { sql, type SqlPart } from "./sql-part.ts";

/** What does not say what the trail's entries say. In a snapshot. Takes about as long as reading the trail. */
export async function checkTotals(
  run: SqlRunner,
  tenant: string,
  storeOrigin: string,
): Promise<readonly DerivedProblem[]> {
  const trail = await readTrailNumber(run, tenant);
  if (trail === undefined) return [];
  const problems: DerivedProblem[] = [];
  for (const [column, rows, says] of checksOf(trail)) {
    const [row] = await run(sql`SELECT count(*) AS n FROM (${rows}) x`);
    if (Number(row!["n"]) > 0) problems.push({ seq: null, column, says: `${String(row!["n"])} ${says}.` });
  }
  return [...problems, ...(await checkTrailRow(run, tenant, trail, storeOrigin))];
}

function checksOf(trail: number): readonly (readonly [string, SqlPart, string])[] {
  const [first, until] = [entryKey(trail, 0), entryKey(trail, entriesPerTrail)];
  const within = sql`x.key >= ${first} AND x.key < ${until}`;
  const without = sql`NOT EXISTS (SELECT 1 FROM $schema.entry e WHERE e.key = x.key)`;
  const hour = sql`(time - ((time % 3600000000) + 3600000000) % 3600000000) / 3600000000`;
  const entries = sql`$schema.entry e, LATERAL $schema.kind_of(e.entry) k WHERE trail = ${trail}`;
  const counted = sql`SELECT log, ${hour} AS hour, action, k.op, k.severity, outcome, count(*)::bigint AS entries FROM ${entries} GROUP BY 1, 2, 3, 4, 5, 6`;
  const tallied = sql`SELECT log, hour, action, op, severity, outcome, entries FROM $schema.tally WHERE trail = ${trail}`;
  const countedByLog = sql`SELECT log, ${hour} AS hour, k.op, outcome, count(*)::bigint AS entries FROM ${entries} GROUP BY 1, 2, 3, 4`;
  const talliedByLog = sql`SELECT log, hour, op, outcome, entries FROM $schema.tally_log WHERE trail = ${trail}`;
  const holds = sql`SELECT key, name, subject, released FROM $schema.hold WHERE trail = ${trail}`;
  return [
    ["tally", differing(counted, tallied), "hourly counts differ from the entries"],
    ["tally", differing(countedByLog, talliedByLog), "hourly counts of logs differ from the entries"],
    ["target", sql`SELECT 1 FROM $schema.target x WHERE ${within} AND ${without}`, "targets belong to no entry"],
    ["sealed", sql`SELECT 1 FROM $schema.sealed x WHERE ${within} AND ${without}`, "sealed parts belong to no entry"],
    ["text", sql`SELECT 1 FROM $schema.search x WHERE ${within} AND ${without}`, "rows of words belong to no entry"],
    [
      "tile",
      sql`SELECT 1 FROM $schema.tile low JOIN $schema.tile high ON high.trail = low.trail AND high.level = low.level + 1 AND high.number = low.number / 256
        WHERE low.trail = ${trail} AND substr(high.hashes, (low.number % 256)::integer * 32 + 1, 32) <> low.root`,
      "roots of tiles differ from the tile above",
    ],
    [
      "tile",
      sql`SELECT 1 FROM $schema.tile i JOIN $schema.trail t ON t.number = i.trail
        WHERE i.trail = ${trail} AND (i.number + 1) * (256::bigint << (8 * i.level)) > t.size`,
      "tiles lie beyond the end of the trail",
    ],
    [
      "hold",
      differing(heldByEntries(trail), holds),
      "legal holds differ from the entries that placed and released them",
    ],
  ];
}

/** Rows that are on one side only. */
function differing(derived: SqlPart, kept: SqlPart): SqlPart {
  return sql`(${derived} EXCEPT ${kept}) UNION ALL (${kept} EXCEPT ${derived})`;
}

/** A hold ends with the first release of its name after it. Where the entry that placed it was pruned, its row is all there is. */
function heldByEntries(trail: number): SqlPart {
  // A text as JSON writes it, without the marks: as the store keeps names and subjects.
  const written = (value: SqlPart): SqlPart =>
    sql`CASE WHEN json_typeof(${value}) = 'string' THEN left(right((${value})::text, -1), -1) END`;
  return sql`
    SELECT h.key, ${written(sql`h.entry::json #> '{data,hold}'`)} AS name, ${written(sql`h.entry::json #> '{data,subject}'`)} AS subject,
      (SELECT min(r.key) FROM $schema.entry r WHERE r.trail = h.trail AND r.action = 'auditrail.hold-released' AND r.key > h.key
        AND (r.entry::json #> '{data,hold}')::text = (h.entry::json #> '{data,hold}')::text) AS released
    FROM $schema.entry h WHERE h.trail = ${trail} AND h.action = 'auditrail.held' AND json_typeof(h.entry::json #> '{data,hold}') = 'string'
    UNION ALL
    SELECT x.key, x.name, x.subject, x.released FROM $schema.hold x WHERE x.trail = ${trail} AND NOT EXISTS (SELECT 1 FROM $schema.entry e WHERE e.key = x.key)`;
}

async function checkTrailRow(
  run: SqlRunner,
  tenant: string,
  trail: number,
  storeOrigin: string,
): Promise<readonly DerivedProblem[]> {
  const [row] = await run(sql`
    SELECT t.origin, t.recorded_at, (SELECT e.recorded_at FROM $schema.entry e
      WHERE e.key >= ${entryKey(trail, 0)} AND e.key < ${entryKey(trail, entriesPerTrail)} ORDER BY e.key DESC LIMIT 1) AS last
    FROM $schema.trail t WHERE t.number = ${trail}`);
  const isRight = row!["origin"] === trailOrigin(storeOrigin, tenant);
  const isLast = row!["last"] === null || Number(row!["last"]) === Number(row!["recorded_at"]);
  const problems: DerivedProblem[] = [];
  if (!isRight)
    problems.push({ seq: null, column: "trail", says: "The trail's origin is not that of its store and tenant." });
  if (!isLast)
    problems.push({
      seq: null,
      column: "trail",
      says: "The trail was not last written when its last entry was recorded.",
    });
  return problems;
}
