/** How the pantry is run: participants, settings, products, programs, mail types, people and what only superusers do. */

import { action, defineLog, money, personal } from "auditrail";
import { z } from "zod";

import { roles } from "../rules/roles.ts";

const participant = z.object({
  name: personal(z.string(), { of: "target" }),
  email: personal(z.string(), { of: "target" }),
  adults: z.int(),
  children: z.int(),
  infants: z.int(),
  language: z.string(),
  program: z.string(),
  active: z.boolean(),
});
const settings = z.object({ adult: money, child: money, infant: money });
const windows = z.object({ windows: z.array(z.string()) });
const mailType = z.object({
  displayName: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  active: z.boolean(),
});
const account = z.object({ role: z.enum(roles), active: z.boolean() });
const bulk = z.object({
  program: z.string(),
  kind: z.string(),
  made: z.array(z.string()),
  skipped: z.array(z.object({ participant: z.string(), reason: z.string() })),
  madeCount: z.int(),
  skippedCount: z.int(),
});

export const pantryLog = defineLog("pantry", {
  title: "Pantry administration",
  actions: {
    "participant-registered": action({
      op: "create",
      says: "{actor} registered {target}",
      state: participant,
      guarantee: "atomic",
    }),
    "participant-changed": action({
      op: "update",
      says: "{actor} changed {target}",
      state: participant,
      guarantee: "atomic",
    }),
    "participant-deleted": action({
      op: "delete",
      says: "{actor} deleted participant {target.id}: {reason}",
      state: participant,
      reason: "required",
      guarantee: "atomic",
    }),
    "settings-changed": action({
      op: "update",
      says: "{actor} set vouchers to {after.adult} for adults, {after.child} for children, {after.infant} more in diapers",
      state: settings,
      guarantee: "atomic",
    }),
    "windows-changed": action({
      op: "update",
      says: "{actor} changed when {target.id} takes orders",
      state: windows,
      guarantee: "atomic",
    }),
    "stock-changed": action({
      op: "update",
      says: "{actor} set the stock of {target.id} from {before.stock} to {after.stock}",
      state: z.object({ stock: z.int() }),
      guarantee: "atomic",
    }),
    "mail-type-changed": action({
      op: "update",
      says: "{actor} changed the mail {target.id}",
      state: mailType,
      guarantee: "atomic",
    }),
    "vouchers-made": action({
      op: "create",
      says: "{actor} made {data.madeCount} {data.kind} vouchers for {data.program}, {data.skippedCount} skipped",
      data: bulk,
      guarantee: "atomic",
    }),
    "account-made": action({
      op: "create",
      says: "{actor} made an account for {target}",
      state: account,
      guarantee: "atomic",
    }),
    "account-changed": action({
      op: "update",
      says: "{actor} changed the account of {target}",
      state: account,
      guarantee: "atomic",
    }),
    "password-changed": action({ op: "update", says: "{actor} changed the password of {target}", guarantee: "atomic" }),
    "password-reset-asked": action({
      op: "update",
      says: "{actor} asked for a new password for {target}",
      guarantee: "atomic",
    }),
    "statement-run": action({
      ...{ op: "execute", severity: "warning" },
      says: "{actor} ran an SQL statement: {outcome}",
      data: z.object({ statement: z.string(), rows: z.int().optional() }),
      reason: "required",
    }),
  },
  list: {
    columns: ["time", "sentence", "target", "outcome", "reason", "actor"],
    filters: ["action", "outcome", "actor", "time"],
    search: ["reason", "target.id"],
  },
  retain: { days: 2555 },
});
