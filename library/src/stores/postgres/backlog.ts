import type { Backlog } from "../../trail/contracts.ts";
import type { SqlRunner } from "./read-page.ts";
import { sql } from "./sql-part.ts";

export async function readBacklog(run: SqlRunner): Promise<Backlog> {
  const [row] = await run(sql`
    SELECT count(*) AS waiting, coalesce((extract(epoch FROM clock_timestamp()) * 1000000)::bigint - min(put_at), 0) / 1000 AS lag,
      (SELECT count(*) FROM $schema.refused) AS refused FROM $schema.inbox`);
  return { waiting: Number(row!["waiting"]), lagMs: Number(row!["lag"]), refused: Number(row!["refused"]) };
}
