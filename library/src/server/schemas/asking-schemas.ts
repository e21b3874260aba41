/** What is asked: the parameters of the routes that read. */

import { z } from "zod";

import { bucketUnits } from "../../query/request.ts";

const text = (says: string) => z.string().max(4096).describe(says);
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, "expected a whole number")
    .transform(Number)
    .pipe(z.int().min(least).max(most));

export const tenant = z.string().min(1).max(200).optional().describe("Whose trail; `default` unless said.");
export const query = text("A query; see docs/reference/query.md. Everything unless said.").optional();
export const zone = z
  .string()
  .max(64)
  .optional()
  .describe("The zone of times without one, and of buckets: an IANA name. UTC unless said.");
export const reveal = z
  .enum(["true", "false"])
  .optional()
  .describe("Whether personal data is shown to those who may see it. `true` unless said; each showing is an event.");

export const asking = z.strictObject({ tenant, query, zone });

export const listing = asking.extend({
  reveal,
  by: z.enum(["time", "seq"]).optional().describe("When it happened (`time`), or the position (`seq`)."),
  direction: z.enum(["newest", "oldest"]).optional().describe("`newest` first unless said."),
  limit: whole(1, 1000).optional().describe("1 to 1,000; 50 unless said. A page may hold fewer and still have a next."),
  cursor: z.string().max(256).optional().describe("`next` of the page before."),
});

/** An entry by its position, or by its event's id. */
export const entryPlace = z.strictObject({
  entry: z
    .string()
    .regex(/^(\d{1,16}|[0-9A-Za-z-]{20,64})$/, "expected a position or an event's id")
    .describe("Its position (`42`), or its event's id."),
});

export const entryAsking = z.strictObject({ tenant, reveal });

export const surrounding = z.strictObject({
  ...{ tenant, reveal, query, zone },
  before: whole(0, 200).optional().describe("How many older entries; 10 unless said."),
  after: whole(0, 200).optional().describe("How many newer entries; 10 unless said."),
});

const fieldList = text("Fields of queries, with commas.").transform((names) => names.split(",").filter(Boolean));

export const counting = asking.extend({
  by: fieldList.optional().describe("Fields to group by, with commas; at most 6."),
  bucket: z.enum(bucketUnits).optional().describe("Groups by time as well, first."),
});

export const facetAsking = asking.extend({
  fields: fieldList.describe("Fields to count the values of, with commas; at most 20."),
  limit: whole(1, 200).optional().describe("How many values of each field, the most frequent first; 20 unless said."),
});

export const histogramAsking = asking.extend({
  bucket: z
    .enum(bucketUnits)
    .optional()
    .describe("The width of a bar; chosen by the time between the first and the last entry unless said."),
});

export const timelineAsking = listing.extend({
  actor: text("All of this actor: `type/id`.").optional(),
  target: text("All of this target: `type/id`.").optional(),
  operation: text("All of this operation: its id.").optional(),
});

export const exporting = asking.extend({
  reveal,
  format: z.enum(["jsonl", "csv"]).optional().describe("`jsonl` (exact, whole entries) unless said."),
  columns: fieldList
    .optional()
    .describe("Columns of CSV, with commas: fields of queries, and `sentence`, `changes`, `notes`, `hash`."),
});

export const tailing = z.strictObject({
  ...{ tenant, query, zone, reveal },
  from: whole(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("The position to start at; the trail's end unless said. The header Last-Event-ID goes before it."),
});

export const checkpointAsking = z.strictObject({
  tenant,
  after: whole(0, Number.MAX_SAFE_INTEGER).optional().describe("Those with a number above this."),
  limit: whole(1, 500).optional().describe("1 to 500; 50 unless said."),
});

export const tenantAsking = z.strictObject({ tenant });
