/**
 * The event: who did what, to what, when, where, why and with what result.
 *
 * Two shapes. {@link EventFields} is what an application writes; {@link AuditEvent} is the event complete, as it is
 * kept in an entry and as readers get it. All times are RFC 3339 in UTC with microseconds.
 */

import type { Json, JsonObject } from "../base/canonical-json.ts";

export const outcomes = ["success", "failure", "denied", "unknown"] as const;
export type Outcome = (typeof outcomes)[number];

export const severities = ["info", "warning", "error", "critical"] as const;
export type Severity = (typeof severities)[number];

/** What kind of doing an action is. */
export const kindsOfDoing = [
  "create",
  "read",
  "update",
  "delete",
  "auth",
  "grant",
  "revoke",
  "execute",
  "export",
  "other",
] as const;
export type Op = (typeof kindsOfDoing)[number];

export const sources = ["http", "bot", "job", "cli", "trigger", "import"] as const;
export type Source = (typeof sources)[number];

/** Who did it: a person, a service, a job, a system, an agent; `unknown` where nobody said. */
export interface Actor {
  readonly type: string;
  readonly id?: string;
  /** Personal data: sealed beside the entry. */
  readonly name?: string;
  /** Personal data: sealed beside the entry. */
  readonly email?: string;
  readonly roles?: readonly string[];
  /** Which key, session or certificate was used: its id, never the thing itself. */
  readonly credential?: string;
  /** The software that acted, such as an AI agent or a client. */
  readonly agent?: string;
}

/** An object that was acted on. The name is copied in, so that history outlives what it talks about. */
export interface Target {
  readonly type: string;
  readonly id: string;
  /** Personal data: sealed beside the entry. */
  readonly name?: string;
  /** What part it played, where an event has several targets: `order`, `voucher`, `from`. */
  readonly role?: string;
  /** What it belongs to, as `type/id`. */
  readonly parent?: string;
}

export interface ErrorInfo {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
}

/** Where it came from. `ip` and `userAgent` are personal data of the actor. */
export interface Where {
  readonly source?: Source;
  readonly ip?: string;
  readonly userAgent?: string;
  readonly requestId?: string;
  readonly sessionId?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly route?: string;
  readonly service?: string;
}

/** Something that was taken out or put right before the event was kept: where (JSON Pointer), and by which rule. */
export interface Redaction {
  readonly path: string;
  readonly rule: string;
}

/** A value that was cut for size: where, how large it was, and its SHA-256 (hex; left out for personal data). */
export interface Truncation {
  readonly path: string;
  readonly bytes: number;
  readonly sha256?: string;
}

/** Many like events that were kept as one by a rule of the capture that made them. */
export interface Collapse {
  readonly count: number;
  readonly from: string;
  readonly until: string;
}

/** What stands in the entry for personal data: whose, where (JSON Pointers), and the salted commitment (base64). */
export interface Seal {
  readonly subject: string;
  readonly paths: readonly string[];
  readonly commitment: string;
}

/** What the application says about one event. The engine adds who and where from the context in force. */
export interface EventFields {
  /** A UUIDv7 made before the first try: the same id again is the same event. Made here when absent. */
  readonly id?: string;
  /** When it happened; the time inside `id`, or now, when absent. */
  readonly occurredAt?: string | Date;
  readonly tenant?: string;
  readonly actor?: Actor;
  readonly onBehalfOf?: readonly Actor[];
  readonly target?: Target;
  readonly targets?: readonly Target[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly data?: unknown;
  readonly outcome?: Outcome;
  readonly error?: unknown;
  readonly durationMs?: number;
  readonly severity?: Severity;
  readonly message?: string;
  readonly reason?: string;
  readonly context?: Where;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly operationId?: string;
  /** Whose personal data this is, as `type/id`. Personal fields of `data` belong to the first of them. */
  readonly subjects?: readonly string[];
  readonly collapsed?: Collapse;
}

/** The version of the event format itself. */
export const eventSchemaVersion = 1;

/** An event as it is kept and read: plain JSON, after redaction. */
export interface AuditEvent {
  readonly schema: number;
  /** The trail it belongs to, so that an entry cannot be replayed into another one. */
  readonly origin: string;
  readonly id: string;
  readonly tenant: string;
  readonly action: string;
  readonly version: number;
  readonly op: Op;
  readonly severity: Severity;
  readonly message?: string;
  readonly outcome: Outcome;
  readonly error?: ErrorInfo;
  readonly durationMs?: number;
  readonly actor: Actor;
  readonly onBehalfOf?: readonly Actor[];
  readonly targets?: readonly Target[];
  readonly before?: Json;
  readonly after?: Json;
  /** JSON Pointers into `before` and `after` of what differs between them. */
  readonly changed?: readonly string[];
  readonly occurredAt: string;
  readonly context?: Where;
  readonly reason?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly operationId?: string;
  readonly data?: JsonObject;
  readonly subjects?: readonly string[];
  readonly redacted?: readonly Redaction[];
  readonly truncated?: readonly Truncation[];
  readonly collapsed?: Collapse;
  readonly sealed?: readonly Seal[];
  /** Which recording process made it; see `docs/design/life-of-an-event.md`. */
  readonly producer?: string;
}

/** `type/id`, or the type alone where there is no id: how queries and seals name an actor or a target. */
export function reference(of: { readonly type: string; readonly id?: string }): string {
  return of.id === undefined ? of.type : `${of.type}/${of.id}`;
}

/** The log that an action belongs to: the part before the first dot. */
export function logOf(action: string): string {
  const dot = action.indexOf(".");
  return dot === -1 ? action : action.slice(0, dot);
}
