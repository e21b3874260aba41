import { AuditError } from "../../base/errors.ts";
import { createIdSource, type IdSource } from "../../base/ids.ts";
import { systemClock } from "../../base/time.ts";
import { currentContext, runWithContext, serializeContext } from "../../context/context.ts";
import { openTransaction, type PostgresTransaction, type TransactionClient } from "../../trail/postgres-transaction.ts";

let ids: IdSource | undefined;

/** The texts never change: whose operation it is gets there as a value. What is local ends with the transaction. */
const say = "SELECT set_config('auditrail.context', $1::text, true), set_config('auditrail.context_number', '', true)";

/**
 * Runs `fn` inside a transaction that is open; what is changed in it, also by statements of others such as cascades, will say in
 * which operation and by which actor: those of the context in force. Where that has no operation, `fn` is one of its own, and
 * what it records shares the id. Takes what `trail.in()` takes.
 *
 * Errors: those of `fn` and of the driver; `TRANSACTION_INVALID`.
 *
 * @example
 * await db.transaction().execute((trx) =>
 *   writeInOperation(trx, async () => {
 *     await trx.updateTable("vouchers").set({ state: "applied" }).where("id", "=", id).execute();
 *     await trail.in(trx).record("voucher.applied", { target: { type: "voucher", id } });
 *   }),
 * );
 */
export async function writeInOperation<Result>(
  transaction: PostgresTransaction,
  fn: () => Result | Promise<Result>,
): Promise<Result> {
  const client = clientOf(transaction);
  ids ??= createIdSource(systemClock);
  const operationId = currentContext().operationId ?? ids();
  return runWithContext({ operationId }, async () => {
    await client.run(say, [serializeContext()]);
    const result = await fn();
    // Where fn fails, the transaction is as a rule not usable any more, and about to be rolled back.
    await client.run(say, [""]);
    return result;
  });
}

function clientOf(transaction: PostgresTransaction): TransactionClient {
  const client = openTransaction(transaction);
  if (client !== undefined && client.isInTransaction() !== false) return client;
  throw new AuditError(
    "TRANSACTION_INVALID",
    `Cannot say who writes: ${client === undefined ? "it is no transaction of a driver that we know" : "no transaction is open on it"}. Pass the client that has the transaction open, or what the query builder hands to your function.`,
  );
}
