import { z } from "zod";

import { action } from "./action.ts";
import type { Log } from "./catalogue.ts";

/** The log in which the audit trail speaks of itself. Every catalogue has it; nobody else may take its name. */
export const systemLog = {
  name: "auditrail",
  title: "Audit trail",
  actions: {
    gap: action({
      op: "other",
      says: "{data.count} events of {data.producer} could not be kept: {data.cause}",
      severity: "critical",
      data: z.object({
        /** The process whose events are missing. */
        producer: z.string(),
        count: z.int().positive(),
        cause: z.enum(["crash", "store", "spool"]),
        /** When the first and the last of them were accepted, where that is known. */
        from: z.string().optional(),
        until: z.string().optional(),
      }),
    }),
  },
  otherActions: undefined,
  list: { columns: ["time", "action", "data.count", "data.cause"] },
  retain: undefined,
  readers: "staff",
} as const satisfies Log;
