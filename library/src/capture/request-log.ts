import { z } from "zod";

import { action } from "../event/action.ts";
import { defineLog } from "../event/catalogue.ts";
import type { LogSettings } from "./log-settings.ts";

export interface RequestLogOptions<Data extends z.ZodRawShape, G extends "buffered" | "durable"> extends LogSettings {
  /** Members of `data` besides method and status: what is not named here, such as a query string, is never recorded. */
  readonly data?: Data;
  /** `buffered` unless said. Answers never wait for it. */
  readonly guarantee?: G;
}

/**
 * The request log, `http`: `http.requested` for requests that may change something, `http.read` for those that only
 * read. Put it into the catalogue of an application whose requests are captured.
 *
 * @example
 * const catalogue = defineCatalogue(requestLog({ retain: { days: 90 } }), orderLog);
 */
export function requestLog<Data extends z.ZodRawShape = {}, G extends "buffered" | "durable" = "buffered">(
  options: RequestLogOptions<Data, G> = {},
) {
  const { data: more = {} as Data, guarantee = "buffered" as G, ...settings } = options;
  const data = z.object({
    method: z.string(),
    /** Absent where the client left before an answer was begun. */
    status: z.int().optional(),
    /** The client left before the answer was complete. */
    aborted: z.literal(true).optional(),
    ...more,
  });
  return defineLog("http", {
    title: "Request log",
    actions: {
      requested: action({
        op: "execute",
        says: "{actor} sent {data.method} {context.route}, answered {data.status}",
        ...{ data, guarantee },
      }),
      read: action({
        op: "read",
        says: "{actor} read {context.route}, answered {data.status}",
        ...{ data, guarantee },
      }),
    },
    list: {
      columns: ["time", "outcome", "actor", "data.method", "route", "data.status", "duration"],
      filters: ["outcome", "time", "actor", "route", "data.method", "data.status", "ip"],
      search: ["route", "actor.name", "error.message"],
    },
    ...settings,
  });
}
