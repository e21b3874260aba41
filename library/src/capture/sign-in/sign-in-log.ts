import { z } from "zod";

import { action } from "../../event/action.ts";
import { defineLog } from "../../event/catalogue.ts";
import { personal } from "../../event/marks.ts";
import type { LogSettings } from "../log-settings.ts";

/** How: `password`, `passkey`, `oidc`, … */
const method = z.string().optional();

/** The sign-in log, `sign-in`: who came, who left, and who tried. Address and user agent are in each event's context. */
export function signInLog(settings: LogSettings = {}) {
  return defineLog("sign-in", {
    title: "Sign-in log",
    actions: {
      "logged-in": action({ op: "auth", says: "{actor} logged in", data: z.object({ method }) }),
      "logged-out": action({
        op: "auth",
        says: "{actor} logged out",
        data: z.object({ cause: z.string().optional() }),
      }),
      failed: action({
        ...{ op: "auth", severity: "warning" },
        says: 'log-in as "{data.name}" failed: {data.cause}',
        // Sealed: it names somebody, and people type passwords into the wrong field.
        data: z.object({ name: personal(z.string()), cause: z.string().optional(), method }),
      }),
    },
    list: {
      columns: ["time", "outcome", "action", "actor", "data.name", "ip", "userAgent"],
      filters: ["action", "outcome", "actor", "ip", "time"],
      search: ["data.name", "actor.name"],
    },
    ...settings,
  });
}
