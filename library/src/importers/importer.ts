/**
 * What an importer must and must not do. An importer turns another system's records into events; `importEvents`
 * runs it: opens the source, numbers repeated records, makes ids, records, remembers how far it came.
 *
 * An importer MUST give every record of its source, in order: as an event, as malformed, or as passed by. It MUST NOT
 * leave one out. The same bytes with the same settings MUST give the same events at every run, in every process:
 * that is what makes importing twice harmless. It MUST keep no more of the source in memory than one chunk and one
 * record.
 */

import type { Log } from "../event/catalogue.ts";
import type { EventFields } from "../event/event.ts";

/** The source's own number for a record, from 1: what an editor shows as its line, or its place among the records. */
export type Unit = "line" | "record";

/** What a record becomes. */
export interface MappedEvent {
  readonly action: string;
  /** When it happened, in microseconds since 1970: part of the id. */
  readonly occurredAtMicros: number;
  /** Everything else; `id`, `occurredAt` and `context.source` are the runner's. */
  readonly fields: Omit<EventFields, "id" | "occurredAt">;
  /**
   * What the source itself tells the record from all others by, such as an event id. Without one, the record's own text
   * identifies it, together with how many records of the same text came before it.
   */
  readonly identity?: string;
}

/** One record's fate: an event, or why it cannot be one, or (`passedBy`) which kind of record the importer is not for. */
export type Reading = { readonly event: MappedEvent } | { readonly malformed: string } | { readonly passedBy: string };

/** One record as it lies in the source. */
export interface SourceRecord {
  readonly number: number;
  /** Its text, exactly; where it is too long to be kept, its beginning. */
  readonly text: string;
  /** The source ended in the middle of it, as far as can be seen: more of it may come later. */
  readonly unfinished?: true;
  /** Parses and maps it: left undone for records that an earlier run imported. MUST NOT throw. */
  read(): Reading;
}

/** What is known of a source beside its bytes. */
export interface SourceFacts {
  /** When the source was last written, where that is known: logs without a year are dated back from it. */
  readonly writtenAtMicros?: number;
  /** Tells the user something that was assumed about the source, once. */
  readonly note: (text: string) => void;
}

export interface Importer {
  /** The name of the format: `cloudtrail`. Part of every id. */
  readonly kind: string;
  /** What else is part of every id: the log that records go to, where the user names it. */
  readonly scope?: string;
  /** Everything that decides what a record becomes: where it changes, work done before is not taken as done. */
  readonly settings: string;
  readonly unit: Unit;
  /** Whether records may lack an identity of their own, so that repeated ones have to be counted. */
  readonly countsRepeats: boolean;
  /** The logs that its events go to, for the catalogue of the trail. */
  readonly logs: readonly Log[];
  /** The records of a source, in batches as its chunks complete them. Errors: `IMPORT_INVALID` for what is no such source at all. */
  records(chunks: AsyncIterable<Uint8Array>, facts: SourceFacts): AsyncIterable<readonly SourceRecord[]>;
}
