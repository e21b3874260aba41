/**
 * Giving events their positions: the only code that writes entries.
 *
 * One transaction moves a trail's inbox, in the order in which its rows were put, to the positions that come next, and
 * grows the tree. The lock on the trail's row is the only thing that makes it one at a time; any number of processes may
 * try. What commits late comes late: nothing is ever looked for behind a number or a time, so nothing is missed.
 *
 * Invariants, in one transaction each: an event is in `inbox` or in `entry`; `trail.size` is the number of the trail's
 * entries and their positions are 0 … size-1; `trail.edge` and the tiles are its Merkle tree; every derived table says
 * what the entries' texts say. A crash before COMMIT leaves the inbox as it was.
 */

import { AuditError } from "../../base/errors.ts";
import {
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  type CompactRange,
} from "../../integrity/compact-range.ts";
import { parseEventText } from "../../event/entry.ts";
import { trailOrigin, type Appended } from "../../trail/contracts.ts";
import type { SqlClient, SqlRow } from "./client.ts";
import { entriesPerTrail, seqOfKey } from "./entry-key.ts";
import { extendTree } from "./extend-tree.ts";
import { keepHold } from "./holds.ts";
import { inSchema } from "./names.ts";
import { placeStatement } from "./place-statement.ts";
import { refuseConflicts } from "./refuse-conflicts.ts";
import type { OnSent } from "./turns.ts";

export interface Placing {
  readonly schema: string;
  readonly origin: string;
  /** The time by the store's clock; that of the database where it has none. */
  readonly nowMicros: number | null;
  readonly onSent: OnSent;
}

/** Entries that are written straight to their positions. */
export interface OwnEntries {
  readonly count: number;
  /** As `derive-entry.ts` writes them. */
  readonly rows: string;
  readonly texts: string;
}

/** What one transaction moved. */
export interface PlacedBatch {
  /** Places of `own` entries by their index; missing where the id was known. */
  readonly own: ReadonlyMap<number, Appended>;
  readonly moved: number;
}

/** Rows of the inbox for one transaction: some hundred milliseconds of work at most. */
export const rowsPerBatch = 2_000;

interface OpenTrail {
  readonly number: number;
  readonly size: number;
  readonly edge: CompactRange;
  readonly recordedAtMicros: number;
}

/**
 * Places what waits in the inbox of a tenant, and `own` entries behind it, in the transaction of the client;
 * `undefined` where somebody else is at it. Errors: `STORE_FULL`; drivers' errors pass.
 */
export async function placeEntries(
  client: SqlClient,
  tenant: string,
  own: OwnEntries,
  placing: Placing,
): Promise<PlacedBatch | undefined> {
  const { schema } = placing;
  const trail = await lockTrail(client, tenant, placing);
  if (trail === undefined) return undefined;
  if (trail.size + rowsPerBatch + own.count > entriesPerTrail) throw full();
  const answer = client.run(inSchema(placeStatement, schema), [
    ...[tenant, trail.number, trail.size, trail.recordedAtMicros, rowsPerBatch, own.rows, own.texts],
  ]);
  placing.onSent();
  const rows = await answer;
  const placed = rows.filter(({ key }) => key !== null);
  await refuseConflicts(
    client,
    schema,
    tenant,
    rows.filter(({ key }) => key === null),
  );
  if (placed.length > 0) {
    await extendTree(client, schema, { ...growthOf(trail), leaves: placed.map(({ hash }) => hash as Uint8Array) });
    await keepHolds(client, schema, trail.number, placed);
  }
  return { own: ownPlaces(placed, trail), moved: rows.filter(({ n }) => n === null).length };
}

/**
 * A session that hangs with the lock is ended by the server, and with it its transaction, so that another can go on. Compiling the
 * statement that places entries (`jit`) takes seconds for what takes milliseconds, whatever its estimated cost says.
 */
const limits =
  "set_config('idle_in_transaction_session_timeout', '5s', true), set_config('auditrail.sequencing', 'on', true), set_config('jit', 'off', true)";

async function lockTrail(client: SqlClient, tenant: string, placing: Placing): Promise<OpenTrail | undefined> {
  const { schema, origin, nowMicros } = placing;
  const lock = inSchema(
    `SELECT number, size, edge, greatest(recorded_at, coalesce($2::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)) AS now, ${limits}
     FROM $schema.trail WHERE tenant = $1 FOR UPDATE SKIP LOCKED`,
    schema,
  );
  const [row] = await client.run(lock, [tenant, nowMicros]);
  if (row !== undefined) return openTrail(row);
  const add = inSchema(
    `INSERT INTO $schema.trail (number, tenant, origin, size, edge, recorded_at)
     SELECT coalesce(max(number), 0) + 1, $1, $2, 0, $3::bytea, 0 FROM $schema.trail WHERE NOT EXISTS (SELECT 1 FROM $schema.trail WHERE tenant = $1)
     HAVING NOT EXISTS (SELECT 1 FROM $schema.trail WHERE tenant = $1) ON CONFLICT DO NOTHING RETURNING number`,
    schema,
  );
  const added = await client.run(add, [tenant, trailOrigin(origin, tenant), encodeCompactRange(emptyRange)]);
  if (added.length === 0) return undefined;
  const [made] = await client.run(lock, [tenant, nowMicros]);
  return made === undefined ? undefined : openTrail(made);
}

function openTrail(row: SqlRow): OpenTrail {
  return {
    ...{ number: Number(row["number"]), size: Number(row["size"]), recordedAtMicros: Number(row["now"]) },
    edge: decodeCompactRange(row["edge"] as Uint8Array),
  };
}

function growthOf({ number, edge, recordedAtMicros }: OpenTrail) {
  return { trail: number, edge, recordedAtMicros };
}

function ownPlaces(placed: readonly SqlRow[], { recordedAtMicros }: OpenTrail): ReadonlyMap<number, Appended> {
  return new Map(
    placed
      .filter(({ n }) => n !== null)
      .map(({ n, key }) => [Number(n), { seq: seqOfKey(Number(key)), recordedAtMicros }]),
  );
}

/** A hold is in force from the commit of its own entry on. */
async function keepHolds(client: SqlClient, schema: string, trail: number, placed: readonly SqlRow[]): Promise<void> {
  for (const { key, entry } of placed) {
    if (entry !== null) await keepHold(client, schema, Number(key), trail, parseEventText(entry as string));
  }
}

function full(): AuditError {
  return new AuditError("STORE_FULL", `Cannot add an entry: a trail in Postgres holds ${entriesPerTrail} entries.`);
}
