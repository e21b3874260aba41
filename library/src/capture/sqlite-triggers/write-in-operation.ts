import { AuditError } from "../../base/errors.ts";
import { createIdSource, type IdSource } from "../../base/ids.ts";
import { systemClock } from "../../base/time.ts";
import { currentContext, runWithContext, serializeContext } from "../../context/context.ts";
import { begin, isInTransaction, oneValue, rollBack, type Connection } from "./connection.ts";

let ids: IdSource | undefined;

/**
 * Runs `fn`, whose row changes will say in which operation and by which actor they were made: those of the context in force.
 * Where that has no operation, `fn` is one of its own, and what it records shares the id.
 *
 * In a transaction that is open already it stays that transaction's business to end it; otherwise `fn` gets one of its own,
 * committed when it ends and rolled back when it throws. The connection must not be used for anything else meanwhile.
 *
 * Errors: those of `fn`; `STORE_LOCKED`; `TRANSACTION_INVALID` where `fn` ended the transaction itself.
 *
 * @example
 * writeInOperation(database, () => {
 *   database.prepare("UPDATE rewards SET pieces = pieces + 1 WHERE id = ?").run(id);
 *   trail.in(database).recordSync("reward.earned", { target: { type: "reward", id } });
 * });
 */
export function writeInOperation<Result>(connection: Connection, fn: () => Result): Result {
  ids ??= createIdSource(systemClock);
  const operationId = currentContext().operationId ?? ids();
  return runWithContext({ operationId }, () => {
    const owned = !isInTransaction(connection);
    if (owned) begin(connection);
    return settle(
      () => {
        const leave = enter(connection, owned);
        return settle(fn, leave, leave);
      },
      () => owned && connection.exec("COMMIT"),
      () => owned && rollBack(connection),
    );
  });
}

/** Says for the open transaction whose it is; gives what takes it back. */
function enter(connection: Connection, owned: boolean): () => void {
  // A context that is there although the transaction just began was left behind by somebody, and is nobody's.
  const outer = owned ? undefined : oneValue(connection, "SELECT context FROM auditrail_change_now");
  connection.prepare("INSERT INTO auditrail_change_context (context) VALUES (?)").run(serializeContext());
  connection.exec("INSERT OR REPLACE INTO auditrail_change_now VALUES (1, last_insert_rowid())");
  return () => {
    const stillOpen = isInTransaction(connection);
    if (outer === undefined || !stillOpen) connection.exec("DELETE FROM auditrail_change_now");
    else connection.prepare("UPDATE auditrail_change_now SET context = ?").run(outer);
    if (stillOpen) return;
    throw new AuditError(
      "TRANSACTION_INVALID",
      "The transaction was ended inside writeInOperation(): what came after it was written without a context. Let writeInOperation() or its caller end it.",
    );
  };
}

/** Runs `fn`, synchronous or not, then `done`; `failed` where either throws. The first error is thrown on. */
function settle<Result>(fn: () => Result, done: () => unknown, failed: () => unknown): Result {
  const fail = (error: unknown): never => {
    try {
      failed();
    } catch {
      // The transaction is gone already: SQLite rolled it back by itself. The first error is the one to report.
    }
    throw error;
  };
  const finish = (value: unknown): unknown => {
    try {
      done();
    } catch (error) {
      return fail(error);
    }
    return value;
  };
  let result: Result;
  try {
    result = fn();
  } catch (error) {
    return fail(error);
  }
  return (result instanceof Promise ? result.then(finish, fail) : finish(result)) as Result;
}
