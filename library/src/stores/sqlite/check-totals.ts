/** Holding what is derived from a trail's entries together against them: counts, words, roots of tiles, legal holds, and rows of nobody. */

import type { DerivedProblem } from "../../integrity/evidence.ts";
import { trailOrigin } from "../../trail/contracts.ts";
import { checkWords } from "./check-words.ts";
import { readTrailNumber } from "./check-derived.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entriesPerTrail, entryKey } from "./entry-key.ts";
import { hourOfEntry, saidBy } from "./migrations/0003-tally-of-kinds.ts";
import { readMeta } from "./schema.ts";

/** What does not say what the trail's entries say. Takes some times as long as reading the trail. Drivers' errors pass. */
export function checkTotals(connection: SqliteConnection, tenant: string): readonly DerivedProblem[] {
  // One transaction, so that all is read as it was at one moment.
  connection.exec("BEGIN");
  try {
    const trail = readTrailNumber(connection, tenant);
    return trail === undefined ? [] : checkTrail(connection, tenant, trail);
  } finally {
    connection.exec("ROLLBACK");
  }
}

function checkTrail(connection: SqliteConnection, tenant: string, trail: number): readonly DerivedProblem[] {
  const first = entryKey(trail, 0);
  const until = first + entriesPerTrail;
  const count = (sql: string, ...parameters: readonly number[]): number =>
    Number(Object.values(connection.prepare(sql).get(...parameters) as SqliteRow)[0]);
  const found = [
    trouble(
      "tally",
      count(
        `SELECT count(*) FROM (${differing(counted, "auditrail_tally", "trail, log, hour, action, op, severity, outcome, entries")})`,
        trail,
        trail,
      ),
      "hourly counts differ from the entries",
    ),
    trouble(
      "tally",
      count(
        `SELECT count(*) FROM (${differing(countedByLog, "auditrail_tally_log", "trail, log, hour, op, outcome, entries")})`,
        trail,
        trail,
      ),
      "hourly counts of logs differ from the entries",
    ),
    trouble(
      "target",
      count(`SELECT count(*) FROM auditrail_target t WHERE trail = ? AND NOT ${hasEntry("t")}`, trail),
      "targets belong to no entry",
    ),
    trouble(
      "sealed",
      count(
        `SELECT count(*) FROM auditrail_sealed s WHERE key >= ? AND key < ? AND NOT ${hasEntry("s")}`,
        first,
        until,
      ),
      "sealed parts belong to no entry",
    ),
    trouble("tile", count(wrongRoots, trail), "roots of tiles differ from the tile above"),
    trouble("tile", count(tilesBeyondEnd, trail), "tiles lie beyond the end of the trail"),
    trouble(
      "hold",
      count(
        `SELECT count(*) FROM (${differing(heldByEntries, "auditrail_hold", "key, trail, name, subject, released")})`,
        trail,
        trail,
      ),
      "legal holds differ from the entries that placed and released them",
    ),
  ];
  return [...found.flat(), ...checkTrailRow(connection, tenant, trail), ...checkWords(connection, trail)];
}

function trouble(column: string, count: number, says: string): readonly DerivedProblem[] {
  return count === 0 ? [] : [{ seq: null, column, says: `${count} ${says}.` }];
}

/** Rows that are on one side only; both sides take the trail as their parameter. */
function differing(derived: string, table: string, columns: string): string {
  const kept = `SELECT ${columns} FROM ${table} WHERE trail = ?1`;
  return `SELECT * FROM (${derived} EXCEPT ${kept}) UNION ALL SELECT * FROM (${kept} EXCEPT ${derived}) WHERE ?2 = ?1`;
}

const counted = `SELECT trail, log, ${hourOfEntry} AS hour, action, ${saidBy("op")} AS op, ${saidBy("severity")} AS severity, outcome, count(*) AS entries
  FROM auditrail_entry WHERE trail = ?1 GROUP BY 1, 2, 3, 4, 5, 6, 7`;
const countedByLog = `SELECT trail, log, ${hourOfEntry} AS hour, ${saidBy("op")} AS op, outcome, count(*) AS entries
  FROM auditrail_entry WHERE trail = ?1 GROUP BY 1, 2, 3, 4, 5`;

const hasEntry = (table: string): string => `EXISTS (SELECT 1 FROM auditrail_entry e WHERE e.key = ${table}.key)`;

/** Where the tile above is full it has its own copy of the roots, and these here are read by nobody else. */
const wrongRoots = `
SELECT count(*) FROM auditrail_tile low JOIN auditrail_tile high
  ON high.trail = low.trail AND high.level = low.level + 1 AND high.number = low.number / 256
WHERE low.trail = ? AND substr(high.hashes, (low.number % 256) * 32 + 1, 32) <> low.root`;

const tilesBeyondEnd = `
SELECT count(*) FROM auditrail_tile i JOIN auditrail_trail t ON t.number = i.trail
WHERE i.trail = ? AND (i.number + 1) * (256 << (8 * i.level)) > t.size`;

/** A hold ends with the first release of its name after it. Where the entry that placed it was pruned, its row is all there is. */
const heldByEntries = `
SELECT h.key, h.trail, json_extract(h.entry, '$.data.hold') AS name, json_extract(h.entry, '$.data.subject') AS subject,
  (SELECT min(r.key) FROM auditrail_entry r WHERE r.trail = h.trail AND r.action = 'auditrail.hold-released' AND r.key > h.key
    AND json_extract(r.entry, '$.data.hold') = json_extract(h.entry, '$.data.hold')) AS released
FROM auditrail_entry h WHERE h.trail = ?1 AND h.action = 'auditrail.held'
UNION ALL
SELECT k.key, k.trail, k.name, k.subject, k.released FROM auditrail_hold k WHERE k.trail = ?1 AND NOT ${hasEntry("k")}`;

function checkTrailRow(connection: SqliteConnection, tenant: string, trail: number): readonly DerivedProblem[] {
  const row = connection
    .prepare("SELECT origin, recorded_at FROM auditrail_trail WHERE number = ?")
    .get(trail) as SqliteRow;
  const last = connection
    .prepare("SELECT recorded_at FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1")
    .get(entryKey(trail, 0), entryKey(trail, entriesPerTrail)) as SqliteRow | undefined;
  const isRight = row["origin"] === trailOrigin(readMeta(connection, "origin") ?? "", tenant);
  const isLast = last === undefined || last["recorded_at"] === row["recorded_at"];
  return [
    ...(isRight
      ? []
      : [{ seq: null, column: "trail", says: "The trail's origin is not that of its store and tenant." }]),
    ...(isLast
      ? []
      : [{ seq: null, column: "trail", says: "The trail was not last written when its last entry was recorded." }]),
  ];
}
