import { z } from "zod";

import { action } from "../../event/action.ts";
import { defineLog } from "../../event/catalogue.ts";
import { personal } from "../../event/marks.ts";
import type { LogSettings } from "../log-settings.ts";

const optionalText = z.string().optional();
const messageId = optionalText;
/** Addresses, with commas between them. */
const recipient = personal(z.string()).optional();

const sent = z.object({
  /** What kind of mail it is: `order-confirmation`. */
  type: optionalText,
  template: optionalText,
  ...{ messageId, recipient },
  subject: personal(z.string()).optional(),
  /** How many addresses the server took, and which it refused. */
  accepted: z.int().optional(),
  refused: personal(z.array(z.string())).optional(),
  /** Tries before this one. */
  retries: z.int().nonnegative(),
  /** The server's last answer, such as `550`. */
  smtpCode: z.int().optional(),
});

const notice = z.object({
  ...{ type: optionalText, messageId, recipient },
  /** Why, in the words of the mail system. */
  cause: optionalText,
  smtpCode: z.int().optional(),
});

/** The e-mail log, `email`: what was sent or could not be, and what became of it. Bodies have no place in it. */
export function mailLog(settings: LogSettings = {}) {
  return defineLog("email", {
    title: "E-mail log",
    actions: {
      sent: action({ op: "execute", says: 'e-mail "{data.subject}" to {data.recipient}', data: sent }),
      delivered: action({ op: "update", says: "e-mail to {data.recipient} was delivered", data: notice }),
      bounced: action({
        ...{ op: "update", severity: "warning" },
        says: "e-mail to {data.recipient} bounced: {data.cause}",
        data: notice,
      }),
      complained: action({
        ...{ op: "update", severity: "warning" },
        says: "{data.recipient} complained of an e-mail",
        data: notice,
      }),
    },
    list: {
      columns: [
        "time",
        "outcome",
        "action",
        "data.type",
        "data.recipient",
        "data.subject",
        "data.retries",
        "error.message",
      ],
      filters: ["action", "data.type", "outcome", "time"],
      search: ["data.recipient", "data.subject", "error.message"],
    },
    ...settings,
  });
}
