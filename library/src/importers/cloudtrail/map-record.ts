import { isIP } from "node:net";

import { readInstant } from "../../base/time.ts";
import type { ErrorInfo, Op, Outcome } from "../../event/event.ts";
import type { Reading } from "../importer.ts";
import { isMembers, membersOf, textOf, withoutMissing, type Members } from "./cloudtrail-record.ts";
import { mapIdentity } from "./map-identity.ts";
import { mapTargets } from "./map-targets.ts";

/** One record's text as an event, or why it is none. Never throws. */
export function mapRecord(text: string): Reading {
  const record = parse(text);
  if (typeof record === "string") return { malformed: record };
  const identity = textOf(record, "eventID");
  const name = textOf(record, "eventName");
  const source = textOf(record, "eventSource");
  const occurredAtMicros = readInstant(textOf(record, "eventTime") ?? "");
  if (name === undefined || source === undefined)
    return { malformed: "not a CloudTrail record: it has no eventName or no eventSource" };
  if (occurredAtMicros === undefined) return { malformed: "eventTime is missing, or no RFC 3339 time" };
  const service = source.replace(/\.amazonaws\.com(\.cn)?$/, "");
  return {
    event: {
      action: `cloudtrail.${actionPart(service)}.${actionPart(name)}`,
      occurredAtMicros,
      fields: fieldsOf(record, service, name),
      ...(identity === undefined ? {} : { identity }),
    },
  };
}

function parse(text: string): Members | string {
  try {
    const value: unknown = JSON.parse(text);
    if (!isMembers(value)) return "not a JSON object";
    // `aws cloudtrail lookup-events` wraps the record as text.
    const wrapped = textOf(value, "CloudTrailEvent");
    return wrapped === undefined ? value : parse(wrapped);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Names of services and calls hold nothing else in practice; what does is kept readable, and the original has it exactly. */
function actionPart(name: string): string {
  const parts = name.split(".").map((part) => part.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replace(/^[-_]+/, ""));
  return parts.filter((part) => part !== "").join(".") || "unnamed";
}

function fieldsOf(record: Members, service: string, event: string) {
  const address = textOf(record, "sourceIPAddress");
  const isAddress = address !== undefined && isIP(address) !== 0;
  const error = errorOf(record);
  const outcome = outcomeOf(record, error);
  const targets = mapTargets(service, record);
  return withoutMissing({
    ...mapIdentity(membersOf(record, "userIdentity")),
    targets: targets.length === 0 ? undefined : targets,
    outcome,
    error,
    severity: outcome === "denied" ? ("warning" as const) : undefined,
    correlationId: textOf(record, "sharedEventID"),
    context: withoutMissing({
      ip: isAddress ? address : undefined,
      userAgent: textOf(record, "userAgent"),
      requestId: textOf(record, "requestID"),
      route: textOf(record, "awsRegion"),
      service,
    }),
    data: withoutMissing({
      ...{ service, event, doing: doingOf(event, record["readOnly"]) },
      account: textOf(record, "recipientAccountId"),
      source: isAddress ? undefined : address,
      original: record,
    }),
  });
}

/** AWS has no one code for "not allowed": every service has its own spelling. */
const denied =
  /AccessDenied|Unauthorized|NotAuthorized|Forbidden|AuthorizationError|AuthFailure|PermissionDenied|ExplicitDeny/i;

function errorOf(record: Members): ErrorInfo | undefined {
  const code = textOf(record, "errorCode");
  const message = textOf(record, "errorMessage");
  if (code === undefined && message === undefined) return undefined;
  return withoutMissing({ name: code ?? "Error", code, message: message ?? code! });
}

function outcomeOf(record: Members, error: ErrorInfo | undefined): Outcome {
  if (error !== undefined) return denied.test(error.code ?? "") ? "denied" : "failure";
  const signIn = membersOf(record, "responseElements");
  return textOf(signIn, "ConsoleLogin") === "Failure" || textOf(signIn, "CheckMfa") === "Failure"
    ? "failure"
    : "success";
}

/** What the first word of a call's name says of it. What is not here is `other`, or `read` where AWS says read-only. */
const verbs: Readonly<Record<string, Op>> = {
  ...{
    Create: "create",
    Run: "create",
    Allocate: "create",
    Register: "create",
    Import: "create",
    Copy: "create",
    Publish: "create",
  },
  ...{
    Delete: "delete",
    Terminate: "delete",
    Release: "delete",
    Deregister: "delete",
    Remove: "delete",
    Purge: "delete",
  },
  ...{
    Put: "update",
    Update: "update",
    Modify: "update",
    Set: "update",
    Tag: "update",
    Untag: "update",
    Change: "update",
  },
  ...{
    Enable: "update",
    Disable: "update",
    Associate: "update",
    Disassociate: "update",
    Replace: "update",
    Restore: "update",
  },
  ...{
    Attach: "grant",
    Authorize: "grant",
    Add: "grant",
    Grant: "grant",
    Detach: "revoke",
    Revoke: "revoke",
    Retire: "revoke",
  },
  ...{ Assume: "auth", Console: "auth", Check: "auth", Switch: "auth", Login: "auth" },
  ...{ Start: "execute", Stop: "execute", Reboot: "execute", Invoke: "execute", Send: "execute", Execute: "execute" },
  ...{ Get: "read", List: "read", Describe: "read", Lookup: "read", Search: "read", Head: "read", Batch: "other" },
  ...{ Decrypt: "read", Encrypt: "execute", Generate: "execute", Export: "export", Download: "export" },
};

function doingOf(event: string, readOnly: unknown): Op {
  const [verb = ""] = /^[A-Z][a-z]+/.exec(event) ?? [];
  return verbs[verb] ?? (readOnly === true || readOnly === "true" ? "read" : "other");
}
