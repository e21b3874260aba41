/**
 * Appending inside the caller's transaction, whatever that is: the trail is read, then one statement adds the entries
 * with all that belongs to them (`migrations/0002-append-statement.ts`).
 *
 * Nothing ever has to be undone: before the last statement nothing is written, and that one is all or nothing, also
 * where the application has ended its transaction meanwhile or runs other statements in between.
 */

import { decodeHex, encodeHex } from "../../base/bytes.ts";
import { AuditError } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import { deriveColumns } from "../../event/derived-columns.ts";
import { openEvent, type StoredEntry } from "../../event/entry.ts";
import {
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  extendRange,
  type CompactRange,
} from "../../integrity/compact-range.ts";
import { tileHeight } from "../../integrity/tile.ts";
import { searchText } from "../../query/search-text.ts";
import { trailOrigin, type Placed, type PreparedEntry } from "../../trail/contracts.ts";
import { selectSqliteCopy, type SqliteRow } from "./driver.ts";
import { assertEntryFits, assertTrailFits } from "./entry-key.ts";
import { assertSynchronous } from "./open-database.ts";
import { assertSqliteVersion } from "./schema.ts";
import type { StoreIdentity } from "./session-client.ts";
import { list, sql, type SqlPart } from "./sql-part.ts";
import type { Rows, Statement, Steps } from "./statement-steps.ts";
import { readStoredEntry } from "./stored-entry.ts";
import { hourOf } from "./tally.ts";
import { invalidTransaction, type SqliteTransaction } from "./transaction.ts";

export interface TargetStore extends StoreIdentity {
  readonly clock: Clock;
}

interface OpenTrail {
  readonly number: number;
  readonly tenant: string;
  readonly origin: string;
  readonly recordedAtMicros: number;
  /** How far it has got, with the entries of the batch. */
  size: number;
  edge: CompactRange;
  /** The entries of the batch, by their ids. */
  readonly added: Map<string, StoredEntry>;
}

export const read = (part: SqlPart): Statement => ({ ...part, reads: true });

/** Which store a transaction, or the handle it runs on, was found to belong to. */
const origins = new WeakMap<SqliteTransaction, string>();

export function* appendSteps(
  transaction: SqliteTransaction,
  entries: readonly PreparedEntry[],
  store: TargetStore,
): Steps<readonly Placed[]> {
  if (origins.get(transaction) !== store.origin) yield* assertOurs(store);
  origins.set(transaction, store.origin);
  const trails = new Map<string, OpenTrail>();
  const rows: SqlPart[] = [];
  const appended: Placed[] = [];
  for (const entry of entries) {
    const trail = trails.get(entry.tenant) ?? (yield* openTrail(entry.tenant, store));
    trails.set(entry.tenant, trail);
    const existing = trail.added.get(entry.id) ?? (yield* findEntry(trail, entry.id));
    if (existing === undefined) rows.push(addEntry(trail, entry));
    const { seq, recordedAtMicros } = existing ?? trail.added.get(entry.id)!;
    appended.push({ seq, recordedAtMicros, ...(existing === undefined ? {} : { existing }) });
  }
  if (rows.length > 0) yield { ...sql`INSERT INTO auditrail_append VALUES ${list(rows)}`, reads: false };
  return appended;
}

/** What {@link assertHandle} looks at. */
export const handleColumns = sql`sqlite_version() AS version, (SELECT synchronous FROM pragma_synchronous) AS level,
        (${{ sql: selectSqliteCopy, parameters: [] }}) AS copy`;

/** Errors: `TRANSACTION_INVALID`, `STORE_UNSAFE`, `RUNTIME_UNSUPPORTED`. */
function* assertOurs({ origin, sqliteCopy }: StoreIdentity): Steps<void> {
  const rows: Rows = yield read(
    sql`SELECT value AS origin, ${handleColumns} FROM auditrail_meta WHERE name = 'origin'`,
  );
  const { origin: found, ...handle } = rows[0] ?? ({} as SqliteRow);
  if (found !== origin)
    throw invalidTransaction("it is connected to another database than the trail's store. Open it on the same file");
  assertHandle(handle, sqliteCopy);
}

/**
 * What `version`, `level` of flushing and `copy` of SQLite say of the handle that a transaction runs on.
 * Errors: `STORE_UNSAFE`, `RUNTIME_UNSUPPORTED`.
 */
export function assertHandle({ version, level, copy }: SqliteRow, sqliteCopy: string): void {
  if (copy !== sqliteCopy) throw otherCopy();
  assertSqliteVersion(String(version));
  assertSynchronous(Number(level), "the trail's database");
}

function otherCopy(): AuditError {
  return new AuditError(
    "STORE_UNSAFE",
    "Cannot record in this transaction: its driver brings another copy of SQLite than the store's, and two copies in one process take each other's locks on a file away. " +
      "Open the store with openConnection of the same driver, or let your application use node:sqlite.",
  );
}

function* openTrail(tenant: string, { origin, clock }: TargetStore): Steps<OpenTrail> {
  const rows: Rows = yield read(
    sql`SELECT coalesce(t.number, n.next) AS number, coalesce(t.size, 0) AS size, t.edge, coalesce(t.recorded_at, 0) AS recorded_at
        FROM (SELECT coalesce(max(number), 0) + 1 AS next FROM auditrail_trail) n
        LEFT JOIN auditrail_trail t ON t.tenant = ${tenant}`,
  );
  const { number, size, edge, recorded_at: recordedAt } = rows[0]!;
  assertTrailFits(Number(number));
  return {
    ...{ number: Number(number), tenant, origin: trailOrigin(origin, tenant), size: Number(size), added: new Map() },
    edge: edge === null ? emptyRange : decodeCompactRange(edge as Uint8Array),
    // The clock may step back; the order of a trail must not.
    recordedAtMicros: Math.max(clock.nowMicros(), Number(recordedAt)),
  };
}

function* findEntry(trail: OpenTrail, id: string): Steps<StoredEntry | undefined> {
  const rows: Rows = yield read(
    sql`SELECT key, recorded_at, hash, entry FROM auditrail_entry WHERE trail = ${trail.number} AND event_id = ${idBytes(id)}`,
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const sealed: Rows = yield read(
    sql`SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ${row["key"]!} ORDER BY part`,
  );
  return readStoredEntry(row, sealed);
}

/** The row of an entry in `auditrail_append`; moves the trail on. Errors: `STORE_FULL`. */
function addEntry(trail: OpenTrail, entry: PreparedEntry): SqlPart {
  const { number, tenant, origin, size: seq, recordedAtMicros } = trail;
  assertEntryFits(seq);
  const { id, text, hash, sealed } = entry;
  const { event } = openEvent(text, sealed);
  const { timeMicros, log, action, outcome, actorType, actorId, operationId, targets } = deriveColumns(event);
  const tiles: [level: number, number: number, root: string][] = [];
  trail.edge = extendRange(trail.edge, [hash], (level, index, root) => {
    if (level > 0 && level % tileHeight === 0) tiles.push([level / tileHeight - 1, index, encodeHex(root)]);
  });
  trail.size += 1;
  trail.added.set(id, { seq, recordedAtMicros, hash, text, sealed });
  const parts = sealed.map((part) => [part.index, part.subject, encodeHex(part.salt), encodeHex(part.bytes)]);
  return sql`(${number}, ${tenant}, ${origin}, ${seq}, ${idBytes(id)}, ${recordedAtMicros}, ${hash}, ${timeMicros}, ${hourOf(timeMicros)},
    ${log}, ${action}, ${outcome}, ${actorType}, ${actorId}, ${operationId}, ${text}, ${searchText(event)},
    ${JSON.stringify(targets.map((target) => [target.id, target.type]))}, ${JSON.stringify(parts)},
    ${encodeCompactRange(trail.edge)}, ${JSON.stringify(tiles)})`;
}

function idBytes(id: string): Uint8Array {
  return decodeHex(id.replaceAll("-", ""));
}
