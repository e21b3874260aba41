import type { Clock } from "../base/time.ts";
import { formatInstant } from "../base/time.ts";
import type { IdSource } from "../base/ids.ts";
import { currentContext, runWithContext } from "../context/context.ts";
import type { EventFields } from "../event/event.ts";
import type { Operation } from "./types.ts";

export interface TrackOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly record: (action: string, fields: EventFields) => Promise<unknown>;
  /** Throws where the action cannot be recorded at all: before the operation is run, not after. */
  readonly assertRecordable: (action: string) => void;
  /** Told when a failed operation could not be recorded either, so that it is counted where people see it. */
  readonly onUnrecorded: (error: unknown) => void;
}

/**
 * Runs something as one operation and records how it went: its id is made before it starts, so that what is recorded
 * inside can name it as its cause. The error of the operation is thrown on as it came, also where recording it
 * fails too; that is counted.
 */
export function createTrack({ clock, ids, record, assertRecordable, onUnrecorded }: TrackOptions) {
  return async function track<Result>(
    action: string,
    fields: Partial<EventFields>,
    fn: (operation: Operation) => Result | Promise<Result>,
  ): Promise<Result> {
    assertRecordable(action);
    const startedMicros = clock.nowMicros();
    const started = performance.now();
    const id = fields.id ?? ids();
    const outer = currentContext();
    const operationId = fields.operationId ?? outer.operationId ?? id;
    let said: EventFields = { occurredAt: formatInstant(startedMicros), ...fields, id, operationId };
    const operation: Operation = {
      id,
      operationId,
      set: (more) => (said = { ...said, ...more }),
      after: (state) => (said = { ...said, after: state }),
    };
    const ended = (): EventFields => ({ ...said, durationMs: roundedMs(performance.now() - started) });
    let result: Result;
    try {
      result = await runWithContext({ operationId, causationId: id }, () => fn(operation));
    } catch (error) {
      await record(action, { outcome: "failure", error, ...ended() }).catch(onUnrecorded);
      throw error;
    }
    await record(action, ended());
    return result;
  };
}

/** Microseconds are what the clock gives; more digits would be noise. */
function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
