/** From what the application says to bytes that are ready to be kept: check, complete, redact, hash. */

import { encodeHex } from "../base/bytes.ts";
import { AuditError, isAuditError, quote } from "../base/errors.ts";
import { idMicros, type IdSource } from "../base/ids.ts";
import { formatInstant, readInstant, type Clock } from "../base/time.ts";
import { currentContext } from "../context/context.ts";
import type { Guarantee } from "../event/action.ts";
import type { Catalogue, CatalogueAction } from "../event/catalogue.ts";
import { assertFields } from "../event/check-fields.ts";
import { checkPayload, type Payload } from "../event/check-payload.ts";
import { errorInfo } from "../event/error-info.ts";
import type { SealedPart } from "../event/entry.ts";
import { eventSchemaVersion, type Actor, type AuditEvent, type EventFields } from "../event/event.ts";
import { anchorActions, anchorTenant } from "../event/system-log.ts";
import { leafHash } from "../integrity/leaf.ts";
import type { RawEvent, Redactor } from "../redaction/redactor.ts";
import { trailOrigin, type PreparedEntry } from "./contracts.ts";
import { derive, type Derived } from "./derive.ts";

/**
 * Classes where literals would do, here and for what else waits for the disk: after a burst in which many wait, V8 makes
 * the objects of a literal in the old space right away (allocation-site pretenuring), where each, though soon dead, keeps
 * its texts alive until a full collection. Measured, that is 2 KB an event to be copied by pauses of the event loop.
 */
export class Prepared {
  readonly entry: PreparedEntry;
  readonly guarantee: Guarantee;
  readonly hashHex: string;

  constructor(entry: PreparedEntry, guarantee: Guarantee, hashHex: string) {
    this.entry = entry;
    this.guarantee = guarantee;
    this.hashHex = hashHex;
  }
}

class FinishedEntry implements PreparedEntry {
  readonly tenant: string;
  readonly id: string;
  readonly text: string;
  readonly hash: Uint8Array;
  readonly sealed: readonly SealedPart[];
  readonly derived: Derived | undefined;

  constructor(
    { tenant, id }: AuditEvent,
    text: string,
    hash: Uint8Array,
    sealed: readonly SealedPart[],
    derived: Derived | undefined,
  ) {
    this.tenant = tenant;
    this.id = id;
    this.text = text;
    this.hash = hash;
    this.sealed = sealed;
    this.derived = derived;
  }
}

export interface PrepareOptions {
  readonly catalogue: Catalogue;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly storeOrigin: string;
  readonly producer: string;
  /** Refuse events without an actor. */
  readonly strict: boolean;
  readonly service: string | undefined;
  /** Whether entries come with what is derived from them. */
  readonly derives: boolean;
  readonly onUnknownActor: () => void;
}

export type PrepareEvent = (action: string, fields: EventFields) => Prepared;

export const defaultTenant = "default";

/** Errors: `ACTION_UNKNOWN`, `EVENT_INVALID`, `EVENT_TOO_LARGE`, `ACTOR_MISSING`. */
export function createPrepareEvent(options: PrepareOptions): PrepareEvent {
  return (actionName, fields) => {
    const action = options.catalogue.find(actionName);
    try {
      return prepare(action, fields, options);
    } catch (cause) {
      if (isAuditError(cause)) throw cause;
      // Getters and proxies in the event are the application's code, and may throw anything while they are read.
      throw new AuditError(
        "EVENT_INVALID",
        `Cannot record ${quote(actionName)}: the event threw while it was read. See the cause.`,
        { cause, details: { action: actionName } },
      );
    }
  };
}

function prepare(action: CatalogueAction, fields: EventFields, options: PrepareOptions): Prepared {
  const { name, definition, dataMarks, stateMarks } = action;
  // The context is the application's word as much as the event is, and comes unchecked: both are checked together.
  const said: unknown = withContext(fields, options.service);
  assertFields(name, said);
  const payload = checkPayload(action, said);
  const raw = complete(name, said, payload, definition, options);
  let derived: Derived | undefined;
  const look = options.derives ? (whole: AuditEvent): void => void (derived = derive(whole)) : undefined;
  const { event, text, sealed } = options.redactor.redact(raw, { data: dataMarks, state: stateMarks }, look);
  assertTenantKept(name, raw.tenant, event.tenant);
  const hash = leafHash(text);
  return new Prepared(new FinishedEntry(event, text, hash, sealed, derived), definition.guarantee, encodeHex(hash));
}

/** A tenant that redaction masks would share a trail with every other such tenant. */
function assertTenantKept(action: string, given: string, kept: string): void {
  if (given === kept) return;
  throw new AuditError(
    "EVENT_INVALID",
    `Cannot record ${quote(action)}: the name of its tenant looks like a secret, or is no well-formed text. Name tenants by an id that is neither.`,
    { details: { action } },
  );
}

/** What the event says, and where it says nothing, what the context in force says. */
function withContext(fields: EventFields, service: string | undefined): EventFields {
  if (!isObject(fields)) return fields;
  const ambient = currentContext();
  const context = service === undefined ? ambient.context : { service, ...ambient.context };
  if (context === undefined && Object.keys(ambient).length === 0) return fields;
  const said: Record<string, unknown> = { ...ambient };
  const own = fields as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(own)) {
    const value = own[name];
    if (value !== undefined) said[name] = value;
  }
  if (context !== undefined && isObject(fields.context ?? {})) said["context"] = { ...context, ...fields.context };
  return said;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** The event with everything that has to be there. What nobody said is undefined, which redaction leaves out. */
function complete(
  action: string,
  given: EventFields,
  { before, after, data }: Payload,
  definition: { readonly op: RawEvent["op"]; readonly severity: RawEvent["severity"]; readonly version: number },
  options: PrepareOptions,
): RawEvent {
  const { target, targets = target === undefined ? undefined : [target], tenant = defaultTenant, error } = given;
  if (tenant === anchorTenant && !anchorActions.includes(action)) throw reservedTenant(action);
  return {
    schema: eventSchemaVersion,
    origin: trailOrigin(options.storeOrigin, tenant),
    ...identify(given, options),
    tenant,
    action,
    version: definition.version,
    op: definition.op,
    severity: given.severity ?? definition.severity,
    message: given.message,
    outcome: given.outcome ?? (error === undefined ? "success" : "failure"),
    error: error === undefined ? undefined : errorInfo(error),
    durationMs: given.durationMs,
    actor: chooseActor(action, given, options),
    onBehalfOf: given.onBehalfOf,
    targets,
    before,
    after,
    context: given.context,
    reason: given.reason,
    correlationId: given.correlationId,
    causationId: given.causationId,
    operationId: given.operationId,
    data,
    subjects: given.subjects,
    collapsed: given.collapsed,
    producer: options.producer,
  } as RawEvent;
}

/**
 * Id and time. An id that the caller brings was made before the first try, so the time inside it is the same at every
 * try; the clock is not, and would make the same event look like another one.
 */
function identify(
  { id, occurredAt }: EventFields,
  { clock, ids }: PrepareOptions,
): { readonly id: string; readonly occurredAt: string } {
  const said =
    occurredAt instanceof Date
      ? occurredAt.getTime() * 1000
      : occurredAt === undefined
        ? undefined
        : readInstant(occurredAt);
  const micros = said ?? (id === undefined ? clock.nowMicros() : idMicros(id));
  return { id: id ?? ids(), occurredAt: formatInstant(micros) };
}

function chooseActor(action: string, { actor }: EventFields, options: PrepareOptions): Actor {
  if (actor !== undefined) return actor;
  if (options.strict) {
    throw new AuditError(
      "ACTOR_MISSING",
      `Cannot record ${quote(action)}: nobody is named as its actor, and this trail is strict. Pass actor, or run inside trail.with({ actor }, …).`,
    );
  }
  options.onUnknownActor();
  return { type: "unknown" };
}

function reservedTenant(action: string): AuditError {
  return new AuditError(
    "EVENT_INVALID",
    `Cannot record ${quote(action)}: the tenant ${quote(anchorTenant)} is ours, for the checkpoints of all other trails. Use another name.`,
    { details: { action } },
  );
}
