import { driverError, translateSqliteError } from "./sqlite-errors.ts";
import { runSteps, type Steps } from "./statement-steps.ts";
import { invalidTransaction, openTransaction, type SqliteTransaction } from "./transaction.ts";

/** What is being appended now through a transaction whose statements are asynchronous. */
const underWay = new WeakMap<SqliteTransaction, Promise<unknown>>();

/**
 * Appends in the transaction that the caller has open; before it returns, where its statements are synchronous.
 * Errors: `TRANSACTION_INVALID`, `STORE_UNSAFE`, those of the steps.
 */
export function appendInTransaction<Result>(
  transaction: SqliteTransaction,
  steps: () => Steps<Result>,
): Result | Promise<Result> {
  try {
    const run = openTransaction(transaction);
    const start = () => runSteps(steps(), run);
    // One after the other: each has to read where the one before has ended.
    const appended = underWay.get(transaction)?.then(start, start) ?? start();
    if (!(appended instanceof Promise)) return appended;
    underWay.set(transaction, appended);
    return appended.catch((error: unknown) => Promise.reject(translate(error)));
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): Error {
  const { message = "" } = driverError(error) as { readonly message?: string };
  if (message.includes("no such table: auditrail_"))
    return invalidTransaction("it is connected to another database than the trail's store", error);
  if (/^Transaction is already (committed|rolled back)$/.test(message))
    return invalidTransaction("it has ended", error);
  if (message.includes("auditrail: another entry has taken this position"))
    return invalidTransaction(
      "another entry took the same position. Await each record() inside the transaction",
      error,
    );
  return translateSqliteError("record in the transaction", error);
}
