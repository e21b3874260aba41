/** What became of every mail: sent or failed at once, and what the mail system told about it later. */

import { action, defineLog, personal } from "auditrail";
import { z } from "zod";

const mail = z.object({
  /** Which row of the outbox. */
  mail: z.int(),
  type: z.string(),
  template: z.string(),
  recipient: personal(z.string()),
  subject: personal(z.string()),
  status: z.enum(["sent", "failed"]),
  delivery: z.enum(["unknown", "delivered", "bounced", "complained"]),
  sentAt: z.string().optional(),
  messageId: z.string().optional(),
  /** Tries after the first. */
  retries: z.int(),
});

export const emailLog = defineLog("email", {
  title: "E-mail log",
  actions: {
    sent: action({
      op: "execute",
      says: 'mail "{data.subject}" to {data.recipient}: {data.status}',
      data: mail,
      guarantee: "atomic",
    }),
    noticed: action({
      op: "update",
      says: 'mail "{data.subject}" to {data.recipient} was {data.delivery}',
      data: mail,
      state: z.object({ delivery: z.string() }),
      guarantee: "atomic",
    }),
  },
  list: {
    columns: [
      "time",
      "outcome",
      "data.type",
      "data.recipient",
      "data.subject",
      "data.delivery",
      "data.retries",
      "error.message",
    ],
    filters: ["data.type", "outcome", "time"],
    search: ["data.recipient", "data.subject", "error.message"],
  },
  retain: { days: 730 },
});
