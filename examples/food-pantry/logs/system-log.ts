/** What the program says of itself: its log lines, by logger and level. */

import { action, defineLog } from "auditrail";
import { z } from "zod";

export const systemLog = defineLog("system", {
  title: "System log",
  actions: {
    line: action({
      op: "other",
      says: "{data.logger} {data.level}: {message}",
      data: z.looseObject({ logger: z.string(), level: z.string() }),
      guarantee: "buffered",
    }),
  },
  list: {
    columns: ["time", "data.level", "data.logger", "message", "operation"],
    filters: ["data.level", "data.logger", "time"],
    search: ["message"],
  },
  retain: { days: 90 },
  readers: "restricted",
});
