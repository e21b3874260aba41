import { z } from "zod";

import { action } from "./action.ts";
import type { Log } from "./catalogue.ts";
import { exact, personal } from "./marks.ts";

const position = z.int().nonnegative();

/** The tenant whose trail holds the checkpoints of all others, and nothing else: whoever witnesses it witnesses all. */
export const anchorTenant = "auditrail.anchor";

/** What may be recorded in the anchor's trail. */
export const anchorActions: readonly string[] = ["auditrail.checkpointed", "auditrail.epoch-begun"];

const tenants = z.array(z.string()).nullable();
const access = z.object({ roles: z.array(z.string()), tenants, disabled: z.boolean() });
const keyState = z.object({ scopes: z.array(z.string()), tenants, expiresAt: z.string().nullable() });
const reading = z.object({
  what: z.enum(["entries", "entry", "surrounding", "timeline", "counts", "tail", "proof"]),
  tenant: z.string(),
  query: personal(z.string(), { of: "actor" }).optional(),
});

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
    checkpointed: action({
      op: "other",
      says: "Trail {data.tenant} had {data.size} entries",
      // One tenant's signed checkpoint, as an entry of the anchor trail: whoever witnesses the anchor witnesses all.
      data: z.object({
        ...{ tenant: exact(z.string()), origin: exact(z.string()), size: position },
        ...{ root: exact(z.base64()), note: exact(z.string()) },
      }),
    }),
    "epoch-begun": action({
      op: "other",
      says: "{actor} began epoch {data.epoch}: {reason}",
      severity: "critical",
      reason: "required",
      // What had been signed before, and what the store held when it was found not to fit.
      data: z.object({
        ...{ epoch: z.int().min(2), checkpoint: exact(z.string()) },
        ...{ size: position, root: exact(z.base64()) },
      }),
    }),
    redacted: action({
      op: "delete",
      says: "{actor} erased personal data: {reason}",
      severity: "warning",
      reason: "required",
      // Which compartments (`event.sealed[part]`) of which entries.
      data: z.object({ entries: z.array(z.object({ seq: position, parts: z.array(position).min(1) })).min(1) }),
    }),
    shredded: action({
      op: "delete",
      says: "{actor} erased all personal data of {data.subject}: {reason}",
      severity: "warning",
      reason: "required",
      // Every compartment of this subject in the entries before position `to`.
      data: z.object({ subject: z.string(), to: position }),
    }),
    pruned: action({
      op: "delete",
      says: "{actor} removed entries {data.from} to {data.to}: {reason}",
      severity: "warning",
      reason: "required",
      // From the first to before the second; both are multiples of 256, because tiles are kept whole.
      data: z.object({ from: position.multipleOf(256), to: position.multipleOf(256) }),
    }),
    held: action({
      op: "other",
      says: "{actor} put a legal hold on {data.subject}: {reason}",
      reason: "required",
      // On one subject's data, or on all entries where none is named.
      data: z.object({ hold: z.string(), subject: z.string().optional() }),
    }),
    "hold-released": action({
      op: "other",
      says: "{actor} released legal hold {data.hold}: {reason}",
      reason: "required",
      data: z.object({ hold: z.string() }),
    }),
    // What people and programs do through the server.
    "signed-in": action({
      op: "auth",
      says: "{actor} signed in",
      data: z.object({ by: z.enum(["password", "set-up", "hand-over"]) }),
    }),
    "sign-in-failed": action({
      op: "auth",
      says: "{actor} could not sign in: {data.cause}",
      severity: "warning",
      // The name that was tried is sealed: people type passwords into the wrong field.
      data: z.object({
        name: personal(z.string(), { of: "actor" }),
        cause: z.enum(["credentials", "delayed", "disabled", "link", "hand-over"]),
      }),
    }),
    "signed-out": action({ op: "auth", says: "{actor} signed out" }),
    read: action({ op: "read", says: "{actor} read {data.what}", data: reading }),
    revealed: action({ op: "read", says: "{actor} read {data.what} with personal data", data: reading }),
    exported: action({
      op: "export",
      says: "{actor} exported {data.entries} entries as {data.format}",
      data: z.object({
        format: z.enum(["jsonl", "csv"]),
        tenant: z.string(),
        query: personal(z.string(), { of: "actor" }),
        /** How many matched when it began. */
        entries: z.int().nonnegative(),
        /** Whether personal data was in it. */
        personal: z.boolean(),
      }),
    }),
    "person-created": action({ op: "create", says: "{actor} created {target}", state: access }),
    "person-changed": action({
      op: "update",
      says: "{actor} changed {target}",
      state: access,
      data: z.object({ changed: z.array(z.enum(["roles", "tenants", "disabled", "password"])) }),
    }),
    "key-created": action({ op: "grant", says: "{actor} made the API key {target}", state: keyState }),
    "key-revoked": action({ op: "revoke", says: "{actor} revoked the API key {target}" }),
    "embed-token-created": action({
      op: "grant",
      says: "{actor} let a timeline be embedded until {data.expiresAt}",
      data: z.object({
        of: z.enum(["actor", "target", "operation"]),
        reference: z.string(),
        expiresAt: z.string(),
        /** Whether it shows personal data. */
        reveals: z.boolean().optional(),
      }),
    }),
  },
  otherActions: undefined,
  list: { columns: ["time", "actor", "action", "reason"] },
  retain: undefined,
  readers: "staff",
} as const satisfies Log;
