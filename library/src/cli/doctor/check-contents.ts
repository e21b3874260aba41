/** What stands beside the entries, and what they tell of recording itself. */

import { isAuditError } from "../../base/errors.ts";
import { parseCatalogue } from "../../event/describe.ts";
import type { SqliteConnection, SqliteRow } from "../../stores/sqlite/driver.ts";
import { entryKey } from "../../stores/sqlite/entry-key.ts";
import { hourOfEntry, saidBy } from "../../stores/sqlite/migrations/0003-tally-of-kinds.ts";
import { visibleText } from "../../formats/visible-text.ts";
import type { TrailRow } from "./check-entry.ts";
import { counted, ok, problem, tampered, warning, type Finding } from "./finding.ts";

export function checkCatalogue(connection: SqliteConnection): Finding {
  const row = connection.prepare("SELECT description FROM auditrail_catalogue ORDER BY number DESC LIMIT 1").get() as
    | SqliteRow
    | undefined;
  if (row === undefined) return ok("catalogue", "none: no application has recorded here yet, and any action is taken");
  try {
    const catalogue = parseCatalogue(JSON.parse(row["description"] as string));
    const used = connection.prepare("SELECT DISTINCT action FROM auditrail_tally").all() as SqliteRow[];
    const unknown = used.map(({ action }) => String(action)).filter((name) => catalogue.lookup(name) === undefined);
    const says = `${counted(catalogue.logs.size - 1, "log", "logs")}, ${counted(catalogue.actionNames.length, "action", "actions")}`;
    if (unknown.length === 0) return ok("catalogue", says);
    const shown = unknown.slice(0, 5).map(visibleText).join(", ");
    return warning(
      "catalogue",
      `${says}; entries have ${counted(unknown.length, "action", "actions")} that it does not know: ${shown}`,
      "Keep old actions in the catalogue, so that their sentences can be read",
    );
  } catch (error) {
    const found = isAuditError(error) || error instanceof Error ? error.message : String(error);
    return problem(
      "catalogue",
      `cannot be read: ${visibleText(found)}`,
      "Start the application once, which writes it again",
    );
  }
}

/** How an entry says what the columns of a tally say; the others are columns of its own. */
const said: Readonly<Record<string, string>> = { hour: hourOfEntry, op: saidBy("op"), severity: saidBy("severity") };

/** The counts that reports are answered from, and how many entries can be found by their words. */
export function checkCounts(connection: SqliteConnection, { number, tenant }: TrailRow): Finding | undefined {
  const differing = (table: string, columns: readonly string[]): number =>
    Number(
      valueOf(
        connection,
        `SELECT count(*) AS value FROM (SELECT ${columns.map((name) => said[name] ?? name).join(", ")}, count(*) FROM auditrail_entry WHERE trail = ? ` +
          `GROUP BY ${columns.map((_, index) => index + 1).join(", ")} EXCEPT SELECT ${columns.join(", ")}, entries FROM ${table} WHERE trail = ?)`,
        ...[number, number],
      ),
    );
  const summed = (table: string): number =>
    Number(valueOf(connection, `SELECT coalesce(sum(entries), 0) AS value FROM ${table} WHERE trail = ?`, number));
  const range = [entryKey(number, 0), entryKey(number + 1, 0)] as const;
  const entries = Number(valueOf(connection, "SELECT count(*) AS value FROM auditrail_entry WHERE trail = ?", number));
  const words = Number(
    valueOf(connection, "SELECT count(*) AS value FROM auditrail_text_docsize WHERE id >= ? AND id < ?", ...range),
  );
  const wrong = [
    ...(differing("auditrail_tally", ["log", "hour", "action", "op", "severity", "outcome"]) +
      Math.abs(summed("auditrail_tally") - entries) >
    0
      ? ["counts by action"]
      : []),
    ...(differing("auditrail_tally_log", ["log", "hour", "op", "outcome"]) +
      Math.abs(summed("auditrail_tally_log") - entries) >
    0
      ? ["counts by log"]
      : []),
    ...(words === entries ? [] : ["the text index"]),
  ];
  if (wrong.length === 0) return undefined;
  return tampered(
    "counts",
    `trail ${visibleText(tenant)}: ${wrong.join(", ")} do not fit its entries, so reports and searches answer wrongly`,
  );
}

/** Losses that were told by entries, and events that named nobody. */
export function checkGaps(connection: SqliteConnection): Finding {
  const gaps = Number(
    valueOf(
      connection,
      "SELECT coalesce(sum(entries), 0) AS value FROM auditrail_tally WHERE action = 'auditrail.gap'",
    ),
  );
  if (gaps > 0) {
    return warning(
      "gaps",
      `${counted(gaps, "entry tells", "entries tell")} of events that could not be kept`,
      "auditrail query action:auditrail.gap",
    );
  }
  const unknown = Number(
    valueOf(connection, "SELECT count(*) AS value FROM auditrail_entry WHERE actor_type = 'unknown'"),
  );
  if (unknown === 0) return ok("gaps", "no losses, and every event names its actor");
  return warning(
    "gaps",
    `no losses; ${counted(unknown, "event names", "events name")} no actor`,
    "auditrail query actor.type:unknown",
  );
}

function valueOf(connection: SqliteConnection, sql: string, ...parameters: number[]): unknown {
  return (connection.prepare(sql).get(...parameters) as SqliteRow)["value"];
}
