import { parseInstant } from "../base/time.ts";
import { logOf, type AuditEvent, type Op, type Outcome, type Severity } from "./event.ts";

/** What a store keeps beside an entry's bytes to find it by; always derivable from the bytes again. */
export interface DerivedColumns {
  readonly timeMicros: number;
  readonly log: string;
  readonly action: string;
  /** Of hours alone, as `severity` is: an entry has no column for it. */
  readonly op: Op;
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly actorType: string;
  readonly actorId: string | null;
  readonly operationId: string | null;
  /** Each target once. */
  readonly targets: readonly { readonly type: string; readonly id: string }[];
}

export function deriveColumns(event: AuditEvent): DerivedColumns {
  return {
    timeMicros: parseInstant(event.occurredAt),
    log: logOf(event.action),
    action: event.action,
    op: event.op,
    severity: event.severity,
    outcome: event.outcome,
    actorType: event.actor.type,
    actorId: event.actor.id ?? null,
    operationId: event.operationId ?? null,
    targets: distinctTargets(event.targets ?? []),
  };
}

function distinctTargets(targets: readonly { readonly type: string; readonly id: string }[]) {
  return targets
    .filter(({ type, id }, index) => targets.findIndex((other) => other.type === type && other.id === id) === index)
    .map(({ type, id }) => ({ type, id }));
}
