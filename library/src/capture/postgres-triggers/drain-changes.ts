/** Brings captured changes into the trail, in the order in which they were made. */

import { AuditError } from "../../base/errors.ts";
import { idFromDigest } from "../../base/ids.ts";
import { sha256 } from "../../base/sha256.ts";
import { parseInstant } from "../../base/time.ts";
import { currentContext, resumeContext, runWithContext, runWithoutContext } from "../../context/context.ts";
import type { EventFields } from "../../event/event.ts";
import type { RowActions, rowLogName } from "../../event/row-log.ts";
import { hasCapture } from "./check-capture.ts";
import { allRows, type Connection, type SqlRow } from "./connection.ts";
import { changedColumns, decodeRow, nameRow } from "./decode-row.ts";
import type { Column } from "./read-schema.ts";

type RowAction = `${typeof rowLogName}.${keyof RowActions}`;

/** What a trail has to take: one whose catalogue has `defineRowLog()`. */
export interface RowTrail {
  record(action: RowAction, fields: EventFields): Promise<unknown>;
}

export interface Drained {
  readonly changes: number;
  /** Changes that were made outside of {@link writeInOperation}: nobody said by whom. */
  readonly withoutContext: number;
}

interface CapturedTable {
  readonly key: readonly string[];
  readonly columns: readonly Column[];
}

interface Source {
  readonly capture: string;
  readonly tables: ReadonlyMap<string, CapturedTable>;
}

const mostAtOnce = 400;

/**
 * Records every captured change as an event and then forgets it. A crash between the two records it again under the same id,
 * which adds nothing; any number of processes may drain at once. Redaction is the trail's own. A transaction that commits late is
 * drained later: there is no position that it could miss.
 *
 * Errors: `CAPTURE_MISSING`, those of recording and of the driver: then what was not recorded is still there.
 */
export async function drainChanges(
  connection: Connection,
  trail: RowTrail,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Drained> {
  await assertInstalled(connection);
  const source = await readSource(connection);
  const total = { changes: 0, withoutContext: 0 };
  for (;;) {
    const rows = options.signal?.aborted === true ? [] : await readChanges(connection);
    if (rows.length === 0) break;
    await Promise.all(rows.map((row) => recordChange(row, source, trail)));
    const settled = await forgetChanges(connection, rows);
    total.changes += settled.changes;
    total.withoutContext += settled.withoutContext;
  }
  if (total.changes > 0) await forgetContexts(connection);
  return total;
}

/** How many captured changes are not in the trail yet, and how many ever had no context. Errors: `CAPTURE_MISSING`. */
export async function countChanges(
  connection: Connection,
): Promise<{ readonly waiting: number; readonly withoutContext: number }> {
  await assertInstalled(connection);
  const [row] = await allRows(
    connection,
    `SELECT count(number) AS waiting, without_context + count(number) - count(context) AS without
     FROM auditrail_capture.state LEFT JOIN auditrail_capture.change ON true GROUP BY without_context`,
  );
  return { waiting: Number(row!["waiting"]), withoutContext: Number(row!["without"]) };
}

async function assertInstalled(connection: Connection): Promise<void> {
  if (await hasCapture(connection)) return;
  throw new AuditError(
    "CAPTURE_MISSING",
    "Cannot read captured changes: the database captures none. Run installCapture() on it first.",
  );
}

async function readSource(connection: Connection): Promise<Source> {
  const rows = await allRows(
    connection,
    `SELECT s.capture, t.name, array_to_json(t.key)::text AS key, t.columns::text AS columns
     FROM auditrail_capture.state s LEFT JOIN auditrail_capture.captured_table t ON true`,
  );
  const named = rows.filter(({ name }) => name !== null);
  return {
    capture: rows[0]!["capture"] as string,
    tables: new Map(
      named.map(({ name, key, columns }) => [
        name as string,
        { key: JSON.parse(key as string) as string[], columns: JSON.parse(columns as string) as Column[] },
      ]),
    ),
  };
}

function readChanges(connection: Connection): Promise<readonly SqlRow[]> {
  return allRows(
    connection,
    `SELECT c.number::text AS number, table_name, change, before::text AS before, after::text AS after,
       array_to_json(hidden)::text AS hidden, role, xact::text AS xact, x.context,
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
     FROM auditrail_capture.change c LEFT JOIN auditrail_capture.context x ON x.number = c.context
     ORDER BY c.number LIMIT ${mostAtOnce}`,
  );
}

/** Whoever drains has a context too, which is not that of the change. */
function recordChange(row: SqlRow, source: Source, trail: RowTrail): Promise<unknown> {
  const { action, fields } = eventOf(row, source);
  const context = row["context"] as string | null;
  const record = (): Promise<unknown> => {
    const { actor = { type: "unknown" } } = currentContext();
    return runWithContext({ context: { source: "trigger" } }, () => trail.record(action, { actor, ...fields }));
  };
  if (context !== null) return resumeContext(context, record);
  // Without anybody's word, what one transaction did is at least one operation.
  const operationId = `${source.capture}/${row["xact"] as string}`;
  return runWithoutContext(() => runWithContext({ operationId }, record));
}

const actions = {
  insert: "row.inserted",
  update: "row.updated",
  delete: "row.deleted",
  truncate: "row.truncated",
  bulk: "row.bulk-written",
} as const;

function eventOf(
  row: SqlRow,
  { capture, tables }: Source,
): { readonly action: RowAction; readonly fields: EventFields } {
  const change = Number(row["number"]);
  const at = row["at"] as string;
  const kind = row["change"] as keyof typeof actions;
  const table = row["table_name"] as string;
  const known = tables.get(table) ?? { key: [], columns: [] };
  const data = {
    ...{ table, change, role: row["role"] as string, context: row["context"] === null ? "missing" : "given" },
  };
  const fields = {
    id: idFromDigest(parseInstant(at), sha256(JSON.stringify(["auditrail/row/1", capture, change]))),
    occurredAt: at,
  };
  if (kind === "truncate" || kind === "bulk") {
    const counts = JSON.parse(row["after"] as string) as Readonly<Record<string, unknown>>;
    const target = { type: "table", id: table };
    return { action: actions[kind], fields: { ...fields, target, data: { ...data, ...counts } } };
  }
  return { action: actions[kind], fields: { ...fields, ...stateOf(row, table, known, data) } };
}

/** A type is one word; the table's own name is in the data. */
function stateOf(
  row: SqlRow,
  table: string,
  { key, columns }: CapturedTable,
  data: { readonly change: number },
): EventFields {
  const decode = (name: string) => (row[name] === null ? undefined : decodeRow(row[name] as string, columns));
  const [before, after] = [decode("before"), decode("after")];
  const hidden = JSON.parse((row["hidden"] as string | null) ?? "[]") as string[];
  return {
    target: { type: table.replaceAll(/[\s/]+/g, "_"), id: nameRow((before ?? after)!, key, data.change) },
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    data: {
      ...data,
      ...(before === undefined || after === undefined ? {} : { columns: changedColumns(before, after, hidden) }),
    },
  };
}

/** The trail has them now. Another process may have come first: then there is less to forget, and nothing to count. */
async function forgetChanges(connection: Connection, rows: readonly SqlRow[]): Promise<Drained> {
  const numbers = JSON.stringify(rows.map(({ number }) => Number(number)));
  const [settled] = await allRows(connection, "SELECT * FROM auditrail_capture.forget_changes($1::text)", numbers);
  return { changes: Number(settled!["changes"]), withoutContext: Number(settled!["without_context"]) };
}

async function forgetContexts(connection: Connection): Promise<void> {
  await connection.query("SELECT auditrail_capture.forget_contexts()");
}
