/**
 * Work on the database written once, as a generator of statements: it yields each and is given its rows. A handle runs it
 * before it returns; the transaction of a query builder runs it as its promises come.
 */

import type { SqliteRow } from "./driver.ts";
import type { SqlPart } from "./sql-part.ts";

export interface Statement extends SqlPart {
  /** Whether it answers with rows. */
  readonly reads: boolean;
}

export type Rows = readonly SqliteRow[];
export type Steps<Result> = Generator<Statement, Result, Rows>;
export type RunStatement = (statement: Statement) => Rows | Promise<Rows>;

/** Runs the steps to their end; a statement that fails ends them. Stays synchronous as long as the statements are. */
export function runSteps<Result>(steps: Steps<Result>, run: RunStatement): Result | Promise<Result> {
  for (let step = steps.next(); ;) {
    if (step.done === true) return step.value;
    const rows = run(step.value);
    if (rows instanceof Promise) return runLater(steps, run, rows);
    step = steps.next(rows);
  }
}

async function runLater<Result>(steps: Steps<Result>, run: RunStatement, first: Promise<Rows>): Promise<Result> {
  for (let rows = await first; ;) {
    const step = steps.next(rows);
    if (step.done === true) return step.value;
    rows = await run(step.value);
  }
}
