/** Groups of columns and time buckets in SQL: over entries, or over the hours of the tally. */

import { type Bucket, bucketLength } from "../../query/bucket.ts";
import { type Counter, groupFields } from "../../query/count-entries.ts";
import type { CountRequest } from "../../query/request.ts";
import { longAgoDays, writeBucket } from "../../query/tallied.ts";
import { day, type OffsetChange } from "../../query/zone.ts";
import type { Scan, SqlRunner } from "./read-page.ts";
import { list, sql, type SqlPart } from "./sql-part.ts";

/** Fields to group entries by without opening them, as `groupKeys` writes their keys. */
export const groupColumns: Readonly<Record<string, SqlPart>> = {
  log: sql`e.log`,
  action: sql`e.action`,
  op: sql`$schema.document(e.entry) ->> 'op'`,
  severity: sql`$schema.document(e.entry) ->> 'severity'`,
  outcome: sql`e.outcome`,
  "actor.type": sql`e.actor_type`,
  "actor.id": sql`e.actor_id`,
  actor: sql`e.actor_type || coalesce('/' || e.actor_id, '')`,
  operation: sql`e.operation`,
};

/** Rows to group, and what they count for. */
export interface Grouping extends Scan {
  /** By the names of fields. */
  readonly columns: Readonly<Record<string, SqlPart>>;
  readonly time: SqlPart;
  readonly count: SqlPart;
  readonly offsets: readonly OffsetChange[];
}

/** Adds up the groups of a request in SQL. */
export async function addGroups(
  run: SqlRunner,
  request: CountRequest,
  counter: Counter,
  grouping: Grouping,
): Promise<void> {
  const { from, where, count } = grouping;
  const fields = groupFields(request).map(({ field }) => grouping.columns[field.name]!);
  const columns = request.bucket === undefined ? fields : [bucketColumn(request.bucket.unit, grouping), ...fields];
  const named = columns.map((column, index) => sql`${column} AS ${keyNames[index]!}`);
  const grouped = columns.length === 0 ? sql`` : sql`GROUP BY ${list(columns.map((_, index) => keyNames[index]!))}`;
  const rows = await run(sql`SELECT ${list([...named, sql`${count} AS n`])} FROM ${from} WHERE ${where} ${grouped}`);
  for (const row of rows) {
    const keys = columns.map((_, index) => row[`k${index}`] ?? null);
    const written = keys.map((key, index) =>
      request.bucket !== undefined && index === 0 ? writeBucket(Number(key), request.bucket) : (key as string | null),
    );
    counter.addGroup(written, Number(row["n"] ?? 0));
  }
}

/** Names of result columns: what is asked for never becomes SQL. */
const keyNames: readonly SqlPart[] = [sql`k0`, sql`k1`, sql`k2`, sql`k3`, sql`k4`, sql`k5`, sql`k6`, sql`k7`];

/** The instant a minute or hour begins at; for longer buckets the local day, of which those are made up afterwards. */
function bucketColumn(unit: Bucket["unit"], { time, offsets }: Grouping): SqlPart {
  const length = bucketLength(unit);
  const local = sql`(${time} + ${offsetColumn(time, offsets)} + ${longAgoDays * BigInt(day)})`;
  return length === undefined ? sql`${local} / ${day} - ${longAgoDays}` : sql`${time} - ${local} % ${length}`;
}

function offsetColumn(time: SqlPart, offsets: readonly OffsetChange[]): SqlPart {
  const last = offsets.at(-1)?.offset ?? 0;
  if (offsets.length <= 1) return sql`${last}`;
  const cases = offsets.slice(1).map(({ from }, index) => sql` WHEN ${time} < ${from} THEN ${offsets[index]!.offset}`);
  return sql`CASE${cases.reduce((all, each) => sql`${all}${each}`)} ELSE ${last} END`;
}
