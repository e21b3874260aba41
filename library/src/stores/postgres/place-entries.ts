/**
 * Giving events their positions.
 *
 * One transaction moves a trail's inbox, in the order in which its rows were put, to the positions that come next, or adds entries that
 * were in no inbox, and grows the tree. The lock on the trail's row is the only thing that makes it one at a time; any number of processes may
 * try. What commits late comes late: nothing is ever looked for behind a number or a time, so nothing is missed.
 *
 * Invariants, in one transaction each: an event is in `inbox` or in `entry`; `trail.size` is the number of the trail's
 * entries and their positions are 0 … size-1; `trail.edge` and the tiles are its Merkle tree; every derived table says
 * what the entries' texts say. A crash before COMMIT leaves the inbox as it was.
 */

import { AuditError } from "../../base/errors.ts";
import { parseEventText } from "../../event/entry.ts";
import {
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  type CompactRange,
} from "../../integrity/compact-range.ts";
import { trailOrigin, type Appended } from "../../trail/contracts.ts";
import type { SqlClient, SqlRow } from "./client.ts";
import { entriesPerTrail, entryKey } from "./entry-key.ts";
import { growTree } from "./grow-tree.ts";
import { keepHold } from "./holds.ts";
import { inSchema } from "./names.ts";
import { placeOwnStatement, type OwnEntries } from "./own-entries.ts";
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

/** Rows of the inbox for one transaction: some hundred milliseconds of work at most. */
export const rowsPerBatch = 2_000;

interface OpenTrail {
  readonly number: number;
  readonly edge: CompactRange;
  readonly recordedAtMicros: number;
}

/**
 * Places what waits in the inbox of a tenant, whose trail is made where there is none, in the transaction of the client; answers how
 * much it was, and `undefined` where somebody else is at it. Errors: `STORE_FULL`; drivers' errors pass.
 */
export async function placeInbox(client: SqlClient, tenant: string, placing: Placing): Promise<number | undefined> {
  const { schema } = placing;
  const trail = await lockTrail(client, tenant, placing);
  if (trail === undefined) return undefined;
  const { number, edge, recordedAtMicros } = trail;
  assertRoom(edge, rowsPerBatch);
  const values = [tenant, number, edge.size, recordedAtMicros, rowsPerBatch];
  const answer = client.run(inSchema(placeStatement, schema), values);
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
    const {
      edge: grown,
      written,
      tiles,
    } = growTree(
      edge,
      placed.map(({ hash }) => hash as Uint8Array),
    );
    await client.run(
      inSchema("SELECT $schema.grow($1::integer, $2::text, $3::bigint, $4::bytea, $5::bigint)", schema),
      [number, tiles, grown.size, written, recordedAtMicros],
    );
    for (const { key, entry } of placed)
      if (entry !== null) await keepHold(client, schema, Number(key), number, parseEventText(entry as string));
  }
  return rows.length;
}

/** Where trails ended when this process last looked: what their next entries are worked out from before the database is asked. */
export type KnownEdges = Map<string, CompactRange>;

/** A thousand of them take about a megabyte. */
const mostKnown = 1_000;

/**
 * Adds entries of a tenant at the end of its trail, behind what waits in its inbox, in the transaction of the client. Answers
 * `undefined`, and has added nothing, where somebody else is at it, more waits than one transaction moves, or one of the ids is not
 * new. Errors: `STORE_FULL`; drivers' errors pass.
 */
export async function placeOwn(
  client: SqlClient,
  tenant: string,
  own: OwnEntries,
  edges: KnownEdges,
  placing: Placing,
): Promise<readonly Appended[] | undefined> {
  const { entries } = own;
  if (new Set(entries.map(({ id }) => id)).size < entries.length) return undefined;
  const leaves = entries.map(({ hash }) => hash);
  // Once the transaction has the lock nobody else moves the trail: it then has the edge that it asked about last.
  for (let edge = edges.get(tenant) ?? emptyRange; ;) {
    assertRoom(edge, entries.length);
    const grown = growTree(edge, leaves);
    const answer = client.run(inSchema(placeOwnStatement, placing.schema), [
      ...[tenant, encodeCompactRange(edge), placing.nowMicros, grown.written, grown.tiles, ...own.columns],
    ]);
    placing.onSent();
    const row = (await answer)[0]!;
    if (row["state"] === "placed") {
      if (edges.size >= mostKnown) edges.clear();
      // Where the transaction fails after all, the next answer is `moved`.
      edges.set(tenant, grown.edge);
      await keepOwnHolds(client, placing.schema, Number(row["number"]), edge.size, own);
      return entries.map((_, index) => ({ seq: edge.size + index, recordedAtMicros: Number(row["now"]) }));
    }
    if (row["state"] === "moved") edge = decodeCompactRange(row["edge"] as Uint8Array);
    else if (!(await makeWay(client, tenant, row["state"] as string, placing))) return undefined;
  }
}

/** Whether the trail is there now, and nothing waits before the entries. */
async function makeWay(client: SqlClient, tenant: string, state: string, placing: Placing): Promise<boolean> {
  if (state !== "missing" && state !== "waiting") return false;
  const moved = await placeInbox(client, tenant, placing);
  return moved !== undefined && moved < rowsPerBatch;
}

/** A hold is in force from the commit of its own entry on. */
async function keepOwnHolds(
  client: SqlClient,
  schema: string,
  trail: number,
  from: number,
  { entries, system }: OwnEntries,
): Promise<void> {
  for (const index of system)
    await keepHold(client, schema, entryKey(trail, from + index), trail, parseEventText(entries[index]!.text));
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
    `SELECT number, edge, greatest(recorded_at, coalesce($2::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)) AS now, ${limits}
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
    ...{ number: Number(row["number"]), recordedAtMicros: Number(row["now"]) },
    edge: decodeCompactRange(row["edge"] as Uint8Array),
  };
}

function assertRoom({ size }: CompactRange, more: number): void {
  if (size + more <= entriesPerTrail) return;
  throw new AuditError("STORE_FULL", `Cannot add an entry: a trail in Postgres holds ${entriesPerTrail} entries.`);
}
