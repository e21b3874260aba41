import { formatInstant } from "../base/time.ts";
import type { MappedEvent, Unit } from "./importer.ts";

/** A record that could not be imported, and why. */
export interface MalformedRecord {
  readonly source: string;
  readonly unit: Unit;
  readonly number: number;
  readonly reason: string;
  /** The beginning of the record. */
  readonly excerpt: string;
}

/** A record whose id is in the trail already, with other content. */
export interface ConflictingRecord {
  readonly source: string;
  readonly unit: Unit;
  readonly number: number;
  readonly id: string;
  readonly message: string;
}

/** One event as it would be recorded. */
export interface SampleEvent {
  readonly number: number;
  readonly id: string;
  readonly action: string;
  readonly occurredAt: string;
  readonly fields: MappedEvent["fields"];
}

/** What an import did. `read` is the sum of `recorded`, `alreadyThere`, `malformed`, `conflicts` and all of `passedBy`. */
export interface ImportSummary {
  readonly source: string;
  readonly importer: string;
  readonly unit: Unit;
  /** Nothing was recorded; `recorded` counts what would have been tried. */
  readonly dryRun: boolean;
  /** Records done by earlier runs and not looked at again, and how many of these could not be recorded then. */
  readonly earlier: { readonly records: number; readonly malformed: number; readonly conflicts: number };
  readonly read: number;
  readonly recorded: number;
  readonly alreadyThere: number;
  readonly malformed: number;
  readonly conflicts: number;
  /** Records that the importer is not for, by what they are. */
  readonly passedBy: Readonly<Record<string, number>>;
  /** When the first and the last of the events happened. */
  readonly from?: string;
  readonly until?: string;
  readonly durationMs: number;
  /** What was assumed about the source. */
  readonly notes: readonly string[];
  /** The first of each; `malformed` and `conflicts` count all of them. */
  readonly malformedRecords: readonly MalformedRecord[];
  readonly conflictingRecords: readonly ConflictingRecord[];
  readonly samples: readonly SampleEvent[];
}

/** What lists hold in memory, however much goes wrong. */
export const mostListed = 100;
const mostSamples = 3;
const excerptLength = 200;
/** Names of what is passed by come out of the source: a hostile one may have any number of them. */
const mostKinds = 200;

export type Tally = ReturnType<typeof createTally>;

/** Counts while an import runs. */
export function createTally(source: string, unit: Unit) {
  const counts = { read: 0, recorded: 0, alreadyThere: 0, malformed: 0, conflicts: 0 };
  const passedBy = new Map<string, number>();
  const malformedRecords: MalformedRecord[] = [];
  const conflictingRecords: ConflictingRecord[] = [];
  const samples: SampleEvent[] = [];
  const notes: string[] = [];
  let fromMicros = Number.POSITIVE_INFINITY;
  let untilMicros = Number.NEGATIVE_INFINITY;
  return {
    counts,
    addEvent(result: "recorded" | "alreadyThere", occurredAtMicros: number) {
      counts[result] += 1;
      fromMicros = Math.min(fromMicros, occurredAtMicros);
      untilMicros = Math.max(untilMicros, occurredAtMicros);
    },
    addMalformed(number: number, reason: string, text: string): MalformedRecord {
      counts.malformed += 1;
      const record = {
        source,
        unit,
        number,
        reason,
        excerpt: text.length > excerptLength ? `${text.slice(0, excerptLength)}…` : text,
      };
      if (malformedRecords.length < mostListed) malformedRecords.push(record);
      return record;
    },
    addConflict(number: number, id: string, message: string) {
      counts.conflicts += 1;
      if (conflictingRecords.length < mostListed) conflictingRecords.push({ source, unit, number, id, message });
    },
    addPassedBy(kind: string) {
      const known = passedBy.has(kind) || passedBy.size < mostKinds ? kind : "others";
      passedBy.set(known, (passedBy.get(known) ?? 0) + 1);
    },
    addSample(make: () => SampleEvent) {
      if (samples.length < mostSamples) samples.push(make());
    },
    addNote(text: string) {
      notes.push(text);
    },
    finish(rest: Pick<ImportSummary, "importer" | "dryRun" | "earlier" | "durationMs">): ImportSummary {
      return {
        ...{ source, unit, ...rest, ...counts },
        passedBy: Object.fromEntries([...passedBy].toSorted(([, a], [, b]) => b - a)),
        ...(fromMicros <= untilMicros ? { from: formatInstant(fromMicros), until: formatInstant(untilMicros) } : {}),
        ...{ notes, malformedRecords, conflictingRecords, samples },
      };
    },
  };
}
