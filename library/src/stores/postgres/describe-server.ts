import type { SqlRunner } from "./read-page.ts";
import { sql } from "./sql-part.ts";

/** What `doctor` wants to know of the server and of who is connected. */
export interface ServerDescription {
  readonly version: string;
  /** Whether commits are flushed; where not, no acknowledgement is worth anything. */
  readonly fsync: boolean;
  /** For how many months after this one there are partitions. */
  readonly monthsAhead: number;
  /** Whether the role owns the schema, and could switch its triggers off. */
  readonly isOwner: boolean;
}

export async function describeServer(run: SqlRunner, schema: string): Promise<ServerDescription> {
  const [row] = await run(sql`
    SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
      (SELECT count(*) FROM generate_series(1, 12) n WHERE to_regclass(format('%I.%I', ${schema},
        to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month', '"entry_"YYYY_MM'))) IS NOT NULL) AS months,
      (SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = ${schema}) AS owner`);
  return {
    ...{ version: String(row!["version"]), fsync: row!["fsync"] === "on" },
    ...{ monthsAhead: Number(row!["months"]), isOwner: row!["owner"] === true },
  };
}
