import { AuditError, isAuditError } from "../base/errors.ts";
import type { Receipt } from "../trail/types.ts";
import type { MalformedRecord, Tally } from "./import-summary.ts";
import type { SourceRecord } from "./importer.ts";

/** What a record became, in the order of the source; an event's result comes when the trail has answered. */
export type Outcome =
  | { readonly malformed: string }
  | { readonly passedBy: string }
  | { readonly event: { readonly id: string; readonly occurredAtMicros: number }; readonly result: Promise<Result> };

type Result = { readonly receipt: Receipt } | { readonly error: unknown };

/** Turns a promise of a receipt into one that never rejects, so that none is left unhandled while it waits its turn. */
export function resultOf(recording: Promise<Receipt>): Promise<Result> {
  return recording.then(
    (receipt) => ({ receipt }),
    (error: unknown) => ({ error }),
  );
}

export interface RecordQueueOptions {
  readonly tally: Tally;
  readonly maxInFlight: number;
  /** How many entries the trail had before. */
  readonly trailSize: number;
  readonly onMalformed: (record: MalformedRecord) => void | Promise<void>;
}

export interface RecordQueue {
  push(record: SourceRecord, outcome: Outcome): void;
  /** As many records are on their way as may be: call {@link RecordQueue.makeRoom} before the next one. */
  isFull(): boolean;
  /** Waits until half of it is settled. Errors: what the trail failed with. */
  makeRoom(): Promise<void>;
  /** Waits until nothing is on its way. Errors: what the trail failed with. */
  drain(): Promise<void>;
  /** How many of the pushed records, from the first, are settled. */
  settled(): number;
}

/** A source of which this many records, from the first, are all malformed is a source of something else. */
const hopeless = 1000;

/** What the trail says of the event itself; anything else is trouble with the trail, and stops the import. */
const faultsOfTheEvent = [
  "ACTION_UNKNOWN",
  "EVENT_INVALID",
  "EVENT_TOO_LARGE",
  "ACTOR_MISSING",
  "CANONICAL_UNREPRESENTABLE",
  "VALUE_INVALID",
];

/** A window over the records being recorded. It is settled from its oldest end only, so that "the first n are done" is always true. */
export function createRecordQueue({ tally, maxInFlight, trailSize, onMalformed }: RecordQueueOptions): RecordQueue {
  let waiting: (readonly [SourceRecord, Outcome])[] = [];
  let next = 0;
  let settled = 0;
  /** The trail gives new events rising positions, in the order they were recorded: what is below was there before. */
  let newFrom = trailSize;

  const settle = async (record: SourceRecord, outcome: Outcome): Promise<void> => {
    tally.counts.read += 1;
    if ("passedBy" in outcome) tally.addPassedBy(outcome.passedBy);
    else if ("malformed" in outcome) await reject(record, outcome.malformed);
    else await settleEvent(record, outcome.event, await outcome.result);
    // More of it may come when the source grows: it is to be read again then.
    if (record.unfinished !== true) settled += 1;
  };

  const settleEvent = async (
    record: SourceRecord,
    event: { id: string; occurredAtMicros: number },
    result: Result,
  ): Promise<void> => {
    if ("receipt" in result) {
      const { seq } = result.receipt;
      const isNew = seq === null || seq >= newFrom;
      if (isNew && seq !== null) newFrom = seq + 1;
      tally.addEvent(isNew ? "recorded" : "alreadyThere", event.occurredAtMicros);
      return;
    }
    const { error } = result;
    if (isAuditError(error) && error.code === "ID_CONFLICT") tally.addConflict(record.number, event.id, error.message);
    else if (isAuditError(error) && faultsOfTheEvent.includes(error.code)) await reject(record, error.message);
    else {
      tally.counts.read -= 1;
      throw error;
    }
  };

  const reject = async (record: SourceRecord, reason: string): Promise<void> => {
    await onMalformed(tally.addMalformed(record.number, reason, record.text));
    const { malformed, read } = tally.counts;
    if (malformed !== hopeless || read !== hopeless) return;
    throw new AuditError(
      "IMPORT_INVALID",
      `Cannot import: the first ${hopeless} records are all malformed, so this is not the format that was named. The last said: ${reason}`,
    );
  };

  /** Nothing behind a failure may be counted as done, so nothing is settled any more. */
  let failure: { readonly error: unknown } | undefined;
  const settleDownTo = async (count: number): Promise<void> => {
    try {
      if (failure === undefined) return await settleOldest(count);
    } catch (error) {
      failure = { error };
    }
    throw failure.error;
  };

  const settleOldest = async (count: number): Promise<void> => {
    while (waiting.length - next > count) {
      const [record, outcome] = waiting[next]!;
      next += 1;
      await settle(record, outcome);
    }
    waiting = waiting.slice(next);
    next = 0;
  };

  return {
    push: (record, outcome) => void waiting.push([record, outcome]),
    isFull: () => waiting.length - next >= maxInFlight,
    makeRoom: () => settleDownTo(Math.floor(maxInFlight / 2)),
    drain: () => settleDownTo(0),
    settled: () => settled,
  };
}
