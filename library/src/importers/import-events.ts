import { AuditError, assertKnownOptions, isAuditError, quote } from "../base/errors.ts";
import { formatInstant, systemClock, type Clock } from "../base/time.ts";
import { assertFields } from "../event/check-fields.ts";
import type { EventFields } from "../event/event.ts";
import type { TrailHead } from "../trail/contracts.ts";
import type { Receipt } from "../trail/types.ts";
import { decompress } from "./decompress.ts";
import { createEventIdentity } from "./event-identity.ts";
import type { ImportState } from "./import-state.ts";
import { createTally, type ImportSummary, type MalformedRecord, type Tally } from "./import-summary.ts";
import type { ImportSource } from "./import-source.ts";
import type { Importer, MappedEvent, SourceRecord } from "./importer.ts";
import { createPlace, type Place } from "./import-place.ts";
import { createRecordQueue, resultOf, type Outcome, type RecordQueue } from "./record-queue.ts";
import { RepeatCounter } from "./repeat-counter.ts";

/** The part of an open trail that importing needs; every `Trail` fits. */
export interface ImportTrail {
  record(action: string, fields: EventFields): Promise<Receipt>;
  flush(): Promise<void>;
  trails(): Promise<readonly TrailHead[]>;
}

export interface ImportProgress {
  readonly read: number;
  readonly recorded: number;
  /** Raw bytes taken from the source, to be held against the size of the file. */
  readonly bytesRead: number;
}

export interface ImportOptions {
  readonly importer: Importer;
  readonly source: ImportSource;
  /** An open trail whose catalogue has the importer's logs. May be left out of a dry run. */
  readonly trail?: ImportTrail;
  /** Whose trail: `default` unless said. */
  readonly tenant?: string;
  /** Counts and maps, and records nothing. */
  readonly dryRun?: boolean;
  /** Where it is kept how far sources were imported. Without it every run reads the source from its beginning. */
  readonly state?: ImportState;
  /** Called for every malformed record; the summary lists only the first. */
  readonly onMalformed?: (record: MalformedRecord) => void | Promise<void>;
  /** Called several times a second. */
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Stops the import between two records; what was recorded stays, and is remembered. */
  readonly signal?: AbortSignal;
  /** How many events may be on their way to the disk at once: 2,000 unless said. */
  readonly maxInFlight?: number;
  readonly clock?: Clock;
}

const optionNames = [
  ...[
    "importer",
    "source",
    "trail",
    "tenant",
    "dryRun",
    "state",
    "onMalformed",
    "onProgress",
    "signal",
    "maxInFlight",
    "clock",
  ],
];

/** Two batches of a store: one being written while the next fills. */
const defaultInFlight = 2000;
const defaultTenant = "default";
const progressIntervalMicros = 200_000;
const saveIntervalMicros = 2_000_000;

/**
 * Imports a source into a trail. Ids are made of the records themselves, so a record that was imported before, by whatever
 * run, is found again and adds nothing. Malformed records and conflicts are counted and listed; they do not stop the rest.
 *
 * Errors: `IMPORT_INVALID` (not such a source, damaged compression), `IMPORT_INTERRUPTED` (the signal, or the trail failed),
 * both with `details.summary`, which says how far it came; `FILE_UNREADABLE`, `OPTION_UNKNOWN`, `OPTION_INVALID`.
 *
 * @example
 * const summary = await importEvents({ importer: createCloudtrailImporter(), source: await openFileSource("trail.json.gz"), trail });
 */
export async function importEvents(options: ImportOptions): Promise<ImportSummary> {
  assertKnownOptions("importEvents()", options, optionNames);
  assertOptions(options);
  const { importer, source, trail, tenant = defaultTenant, dryRun = false, clock = systemClock } = options;
  const startedAt = clock.nowMicros();
  const tally = createTally(source.name, importer.unit);
  const trailSize = (await trail?.trails())?.find((head) => head.tenant === tenant)?.size ?? 0;
  const place = await createPlace({ importer, source, trail, tenant, state: dryRun ? undefined : options.state });
  const summarize = (): ImportSummary =>
    tally.finish({
      importer: importer.kind,
      dryRun,
      earlier: place.earlier,
      durationMs: Math.round((clock.nowMicros() - startedAt) / 1000),
    });
  if (place.unchanged) return summarize();
  const { maxInFlight = defaultInFlight, onMalformed = ignore } = options;
  const queue = createRecordQueue({ tally, maxInFlight, trailSize, onMalformed });
  try {
    await takeRecords({ ...options, clock, tenant, dryRun }, { tally, queue, place });
    await queue.drain();
    await place.save(queue, tally, "whole");
  } catch (error) {
    // What is on its way is settled first, so that what is counted as done is done.
    await queue.drain().catch(ignore);
    await place.save(queue, tally, "part").catch(ignore);
    throw explain(error, source, summarize());
  }
  return summarize();
}

const ignore = (): void => undefined;

function assertOptions({ trail, dryRun, maxInFlight = 1 }: ImportOptions): void {
  if (trail === undefined && dryRun !== true) {
    throw new AuditError(
      "OPTION_INVALID",
      "Cannot import: there is no trail to record into. Pass `trail`, or `dryRun: true` to look only.",
    );
  }
  if (!Number.isSafeInteger(maxInFlight) || maxInFlight < 1) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot import with maxInFlight ${maxInFlight}: expected a whole number from 1.`,
    );
  }
}

type SettledOptions = ImportOptions & { readonly clock: Clock; readonly tenant: string; readonly dryRun: boolean };

interface Running {
  readonly tally: Tally;
  readonly queue: RecordQueue;
  readonly place: Place;
}

/** Reads the source to its end and hands every record on, in order. */
async function takeRecords(options: SettledOptions, { tally, queue, place }: Running): Promise<void> {
  const { importer, source, signal, clock, onProgress } = options;
  const identity = createEventIdentity(importer, importer.countsRepeats ? new RepeatCounter() : undefined);
  const toOutcome = createRecording(options, tally);
  const opened = place.open(source);
  const { writtenAtMicros } = place;
  const facts = {
    note: (text: string) => tally.addNote(text),
    ...(writtenAtMicros === undefined ? {} : { writtenAtMicros }),
  };
  let progressAt = clock.nowMicros();
  let savedAt = progressAt;
  let count = 0;
  for await (const batch of importer.records(decompress(opened.chunks), facts)) {
    for (const record of batch) {
      signal?.throwIfAborted();
      count += 1;
      if (count <= place.earlier.records) identity.pass(record.text);
      else queue.push(record, toOutcome(record, identity.identify(record.text)));
      // Waited for in bulk: a store commits together what comes in one turn of the event loop.
      if (queue.isFull()) await queue.makeRoom();
    }
    const now = clock.nowMicros();
    if (now - progressAt >= progressIntervalMicros) {
      progressAt = now;
      onProgress?.({ read: tally.counts.read, recorded: tally.counts.recorded, bytesRead: opened.bytesRead() });
    }
    if (now - savedAt >= saveIntervalMicros) {
      savedAt = now;
      await place.save(queue, tally, "part");
    }
  }
  onProgress?.({ read: tally.counts.read, recorded: tally.counts.recorded, bytesRead: opened.bytesRead() });
}

type Recording = (record: SourceRecord, identify: (event: MappedEvent) => string) => Outcome;

/** Reads a record and starts recording it. */
function createRecording({ trail, tenant, dryRun }: SettledOptions, tally: Tally): Recording {
  return (record, identify) => {
    const reading = record.read();
    if (!("event" in reading)) return reading;
    const { event } = reading;
    const id = identify(event);
    const { occurredAtMicros } = event;
    const occurredAt = formatInstant(occurredAtMicros);
    const { context, ...fields } = event.fields;
    const whole: EventFields = { ...fields, id, occurredAt, tenant, context: { ...context, source: "import" } };
    const settled = { id, occurredAtMicros };
    if (!dryRun) return { event: settled, result: resultOf(trail!.record(event.action, whole)) };
    tally.addSample(() => ({ number: record.number, id, action: event.action, occurredAt, fields: event.fields }));
    return { event: settled, result: resultOf(pretend(event.action, whole)) };
  };
}

/** What can be said of an event without a trail: whether it has the shape of one. */
async function pretend(action: string, fields: EventFields): Promise<Receipt> {
  assertFields(action, fields);
  return { id: fields.id!, hash: "", seq: null, recordedAt: null };
}

/** Mistakes in the set-up are thrown as they are; everything else says how far the import came, and that it can be continued. */
const asTheyAre = ["TRANSACTION_REQUIRED", "FILE_UNREADABLE", "OPTION_INVALID"];

function explain(error: unknown, source: ImportSource, summary: ImportSummary): unknown {
  if (isAuditError(error) && asTheyAre.includes(error.code)) return error;
  if (isAuditError(error) && error.code === "IMPORT_INVALID") {
    return new AuditError("IMPORT_INVALID", `${quote(source.name, 200)}: ${error.message} ${soFar(summary)}`, {
      cause: error,
      details: { ...error.details, summary },
    });
  }
  const found = error instanceof Error ? error.message : String(error);
  return new AuditError(
    "IMPORT_INTERRUPTED",
    `The import of ${quote(source.name, 200)} stopped: ${found} ${soFar(summary)} Run it again to continue; nothing is recorded twice.`,
    {
      cause: error,
      details: { summary },
    },
  );
}

function soFar({ read, recorded }: ImportSummary): string {
  return `Until then ${read} records were read, and ${recorded} events recorded.`;
}
