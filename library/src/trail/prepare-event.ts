/** From what the application says to bytes that are ready to be kept: check, complete, redact, hash. */

import { encodeHex } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { idMicros, type IdSource } from "../base/ids.ts";
import { formatInstant, readInstant, type Clock } from "../base/time.ts";
import { currentContext, type RecordContext } from "../context/context.ts";
import type { Guarantee } from "../event/action.ts";
import type { Catalogue } from "../event/catalogue.ts";
import { assertFields } from "../event/check-fields.ts";
import { checkPayload } from "../event/check-payload.ts";
import { errorInfo } from "../event/error-info.ts";
import { eventSchemaVersion, type Actor, type EventFields } from "../event/event.ts";
import { anchorActions, anchorTenant } from "../event/system-log.ts";
import { leafHash } from "../integrity/leaf.ts";
import type { RawEvent, Redactor } from "../redaction/redactor.ts";
import { trailOrigin, type PreparedEntry } from "./contracts.ts";

export interface Prepared {
  readonly entry: PreparedEntry;
  readonly guarantee: Guarantee;
  readonly hashHex: string;
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
  readonly onUnknownActor: () => void;
}

export type PrepareEvent = (action: string, fields: EventFields) => Prepared;

export const defaultTenant = "default";

/** Errors: `ACTION_UNKNOWN`, `EVENT_INVALID`, `EVENT_TOO_LARGE`, `ACTOR_MISSING`. */
export function createPrepareEvent(options: PrepareOptions): PrepareEvent {
  const { catalogue, redactor } = options;
  return (actionName, fields) => {
    const action = catalogue.find(actionName);
    assertFields(actionName, fields);
    const payload = checkPayload(action, fields);
    const { definition, dataMarks, stateMarks } = action;
    const raw = complete(actionName, { ...fields, ...payload }, definition, options);
    const marks = { ...(dataMarks && { data: dataMarks }), ...(stateMarks && { state: stateMarks }) };
    const { event, text, sealed } = redactor.redact(raw, marks);
    const hash = leafHash(text);
    return {
      entry: { tenant: event.tenant, id: event.id, text, hash, sealed },
      guarantee: definition.guarantee,
      hashHex: encodeHex(hash),
    };
  };
}

/** The event with everything that its surroundings know. Members without a value are left out, not undefined. */
function complete(
  action: string,
  given: EventFields,
  definition: { readonly op: RawEvent["op"]; readonly severity: RawEvent["severity"]; readonly version: number },
  options: PrepareOptions,
): RawEvent {
  const ambient = currentContext();
  const { target, targets = target === undefined ? undefined : [target], error } = given;
  const tenant = given.tenant ?? ambient.tenant ?? defaultTenant;
  if (tenant === anchorTenant && !anchorActions.includes(action)) throw reservedTenant(action);
  const event = {
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
    actor: chooseActor(action, given, ambient, options),
    onBehalfOf: given.onBehalfOf ?? ambient.onBehalfOf,
    targets,
    before: given.before,
    after: given.after,
    context: where(given, ambient, options.service),
    reason: given.reason ?? ambient.reason,
    correlationId: given.correlationId ?? ambient.correlationId,
    causationId: given.causationId ?? ambient.causationId,
    operationId: given.operationId ?? ambient.operationId,
    data: given.data,
    subjects: given.subjects,
    collapsed: given.collapsed,
    producer: options.producer,
  };
  return withoutUndefined(event) as unknown as RawEvent;
}

/**
 * Id and time. An id that the caller brings was made before the first try, so the time inside it is the same at every
 * try; the clock is not, and would make the same event look like another one.
 */
function identify({ id, occurredAt }: EventFields, { clock, ids }: PrepareOptions): { readonly id: string; readonly occurredAt: string } {
  const said = occurredAt instanceof Date ? occurredAt.getTime() * 1000 : occurredAt === undefined ? undefined : readInstant(occurredAt);
  const micros = said ?? (id === undefined ? clock.nowMicros() : idMicros(id));
  return { id: id ?? ids(), occurredAt: formatInstant(micros) };
}

function chooseActor(action: string, given: EventFields, ambient: RecordContext, options: PrepareOptions): Actor {
  const actor = given.actor ?? ambient.actor;
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

function where(given: EventFields, ambient: RecordContext, service: string | undefined): EventFields["context"] {
  if (given.context === undefined && ambient.context === undefined && service === undefined) return undefined;
  return { ...(service !== undefined && { service }), ...ambient.context, ...given.context };
}

function reservedTenant(action: string): AuditError {
  return new AuditError(
    "EVENT_INVALID",
    `Cannot record ${quote(action)}: the tenant ${quote(anchorTenant)} is ours, for the checkpoints of all other trails. Use another name.`,
    { details: { action } },
  );
}

function withoutUndefined(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name in object) if (object[name] !== undefined) kept[name] = object[name];
  return kept;
}
