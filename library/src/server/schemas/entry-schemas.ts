/** What is answered about entries. */

import { z } from "zod";

const instant = z.string().describe("RFC 3339 in UTC, with microseconds.");
const pointers = z.array(z.string().describe("A JSON Pointer into the event."));

export const event = z
  .looseObject({
    id: z.string(),
    action: z.string(),
    op: z.string(),
    outcome: z.enum(["success", "failure", "denied", "unknown"]),
    severity: z.enum(["info", "warning", "error", "critical"]),
    occurredAt: instant,
    actor: z.looseObject({ type: z.string() }),
    tenant: z.string(),
  })
  .meta({ id: "Event", description: "The event as docs/design/event.md has it." });

export const entry = z
  .object({
    seq: z.int().describe("The position in the trail."),
    recordedAt: instant,
    hash: z.string().describe("The leaf hash of the entry's bytes, hexadecimal."),
    event,
    erased: pointers.describe("Personal data that was erased for ever."),
    masked: pointers.describe("Personal data that is there and is not shown to this reader."),
    log: z.string().describe("The log that the action belongs to."),
    sentence: z.string().describe("The catalogue's sentence for the event. Plain text: never to be shown as HTML."),
  })
  .meta({ id: "Entry" });

export const entryPage = z.object({
  entries: z.array(entry),
  next: z.string().nullable().describe("The cursor of the next page; null after the last one."),
});

export const embeddedPage = entryPage.extend({
  of: z.enum(["actor", "target", "operation"]),
  reference: z.string().describe("What the token is for: `type/id`, or the operation's id."),
});

export const surroundingEntries = z.object({
  before: z.array(entry).describe("Older ones by position, the nearest last."),
  entry,
  after: z.array(entry).describe("Newer ones by position, the nearest first."),
});

const complete = z
  .boolean()
  .describe(
    "False where only the newest matches were counted: facets and histograms of a large trail by fields that are not counted beforehand, and a viewer's search for words, which has to leave out personal data, entry by entry.",
  );

export const counts = z.object({
  rows: z.array(
    z.object({
      keys: z.array(z.string().nullable()).describe("Bucket first, then the fields in the order asked for."),
      count: z.int(),
    }),
  ),
  complete,
});

export const facets = z.object({
  facets: z.array(
    z.object({
      field: z.string(),
      values: z.array(z.object({ value: z.string().nullable(), count: z.int() })),
      others: z.int().describe("How many further values there are."),
      complete,
    }),
  ),
  leftOut: z
    .array(z.object({ field: z.string(), code: z.literal("QUERY_PERSONAL") }))
    .describe("Fields that were asked for and not counted: personal data, which this reader may not see."),
  complete,
});

export const histogram = z.object({
  bucket: z.enum(["minute", "hour", "day", "week", "month", "year"]),
  bars: z.array(
    z.object({
      begins: instant,
      count: z.int(),
      outcomes: z.record(z.string(), z.int()).describe("How many of each outcome."),
    }),
  ),
  complete,
});

const base64 = z.string().describe("Base64.");

export const checkpoint = z
  .object({
    number: z.int(),
    size: z.int().describe("How many entries it covers."),
    root: base64,
    createdAt: instant,
    note: z.string().describe("The signed note (C2SP tlog-checkpoint), with all its signatures."),
    timestamped: z.boolean(),
  })
  .meta({ id: "Checkpoint" });

export const checkpointPage = z.object({
  checkpoints: z.array(checkpoint),
  next: z.int().nullable().describe("`after` of the next page; null after the last one."),
});

export const proof = z.object({
  seq: z.int(),
  origin: z.string(),
  leafHash: z.string().describe("Hexadecimal."),
  text: z
    .string()
    .nullable()
    .describe("The entry's canonical bytes, whose leaf hash it is. Personal data is not in them."),
  size: z.int().describe("Of the tree that the proof leads to the root of."),
  root: base64,
  path: z.array(base64).describe("The inclusion proof: the hashes on the way to the root, the leaf's sibling first."),
  checkpoint: checkpoint.nullable().describe("The signed checkpoint over that tree; null while none covers the entry."),
  tlogProof: z.string().nullable().describe("The same as a C2SP tlog-proof file; null without a checkpoint."),
});

export const trust = z.object({
  tenant: z.string(),
  origin: z.string(),
  size: z.int(),
  first: z.int().describe("The first position that is still there."),
  lastEventAt: instant.nullable().describe("When the last entry was recorded."),
  ingest: z.object({
    state: z.enum(["ok", "degraded", "closed"]),
    waiting: z.int(),
    spooled: z.int(),
    lagMs: z
      .int()
      .nullable()
      .describe("From the moment the newest entry happened to the moment it was recorded; null in an empty trail."),
    lost: z.int(),
    refused: z.int(),
    unknownActors: z.int(),
  }),
  checkpoint: checkpoint.nullable().describe("The last one that was kept."),
  unsealed: z.int().describe("How many entries no checkpoint covers yet."),
  sealing: z
    .enum(["ok", "refused", "failing", "closed", "absent"])
    .describe("`absent` where this server signs nothing."),
  gaps: z.int().describe("How many `auditrail.gap` entries tell of events that were lost."),
});

export const tenants = z.object({
  tenants: z.array(
    z.object({
      tenant: z.string(),
      origin: z.string(),
      size: z.int(),
      first: z.int(),
      lastEventAt: instant.nullable(),
    }),
  ),
});

const actionDescription = z.looseObject({
  op: z.string(),
  says: z.string(),
  guarantee: z.string(),
  reason: z.string(),
  severity: z.string(),
  version: z.int(),
});

export const catalogue = z.object({
  logs: z.record(
    z.string(),
    z.object({
      title: z.string(),
      readers: z.enum(["staff", "restricted"]),
      list: z.object({
        columns: z.array(z.string()).optional(),
        filters: z.array(z.string()).optional(),
        search: z.array(z.string()).optional(),
      }),
      retainDays: z.number().nullable(),
      open: z.boolean().describe("Whether it also takes actions that are not listed."),
      actions: z.record(z.string(), actionDescription).describe("By their names within the log."),
    }),
  ),
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      says: z.string(),
      values: z.array(z.string()).optional(),
      personal: z.boolean().describe("Whether only readers of personal data may ask for it."),
    }),
  ),
});

export const ingestion = z.object({
  results: z.array(
    z.discriminatedUnion("status", [
      z.object({
        status: z.literal("recorded"),
        id: z.string(),
        hash: z.string(),
        seq: z.int().nullable().describe("Null while it waits: it is safe, but has no position yet."),
        recordedAt: instant.nullable(),
      }),
      z.object({
        status: z.literal("refused"),
        id: z.string().nullable(),
        error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) }),
      }),
    ]),
  ),
  recorded: z.int(),
  refused: z.int(),
});
