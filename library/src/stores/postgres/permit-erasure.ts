/** Whether an announced erasure may be carried out now, and the rows of `erasure` that let the triggers pass. */

import { parseEventText } from "../../event/entry.ts";
import { concerns, type ErasureOrder } from "../../event/erasure-order.ts";
import type { LegalHold } from "../../trail/contracts.ts";
import { held, invalid, wasHeld } from "../../trail/erasure-errors.ts";
import type { SqlClient } from "./client.ts";
import { entryKey, seqOfKey } from "./entry-key.ts";
import { listHolds, listHoldsBefore } from "./holds.ts";
import { readWrittenText, withoutNul, writtenText } from "./names.ts";
import { runnerOf } from "./reader.ts";
import { sql } from "./sql-part.ts";

/** An announced erasure, with the transaction open. */
export interface Erasing {
  readonly client: SqlClient;
  readonly schema: string;
  readonly trail: number;
  /** Key of the entry that announces it. */
  readonly by: number;
  readonly order: ErasureOrder;
}

/** In the transaction that deletes. Errors: `ERASURE_HELD`, `ERASURE_INVALID`. */
export async function permitErasure(erasing: Erasing): Promise<void> {
  const { client, schema, trail, by, order } = erasing;
  if (order.kind === "pruned") await assertPrunable(erasing, order.from);
  const veto = await findVeto(erasing, await listHolds(client, schema, trail));
  if (veto !== undefined) throw held(veto);
  const vetoThen = await findVeto(erasing, await listHoldsBefore(client, schema, trail, by));
  if (vetoThen !== undefined) throw wasHeld(vetoThen, seqOfKey(by));
  await runnerOf(
    client,
    schema,
  )(sql`
    INSERT INTO $schema.erasure (order_key, trail, first, until, part, subject)
    SELECT ${by}, ${trail}, x.first, x.until, x.part, x.subject
    FROM json_to_recordset(${JSON.stringify(permits(erasing))}::json) AS x (first bigint, until bigint, part integer, subject text)
    ON CONFLICT DO NOTHING`);
}

function permits({ trail, order }: Erasing) {
  const start = entryKey(trail, 0);
  if (order.kind === "pruned") return [{ first: start + order.from, until: start + order.to }];
  if (order.kind === "shredded")
    return [{ first: start, until: start + order.to, subject: writtenText(order.subject) }];
  return order.entries.flatMap(({ seq, parts }) =>
    parts.map((part) => ({ first: start + seq, until: start + seq + 1, part })),
  );
}

/** The first of the holds that covers something of what is to be erased. */
async function findVeto(erasing: Erasing, holds: readonly LegalHold[]): Promise<LegalHold | undefined> {
  const { order } = erasing;
  if (holds.length === 0) return undefined;
  const subjects = order.kind === "pruned" ? new Set<string>() : await subjectsOf(erasing, order);
  for (const hold of holds) {
    if (hold.subject === undefined) return hold;
    if (order.kind === "pruned" ? await isInRange(erasing, hold, order) : subjects.has(hold.subject)) return hold;
  }
  return undefined;
}

/** Whose data it is that goes. */
async function subjectsOf(
  { client, schema, trail }: Erasing,
  order: Exclude<ErasureOrder, { kind: "pruned" }>,
): Promise<ReadonlySet<string>> {
  if (order.kind === "shredded") return new Set([order.subject]);
  const listed = order.entries.flatMap(({ seq, parts }) => parts.map((part) => ({ key: entryKey(trail, seq), part })));
  const rows = await runnerOf(
    client,
    schema,
  )(sql`
    SELECT DISTINCT s.subject FROM json_to_recordset(${JSON.stringify(listed)}::json) AS x (key bigint, part integer)
    JOIN $schema.sealed s ON s.key = x.key AND s.part = x.part`);
  return new Set(rows.map(({ subject }) => readWrittenText(subject as string)));
}

/** A trail is pruned from its beginning on: a hole in its middle could hide that a hold was released, or placed. */
async function assertPrunable({ client, schema, trail, by }: Erasing, from: number): Promise<void> {
  const [first] = await runnerOf(
    client,
    schema,
  )(sql`SELECT key FROM $schema.entry WHERE key >= ${entryKey(trail, 0)} ORDER BY key LIMIT 1`);
  if (from > seqOfKey(Number(first!["key"])))
    throw invalid(seqOfKey(by), `it leaves the entries before ${from} where they are`);
}

/** Whether entries to be pruned concern the subject of a hold, or are its own. */
async function isInRange(
  { client, schema, trail }: Erasing,
  hold: LegalHold,
  { from, to }: Extract<ErasureOrder, { kind: "pruned" }>,
): Promise<boolean> {
  if (hold.seq >= from && hold.seq < to) return true;
  // An entry that concerns the subject has its id somewhere in its text; most have not, and are not parsed.
  const subject = hold.subject!;
  const id = withoutNul(JSON.stringify(subject.slice(subject.indexOf("/") + 1)).slice(1, -1));
  for (let after = entryKey(trail, from) - 1; ;) {
    const rows = await runnerOf(
      client,
      schema,
    )(
      sql`SELECT key, entry FROM $schema.entry WHERE key > ${after} AND key < ${entryKey(trail, to)} AND strpos(entry, ${id}) > 0 ORDER BY key LIMIT 500`,
    );
    if (rows.some(({ entry }) => concerns(parseEventText(entry as string), subject))) return true;
    if (rows.length < 500) return false;
    after = Number(rows.at(-1)!["key"]);
  }
}
