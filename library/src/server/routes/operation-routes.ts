/** Taking events in, the embeddable timeline, and what operators and programs ask for. */

import { z } from "zod";

import * as account from "../schemas/account-schemas.ts";
import * as asking from "../schemas/asking-schemas.ts";
import * as entries from "../schemas/entry-schemas.ts";
import { administrators, anyone, people, route } from "../route.ts";

export const operationRoutes = {
  recordEvents: route({
    name: "recordEvents",
    method: "POST",
    path: "/api/v1/events",
    says: "Records a batch of events, each by its own: what one of them lacks does not stop the others. Send an event again with the same id, and it is recorded once.",
    area: "Ingestion",
    access: { kind: "callers", roles: [], scope: "events:write" },
    body: z.strictObject({
      events: z
        .array(z.looseObject({ action: z.string().max(200) }))
        .min(1)
        .max(1000)
        .describe("`action`, and the fields of an event as docs/design/event.md has them. 1 to 1,000."),
    }),
    answer: {
      status: 200,
      says: "One result for each event, in order. 207 where some were refused.",
      schema: entries.ingestion,
    },
    errors: ["TRAIL_OVERLOADED", "SPOOL_FULL", "SPOOL_FAILED", "STORE_READ_ONLY", "REQUEST_TOO_LARGE"],
  }),
  createEmbedToken: route({
    name: "createEmbedToken",
    method: "POST",
    path: "/api/v1/embed-tokens",
    says: "Makes a short-lived token with which one timeline can be read, and nothing else: of the logs that are for staff, without personal data unless it reveals.",
    area: "Embedding",
    access: people("entries:read"),
    body: account.newEmbedToken,
    answer: { status: 201, says: "The token.", schema: account.embedToken },
  }),
  listEmbeddedTimeline: route({
    name: "listEmbeddedTimeline",
    method: "GET",
    path: "/api/v1/embed/timeline",
    says: "The timeline that the token is for. Any web page may ask (CORS), with the token as `Authorization: Bearer …`.",
    area: "Embedding",
    access: { kind: "embed-token" },
    query: z.strictObject({
      limit: asking.listing.shape.limit,
      cursor: asking.listing.shape.cursor,
      direction: asking.listing.shape.direction,
      target: asking.timelineAsking.shape.target.describe(
        "What the page means to show (as `actor` and `operation`): refused where the token is for another.",
      ),
      actor: asking.timelineAsking.shape.actor,
      operation: asking.timelineAsking.shape.operation,
    }),
    answer: { status: 200, says: "The page.", schema: entries.embeddedPage },
    errors: ["EMBED_INVALID", "CURSOR_INVALID"],
  }),
  checkLive: route({
    name: "checkLive",
    method: "GET",
    path: "/health/live",
    says: "Whether the process answers.",
    area: "Operation",
    access: anyone,
    answer: { status: 200, says: "It does.", schema: z.object({ status: z.literal("ok") }) },
  }),
  checkReady: route({
    name: "checkReady",
    method: "GET",
    path: "/health/ready",
    says: "Whether the trail can be read, and takes events. Answers 503 where not.",
    area: "Operation",
    access: anyone,
    answer: { status: 200, says: "It does.", schema: z.object({ status: z.enum(["ok", "degraded"]) }) },
    errors: ["STORE_FAILED"],
  }),
  readMetrics: route({
    name: "readMetrics",
    method: "GET",
    path: "/metrics",
    says: "Metrics as Prometheus reads them.",
    area: "Operation",
    access: administrators("metrics:read"),
    answer: { status: 200, says: "The metrics.", type: "text/plain; version=0.0.4" },
  }),
  readOpenapi: route({
    name: "readOpenapi",
    method: "GET",
    path: "/api/v1/openapi.json",
    says: "This interface as OpenAPI 3.1.",
    area: "Operation",
    access: anyone,
    answer: { status: 200, says: "The document.", schema: z.looseObject({ openapi: z.literal("3.1.0") }) },
  }),
  readReference: route({
    name: "readReference",
    method: "GET",
    path: "/api/v1/reference",
    says: "This interface as a page to read.",
    area: "Operation",
    access: anyone,
    answer: { status: 200, says: "The page.", type: "text/html" },
  }),
} as const;
