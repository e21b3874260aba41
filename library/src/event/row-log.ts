/** The log of row changes, as triggers in a database see them: the same for every database. */

import { z } from "zod";

import { action, type Action } from "./action.ts";
import { defineLog, type Log } from "./catalogue.ts";
import { personal, secret } from "./marks.ts";

export const rowLogName = "row";

export interface RowLogOptions {
  /** Columns that hold personal data, in whatever table: sealed beside the entry, as data of the row. */
  readonly personal?: readonly string[];
  /** Columns that hold secrets: triggers mask them, so that not even the captured change has them. */
  readonly secret?: readonly string[];
  readonly retain?: { readonly days: number };
  readonly readers?: "staff" | "restricted";
}

const rowData = z.object({
  table: z.string(),
  /** The number of the change in the database that captured it. */
  change: z.int().positive(),
  /** Which columns an update changed, masked ones too. */
  columns: z.array(z.string()).optional(),
  /** Whether anybody said in which operation the row was written. */
  context: z.enum(["given", "missing"]),
  /** The database role that wrote it, where the database has roles. */
  role: z.string().optional(),
  /** Of a bulk: what the statement did. */
  of: z.enum(["insert", "update", "delete"]).optional(),
  /** How many rows there were in all, and how many of them are told each by itself. */
  rows: z.int().nonnegative().optional(),
  told: z.int().nonnegative().optional(),
});

type RowAction = Action<typeof rowData, z.ZodType, "durable", "optional">;
export type RowActions = {
  readonly [Name in "inserted" | "updated" | "deleted" | "truncated" | "bulk-written"]: RowAction;
};

/**
 * The log that row changes are recorded in: `row.inserted`, `row.updated`, `row.deleted`, with the row as target and its
 * columns as `before` and `after`; `row.truncated` where a table was emptied at once, and `row.bulk-written` where one statement
 * wrote more rows than are told each by itself. Put it into the catalogue of an application whose database captures changes.
 *
 * @example
 * const catalogue = defineCatalogue(botLog, defineRowLog({ personal: ["name"], secret: ["session_key"] }));
 */
export function defineRowLog(options: RowLogOptions = {}): Log<typeof rowLogName, RowActions, undefined> {
  const marked = [
    ...(options.personal ?? []).map((name) => [name, personal(z.unknown(), { of: "target" })] as const),
    ...(options.secret ?? []).map((name) => [name, secret(z.unknown())] as const),
  ];
  const state = z.looseObject(Object.fromEntries(marked)).partial();
  const change = (op: "create" | "update" | "delete", says: string): RowAction =>
    action({ op, says, data: rowData, state }) as unknown as RowAction;
  return defineLog(rowLogName, {
    title: "Row changes",
    actions: {
      inserted: change("create", "{actor} added {target}"),
      updated: change("update", "{actor} changed {target}"),
      deleted: change("delete", "{actor} removed {target}"),
      truncated: change("delete", "{actor} emptied {target} of {data.rows} rows"),
      "bulk-written": change("update", "{actor} wrote {data.rows} rows of {target} at once"),
    },
    list: {
      columns: ["time", "actor", "action", "target", "changed", "data.context"],
      filters: ["action", "target.type", "data.context", "time"],
    },
    ...(options.retain === undefined ? {} : { retain: options.retain }),
    ...(options.readers === undefined ? {} : { readers: options.readers }),
  });
}
