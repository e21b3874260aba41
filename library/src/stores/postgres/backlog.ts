import type { SqlRunner } from "./read-page.ts";
import { sql } from "./sql-part.ts";

/** What is committed and is no entry yet. */
export interface Backlog {
  /** Events that wait for their position. */
  readonly waiting: number;
  /** How long the first of them has waited, in milliseconds; 0 where none waits. */
  readonly lagMs: number;
  /** Events that were refused after they were committed, because another event has their id; see `doctor`. */
  readonly refused: number;
}

export async function readBacklog(run: SqlRunner): Promise<Backlog> {
  const [row] = await run(sql`
    SELECT count(*) AS waiting, coalesce((extract(epoch FROM clock_timestamp()) * 1000000)::bigint - min(put_at), 0) / 1000 AS lag,
      (SELECT count(*) FROM $schema.refused) AS refused FROM $schema.inbox`);
  return { waiting: Number(row!["waiting"]), lagMs: Number(row!["lag"]), refused: Number(row!["refused"]) };
}
