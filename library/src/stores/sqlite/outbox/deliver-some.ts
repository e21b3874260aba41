import { isAuditError } from "../../../base/errors.ts";
import type { Store } from "../../../trail/contracts.ts";
import { appendSurely, deliverRecords } from "../../../trail/deliver-records.ts";
import { parseSpoolText, type SpoolRecord } from "../../../trail/spool-format.ts";
import type { OutboxTable } from "./outbox-table.ts";

/**
 * Appends the oldest that wait to the store, and removes them; answers how many there were. Dies the process in between, the
 * same are appended again, which adds nothing. Errors: those of the store, of which nothing is removed then.
 */
export async function deliverSome(table: OutboxTable, store: Store<unknown>, most: number): Promise<number> {
  const rows = table.next(most);
  if (rows.length === 0) return 0;
  const numbers = new Map<SpoolRecord, number>();
  const refused = new Map<number, string>();
  for (const { number, record } of rows) {
    const parsed = parseSpoolText(record).records[0];
    if (parsed === undefined) refused.set(number, "SPOOL_CORRUPT");
    else numbers.set(parsed, number);
  }
  await deliverRecords([...numbers.keys()], {
    append: (records) =>
      appendSurely(
        store,
        records.map(({ entry }) => entry),
      ),
    onLost: (record, error) => refused.set(numbers.get(record)!, isAuditError(error) ? error.code : "STORE_FAILED"),
  });
  table.settle(
    rows.map(({ number }) => number),
    refused,
  );
  return rows.length;
}
