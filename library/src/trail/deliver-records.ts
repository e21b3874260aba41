/** From the spool into the store. */

import { isAuditError } from "../base/errors.ts";
import type { Appended, AppendOptions, PreparedEntry, Store } from "./contracts.ts";
import { assertSameEvent } from "./receipt.ts";
import type { SpoolRecord } from "./spool-format.ts";

/** Appends; where the outcome of a commit is unknown, appends again, which looks the ids up. */
export async function appendSurely(
  store: Store<unknown>,
  entries: readonly PreparedEntry[],
  options?: AppendOptions,
): Promise<readonly Appended[]> {
  try {
    return await store.append(entries, options);
  } catch (error) {
    if (!isAuditError(error) || error.code !== "STORE_FAILED") throw error;
    return store.append(entries, options);
  }
}

/**
 * Whether the store is at fault, for which the spool stands in. Other codes are about one event. A store that breaks its
 * contract and rejects with something else is at fault too.
 */
export function isStoreFailure(error: unknown): boolean {
  return !isAuditError(error) || error.code.startsWith("STORE_");
}

export interface DeliverOptions {
  readonly append: (records: readonly SpoolRecord[]) => Promise<readonly Appended[]>;
  /** Told of each record that the store will not have; `settled` where it counted it as settled none the less. */
  readonly onLost: (record: SpoolRecord, error: unknown, settled: boolean) => void;
}

/**
 * Delivers records. Their callers were told that they are on disk: what the store will not have is a loss to be told,
 * and must not hold up the rest. Rejects only where the store itself fails.
 */
export async function deliverRecords(records: readonly SpoolRecord[], options: DeliverOptions): Promise<void> {
  const { append, onLost } = options;
  try {
    const appended = await append(records);
    records.forEach((record, index) => {
      const problem = conflictOf(record.entry, appended[index]!);
      if (problem !== undefined) onLost(record, problem, true);
    });
  } catch (error) {
    if (isStoreFailure(error)) throw error;
    if (records.length === 1) onLost(records[0]!, error, false);
    else for (const record of records) await deliverRecords([record], options);
  }
}

function conflictOf(entry: PreparedEntry, appended: Appended): unknown {
  try {
    assertSameEvent(entry, appended);
    return undefined;
  } catch (error) {
    return error;
  }
}
