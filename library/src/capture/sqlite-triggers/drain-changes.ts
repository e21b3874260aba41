/** Brings captured changes into the trail, in the order in which they were made. */

import { AuditError, isAuditError } from "../../base/errors.ts";
import { idFromDigest } from "../../base/ids.ts";
import { sha256 } from "../../base/sha256.ts";
import { parseInstant } from "../../base/time.ts";
import { currentContext, resumeContext, runWithContext, runWithoutContext } from "../../context/context.ts";
import type { EventFields } from "../../event/event.ts";
import { rowLogName } from "../../event/row-log.ts";
import { hasCapture } from "./check-capture.ts";
import { allRows, begin, oneValue, rollBack, type Connection, type SqlRow } from "./connection.ts";
import { changedColumns, decodeKey, decodeRow, nameKey } from "./decode-row.ts";

type RowAction = `${typeof rowLogName}.${"inserted" | "updated" | "deleted"}`;

/** What a trail has to take: one whose catalogue has `defineRowLog()`. */
export interface RowTrail {
  record(action: RowAction, fields: EventFields): Promise<unknown>;
}

export interface Drained {
  readonly changes: number;
  /** Changes that were made outside of {@link writeInOperation}: nobody said by whom. */
  readonly withoutContext: number;
  /** Changes that were captured and are not there any more: somebody took them away. */
  readonly missing: number;
}

const mostAtOnce = 400;

/**
 * Records every captured change as an event and then forgets it. A crash between the two records it again under the same id,
 * which adds nothing; any number of processes may drain at once. Redaction is the trail's own.
 *
 * Errors: `CAPTURE_MISSING`, `STORE_LOCKED`, those of recording: then what was not recorded is still there.
 */
export async function drainChanges(
  connection: Connection,
  trail: RowTrail,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Drained> {
  assertInstalled(connection);
  const capture = oneValue(connection, "SELECT capture FROM auditrail_change_state") as string;
  const total = { changes: 0, withoutContext: 0, missing: 0 };
  for (;;) {
    const rows = readChanges(connection);
    const last = rows.at(-1)?.["number"];
    if (last === undefined || (options.signal?.aborted ?? false)) return total;
    await Promise.all(rows.map((row) => recordChange(row, capture, trail)));
    const settled = forgetChanges(connection, Number(last));
    total.changes += settled.changes;
    total.withoutContext += settled.withoutContext;
    total.missing += settled.missing;
  }
}

/** How many captured changes are not in the trail yet, and how many ever had no context or went missing. Errors: `CAPTURE_MISSING`. */
export function countChanges(connection: Connection): {
  readonly waiting: number;
  readonly withoutContext: number;
  readonly missing: number;
} {
  assertInstalled(connection);
  const [row] = allRows(
    connection,
    `SELECT count(number) AS waiting, without_context + count(number) - count(context) AS without, missing
     FROM auditrail_change_state LEFT JOIN auditrail_change`,
  );
  return {
    waiting: Number(row!["waiting"]),
    withoutContext: Number(row!["without"]),
    missing: Number(row!["missing"]),
  };
}

function assertInstalled(connection: Connection): void {
  if (hasCapture(connection)) return;
  throw new AuditError(
    "CAPTURE_MISSING",
    "Cannot read captured changes: the database captures none. Run installCapture() on it first.",
  );
}

function readChanges(connection: Connection): readonly SqlRow[] {
  return allRows(
    connection,
    `SELECT c.number, table_name, change, row_key, before, after, hidden, at, x.context
     FROM auditrail_change c LEFT JOIN auditrail_change_context x ON x.number = c.context
     ORDER BY c.number LIMIT ${mostAtOnce}`,
  );
}

/** Whoever drains has a context too, which is not that of the change. */
function recordChange(row: SqlRow, capture: string, trail: RowTrail): Promise<unknown> {
  const recordAs = (context: "given" | "missing") => (): Promise<unknown> => {
    const { action, fields } = eventOf(row, capture, context);
    const { actor = { type: "unknown" } } = currentContext();
    return runWithContext({ context: { source: "trigger" } }, () => trail.record(action, { actor, ...fields }));
  };
  const context = row["context"] as string | null;
  if (context === null) return runWithoutContext(recordAs("missing"));
  try {
    return resumeContext(context, recordAs("given"));
  } catch (error) {
    // Somebody wrote a context by hand. It must not hold up all changes that come after it.
    if (!isAuditError(error) || error.code !== "CONTEXT_INVALID") throw error;
    return runWithoutContext(recordAs("missing"));
  }
}

const actions = { insert: "row.inserted", update: "row.updated", delete: "row.deleted" } as const;

function eventOf(
  row: SqlRow,
  capture: string,
  context: "given" | "missing",
): { readonly action: RowAction; readonly fields: EventFields } {
  const text = (name: string): string => row[name] as string;
  const change = Number(row["number"]);
  const table = text("table_name");
  const before = row["before"] === null ? undefined : decodeRow(text("before"));
  const after = row["after"] === null ? undefined : decodeRow(text("after"));
  const at = text("at");
  return {
    action: actions[text("change") as keyof typeof actions],
    fields: {
      id: idFromDigest(parseInstant(at), sha256(JSON.stringify(["auditrail/row/1", capture, change]))),
      occurredAt: at,
      // A type is one word; the table's own name is in the data.
      target: { type: table.replaceAll(/[\s/]+/g, "_"), id: nameKey(decodeKey(text("row_key"))) },
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      data: {
        ...{ table, change, context },
        ...(before === undefined || after === undefined
          ? {}
          : { columns: changedColumns(before, after, row["hidden"] as string | null) }),
      },
    },
  };
}

/** Up to `last` the trail has them. Another process may have come first: then there is less to forget, and nothing to count. */
function forgetChanges(connection: Connection, last: number): Drained {
  begin(connection);
  try {
    const drained = Number(oneValue(connection, "SELECT drained FROM auditrail_change_state"));
    const [found] = allRows(
      connection,
      "SELECT count(*) AS changes, count(*) - count(context) AS without FROM auditrail_change WHERE number <= ?",
      last,
    );
    const changes = Number(found!["changes"]);
    const withoutContext = Number(found!["without"]);
    const missing = Math.max(0, last - drained - changes);
    connection
      .prepare(
        "UPDATE auditrail_change_state SET drained = max(drained, ?), without_context = without_context + ?, missing = missing + ?",
      )
      .run(last, withoutContext, missing);
    connection.prepare("DELETE FROM auditrail_change WHERE number <= ?").run(last);
    // Nobody else is in a transaction now: a context in force would be one that was left behind.
    connection.exec(`
      DELETE FROM auditrail_change_now;
      DELETE FROM auditrail_change_replaced;
      DELETE FROM auditrail_change_context
        WHERE number < (SELECT ifnull(min(context), (SELECT max(number) + 1 FROM auditrail_change_context)) FROM auditrail_change);`);
    connection.exec("COMMIT");
    return { changes, withoutContext, missing };
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}
