import type { Clock } from "../base/time.ts";
import { formatInstant } from "../base/time.ts";
import type { IdSource } from "../base/ids.ts";
import { bindContext, currentContext, runWithContext } from "../context/context.ts";
import type { EventFields } from "../event/event.ts";
import type { OpenOperation, Operation } from "./types.ts";

export interface TrackOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly record: (action: string, fields: EventFields) => Promise<unknown>;
  /** Records without a context, soon. Throws where the trail is closed. */
  readonly handOver: (action: string, fields: EventFields) => void;
  readonly isBuffered: (action: string) => boolean;
  /** Throws where the action can never be recorded like this: before the operation is run, not after. */
  readonly assertAction: (action: string) => void;
  /** Throws where nothing can be recorded any more. */
  readonly assertOpen: () => void;
  /** Told of an operation that could not be recorded and has nobody to reject to, so that it is counted where people see it. */
  readonly onUnrecorded: (error: unknown) => void;
}

/**
 * Begins operations. The id of each is made before anything of it runs, so that what is recorded inside can name it as
 * its cause.
 */
export function createBegin(options: TrackOptions) {
  const { clock, ids, record, handOver, isBuffered, assertAction, onUnrecorded } = options;
  return function begin(action: string, fields: EventFields = {}): Begun {
    assertAction(action);
    const startedMicros = clock.nowMicros();
    const started = performance.now();
    const id = fields.id ?? ids();
    const outer = currentContext();
    const operationId = fields.operationId ?? outer.operationId ?? id;
    let said: EventFields = { occurredAt: formatInstant(startedMicros), ...fields, id, operationId };
    let isOurs = Object.keys(outer).length === 0 && isBuffered(action);
    const duration = (): number => roundedMs(performance.now() - started);
    const say = (more: EventFields): void => {
      said = { ...said, ...more };
      isOurs = false;
    };
    // An operation may end in a listener that runs in no context, or in another one's.
    const recordAs = bindContext((name: string, more: EventFields, unlessSaid: EventFields) =>
      record(name, { ...unlessSaid, ...said, durationMs: duration(), ...more }),
    );
    const end = async (more: EventFields = {}, as = action): Promise<void> => {
      await recordAs(as, more, {}).catch(onUnrecorded);
    };
    return {
      id,
      operationId,
      set: say,
      after: (state) => say({ after: state }),
      run: (fn) => runWithContext({ operationId, causationId: id }, fn),
      record: (unlessSaid) => recordAs(action, {}, unlessSaid),
      end,
      handOver(more = {}) {
        if (!isOurs) {
          void end(more);
          return;
        }
        try {
          handOver(action, { ...said, durationMs: duration(), ...more });
        } catch (error) {
          onUnrecorded(error);
        }
      },
    };
  };
}

interface Begun extends OpenOperation {
  /** Records it, with these fields where nothing was said. Rejects where that fails. */
  record(unlessSaid: EventFields): Promise<unknown>;
}

/**
 * Runs something as one operation and records how it went. The error of the operation is thrown on as it came, also
 * where recording it fails too; that is counted.
 */
export function createTrack({ assertOpen, onUnrecorded, ...options }: TrackOptions) {
  const begin = createBegin({ assertOpen, onUnrecorded, ...options });
  return async function track<Result>(
    action: string,
    fields: Partial<EventFields>,
    fn: (operation: Operation) => Result | Promise<Result>,
  ): Promise<Result> {
    const operation = begin(action, fields);
    assertOpen();
    let result: Result;
    try {
      result = await operation.run(() => fn(operation));
    } catch (error) {
      await operation.record({ outcome: "failure", error }).catch(onUnrecorded);
      throw error;
    }
    await operation.record({});
    return result;
  };
}

/** Microseconds are what the clock gives; more digits would be noise. */
function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
