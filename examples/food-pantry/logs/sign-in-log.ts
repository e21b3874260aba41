/** Who came and went, and who tried to: the name that was tried, never the password. Addresses and browsers are in the context. */

import { action, defineLog, personal } from "auditrail";
import { z } from "zod";

const session = z.object({ nameTried: personal(z.string(), { of: "actor" }).optional() });

export const signInLog = defineLog("sign-in", {
  title: "Sign-in log",
  actions: {
    "signed-in": action({ op: "auth", says: "{actor} signed in" }),
    "signed-out": action({ op: "auth", says: "{actor} signed out" }),
    failed: action({
      ...{ op: "auth", severity: "warning" },
      says: 'somebody tried to sign in as "{data.nameTried}"',
      data: session,
    }),
  },
  list: {
    columns: ["time", "sentence", "outcome", "actor", "ip", "userAgent"],
    filters: ["action", "outcome", "time"],
    search: ["data.nameTried"],
  },
  retain: { days: 365 },
  readers: "restricted",
});
