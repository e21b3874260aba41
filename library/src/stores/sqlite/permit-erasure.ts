/** Whether an announced erasure may be carried out now, and the rows of `auditrail_erasure` that let the triggers pass. */

import { parseEventText } from "../../event/entry.ts";
import { concerns, type ErasureOrder } from "../../event/erasure-order.ts";
import type { LegalHold } from "../../trail/contracts.ts";
import { held, invalid, wasHeld } from "../../trail/erasure-errors.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entryKey, seqOfKey } from "./entry-key.ts";
import { listHolds, listHoldsBefore } from "./holds.ts";

/** An announced erasure, with the transaction open. */
export interface Erasing {
  readonly connection: SqliteConnection;
  readonly trail: number;
  /** Key of the entry that announces it. */
  readonly by: number;
  readonly order: ErasureOrder;
}

/** In the transaction that deletes. Errors: `ERASURE_HELD`, `ERASURE_INVALID`. */
export function permitErasure(erasing: Erasing): void {
  const { connection, trail, by, order } = erasing;
  if (order.kind === "pruned") assertPrunable(erasing, order.from);
  const veto = findVeto(erasing, listHolds(connection, trail));
  if (veto !== undefined) throw held(veto);
  const vetoThen = findVeto(erasing, listHoldsBefore(connection, trail, by));
  if (vetoThen !== undefined) throw wasHeld(vetoThen, seqOfKey(by));
  const insert = connection.prepare(
    "INSERT OR IGNORE INTO auditrail_erasure (by, trail, first, until, part, subject) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const start = entryKey(trail, 0);
  if (order.kind === "pruned") insert.run(by, trail, start + order.from, start + order.to, null, null);
  else if (order.kind === "shredded") insert.run(by, trail, start, start + order.to, null, order.subject);
  else
    for (const { seq, parts } of order.entries)
      for (const part of parts) insert.run(by, trail, start + seq, start + seq + 1, part, null);
}

/** The first of the holds that covers something of what is to be erased. */
function findVeto(erasing: Erasing, holds: readonly LegalHold[]): LegalHold | undefined {
  const { order } = erasing;
  if (holds.length === 0) return undefined;
  const subjects = order.kind === "pruned" ? new Set<string>() : subjectsOf(erasing, order);
  return holds.find((hold) => {
    if (hold.subject === undefined) return true;
    return order.kind === "pruned" ? isInRange(erasing, hold, order) : subjects.has(hold.subject);
  });
}

/** Whose data it is that goes. */
function subjectsOf(
  { connection, trail }: Erasing,
  order: Exclude<ErasureOrder, { kind: "pruned" }>,
): ReadonlySet<string> {
  if (order.kind === "shredded") return new Set([order.subject]);
  const find = connection.prepare("SELECT subject FROM auditrail_sealed WHERE key = ? AND part = ?");
  const rows = order.entries.flatMap(({ seq, parts }) =>
    parts.map((part) => find.get(entryKey(trail, seq), part) as SqliteRow | undefined),
  );
  return new Set(rows.filter((row) => row !== undefined).map((row) => row["subject"] as string));
}

/** A trail is pruned from its beginning on: a hole in its middle could hide that a hold was released, or placed. */
function assertPrunable({ connection, trail, by }: Erasing, from: number): void {
  const { first } = connection
    .prepare("SELECT min(key) AS first FROM auditrail_entry WHERE key >= ?")
    .get(entryKey(trail, 0)) as SqliteRow;
  if (from > seqOfKey(Number(first)))
    throw invalid(seqOfKey(by), `it leaves the entries before ${from} where they are`);
}

/** Whether entries to be pruned concern the subject of a hold, or are its own. */
function isInRange(
  { connection, trail }: Erasing,
  hold: LegalHold,
  { from, to }: Extract<ErasureOrder, { kind: "pruned" }>,
): boolean {
  if (hold.seq >= from && hold.seq < to) return true;
  // An entry that concerns the subject has its id somewhere in its text; most have not, and are not parsed.
  const subject = hold.subject!;
  const id = JSON.stringify(subject.slice(subject.indexOf("/") + 1)).slice(1, -1);
  const find = connection.prepare(
    "SELECT entry FROM auditrail_entry WHERE key >= ? AND key < ? AND instr(entry, ?) > 0",
  );
  const found = find.iterate(entryKey(trail, from), entryKey(trail, to), id) as Iterable<SqliteRow>;
  for (const row of found) if (concerns(parseEventText(row["entry"] as string), subject)) return true;
  return false;
}
