/** What every call of a store has in common: errors in our words, refused once it is closed, finished before it closes. */

import { AuditError } from "../../base/errors.ts";
import type { SqlClient, SqlDatabase } from "./client.ts";
import { translatePostgresError } from "./postgres-errors.ts";
import type { SqlRunner } from "./read-page.ts";
import { runnerOf } from "./reader.ts";

export interface Calls {
  /** `doing` completes "Cannot …". */
  use<Result>(doing: string, work: () => Promise<Result>): Promise<Result>;
  /** In a transaction. */
  write<Result>(doing: string, work: (run: SqlRunner, client: SqlClient) => Promise<Result>): Promise<Result>;
  assertWritable(): void;
  /** Refuses what comes from now on, and resolves when nothing is under way. */
  finish(): Promise<void>;
}

export function createCalls(database: SqlDatabase, schema: string, readOnly: boolean): Calls {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  const use = <Result>(doing: string, work: () => Promise<Result>): Promise<Result> => {
    if (closed) return Promise.reject(closedError());
    const result = work().catch((error: unknown) => {
      throw translatePostgresError(doing, error);
    });
    underWay.add(result);
    const done = (): unknown => underWay.delete(result);
    result.then(done, done);
    return result;
  };
  const assertWritable = (): void => {
    if (closed) throw closedError();
    if (readOnly) throw readOnlyError();
  };
  return {
    use,
    write: (doing, work) =>
      use(doing, async () => {
        assertWritable();
        return database.transaction((client) => work(runnerOf(client, schema), client));
      }),
    assertWritable,
    async finish() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}

function closedError(): AuditError {
  return new AuditError("STORE_CLOSED", "Cannot use the store: it was closed. Record and ask before closing it.");
}

function readOnlyError(): AuditError {
  return new AuditError(
    "STORE_READ_ONLY",
    "Cannot write to the store: it was opened with readOnly. Open it without to record.",
  );
}
