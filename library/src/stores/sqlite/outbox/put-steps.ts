/** Putting events into the outbox, inside the caller's transaction. */

import { openEvent } from "../../../event/entry.ts";
import type { Appended, KeptEvent, PreparedEntry } from "../../../trail/contracts.ts";
import { formatSpoolRecord, parseSpoolText } from "../../../trail/spool-format.ts";
import { assertHandle, handleColumns, read } from "../append-steps.ts";
import type { SqliteRow } from "../driver.ts";
import { list, sql, type SqlPart } from "../sql-part.ts";
import type { Rows, Steps } from "../statement-steps.ts";
import { invalidTransaction, type SqliteTransaction } from "../transaction.ts";
import type { OutboxIdentity } from "./outbox-table.ts";

/** Which outbox a transaction, or the handle it runs on, was found to belong to. */
const outboxes = new WeakMap<SqliteTransaction, string>();

/** The answers have no positions: those are given by the store, after the delivery. */
export function* putSteps(
  transaction: SqliteTransaction,
  entries: readonly PreparedEntry[],
  identity: OutboxIdentity,
  nowMicros: number,
): Steps<readonly Appended[]> {
  if (outboxes.get(transaction) !== identity.outbox) yield* assertOurs(identity);
  outboxes.set(transaction, identity.outbox);
  const added = new Map<string, KeptEvent>();
  const rows: SqlPart[] = [];
  const appended: Appended[] = [];
  for (const entry of entries) {
    const { tenant, id, text, sealed } = entry;
    openEvent(text, sealed); // What is no event fails here, while its caller can still be told.
    const existing = added.get(`${tenant} ${id}`) ?? (yield* findWaiting(tenant, id));
    appended.push({ seq: null, recordedAtMicros: null, ...(existing === undefined ? {} : { existing }) });
    if (existing !== undefined) continue;
    added.set(`${tenant} ${id}`, entry);
    rows.push(sql`(${tenant}, ${id}, ${formatSpoolRecord({ entry, buffered: false })}, ${nowMicros})`);
  }
  if (rows.length > 0)
    yield { ...sql`INSERT INTO auditrail_outbox (tenant, id, record, put_at) VALUES ${list(rows)}`, reads: false };
  return appended;
}

/** Errors: `TRANSACTION_INVALID`, `STORE_UNSAFE`, `RUNTIME_UNSUPPORTED`. */
function* assertOurs({ outbox, sqliteCopy }: OutboxIdentity): Steps<void> {
  const rows: Rows = yield read(sql`SELECT outbox, ${handleColumns} FROM auditrail_outbox_of`);
  const { outbox: found, ...handle } = rows[0] ?? ({} as SqliteRow);
  if (found !== outbox)
    throw invalidTransaction("it is connected to another database than the outbox. Open it on the same file");
  assertHandle(handle, sqliteCopy);
}

function* findWaiting(tenant: string, id: string): Steps<KeptEvent | undefined> {
  const rows: Rows = yield read(sql`SELECT record FROM auditrail_outbox WHERE tenant = ${tenant} AND id = ${id}`);
  return rows[0] === undefined ? undefined : parseSpoolText(String(rows[0]["record"])).records[0]?.entry;
}
