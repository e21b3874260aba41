import { z } from "zod";

import { action } from "../../event/action.ts";
import { defineLog } from "../../event/catalogue.ts";
import type { LogSettings } from "../log-settings.ts";

/** The system log, `system`: what the application's loggers say, and how much of it could not be kept. */
export function systemLog(settings: LogSettings = {}) {
  return defineLog("system", {
    title: "System log",
    actions: {
      logged: action({
        op: "other",
        says: "{data.logger} {data.level}: {message}",
        guarantee: "buffered",
        data: z.object({
          logger: z.string(),
          level: z.string(),
          /** What the line says besides; secrets in it are masked by name and by shape. */
          fields: z.record(z.string(), z.unknown()).optional(),
        }),
      }),
      dropped: action({
        ...{ op: "other", severity: "warning", guarantee: "buffered" },
        says: "{data.count} log lines could not be kept",
        data: z.object({
          count: z.int().positive(),
          from: z.string(),
          until: z.string(),
          /** By logger, and why. */
          loggers: z.record(z.string(), z.int()),
          causes: z.record(z.string(), z.int()),
        }),
      }),
    },
    list: {
      columns: ["time", "data.level", "data.logger", "message", "operation"],
      filters: ["data.level", "data.logger", "time"],
      search: ["message", "error.message"],
    },
    ...settings,
  });
}
