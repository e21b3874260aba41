import { z } from "zod";

import { action } from "../../event/action.ts";
import { defineLog } from "../../event/catalogue.ts";
import { personal } from "../../event/marks.ts";

const text = z.string().optional();

/** What AWS writes down of calls to it. Open: there are many thousand kinds of calls, and new ones every week. */
export const cloudtrailLog = defineLog("cloudtrail", {
  title: "AWS CloudTrail",
  actions: {},
  otherActions: action({
    op: "other",
    says: "{actor} called {data.event} of {data.service} in {context.route}",
    data: z.strictObject({
      /** `s3`, `iam`, … */
      service: z.string(),
      event: z.string(),
      /** What kind of doing the call is, as an event's `op` names it. */
      doing: z.string(),
      account: text,
      /** Who called, where that is a service of AWS and not an address. */
      source: text,
      /** The record as AWS wrote it. Addresses, names and user agents are in it, so it can be erased with the actor's data. */
      original: personal(z.unknown(), { of: "actor" }),
    }),
  }),
  list: {
    columns: ["time", "actor", "action", "target", "outcome", "ip"],
    filters: ["outcome", "data.service", "data.doing", "route", "actor.credential"],
    search: ["actor.name", "target"],
  },
});
