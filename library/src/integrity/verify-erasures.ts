/**
 * What is gone, held against what the trail says was erased.
 *
 * The trail says so in entries of its own: `auditrail.redacted` (sealed parts of entries), `auditrail.shredded` (all
 * parts of a subject, its key destroyed), `auditrail.pruned` (whole entries, 256 at a time), and `auditrail.held` and `auditrail.hold-released`,
 * which forbid and allow it. Such an entry counts only for positions before its own, and only when it is itself proven by a
 * checkpoint: otherwise whoever can write the store could explain away whatever they removed.
 */

import type { PositionRange } from "./evidence.ts";
import { isTreeSize } from "./merkle-tree.ts";
import { tileWidth } from "./tile.ts";
import { asMembers } from "./verify-entry.ts";
import type { Findings } from "./verify-findings.ts";

export interface Erasures {
  /** Takes up an entry of the trail about itself; `false` where it does not say what it has to. */
  addEvent(seq: number, action: string, data: unknown): boolean;
  /** A sealed part that is gone, or that is there without its key. */
  addMissingPart(seq: number, index: number, subject: string, isLocked: boolean): void;
  addMissingEntries(range: PositionRange): void;
  /**
   * Says of everything missing whether an entry that `counts` explains it, or whether it was withheld, where the source
   * shows a selection only. Called once, at the end.
   */
  settle(counts: (seq: number) => boolean, findings: Findings, isSelection: boolean): void;
  /** Ascending. */
  readonly missingEntries: readonly PositionRange[];
  readonly epochs: readonly EpochBegun[];
  readonly gaps: { readonly entries: number; readonly events: number };
  /** Sealed parts that are encrypted, of which no entry says that their key was destroyed; counted by `settle`. */
  readonly locked: { readonly parts: number };
}

/** An entry `auditrail.epoch-begun`: the note of the last checkpoint signed before. */
export interface EpochBegun {
  readonly seq: number;
  readonly epoch: number;
  readonly checkpoint: string;
}

type Erasure =
  | {
      readonly kind: "redacted";
      readonly seq: number;
      readonly entries: readonly { readonly seq: number; readonly parts: readonly number[] }[];
    }
  | { readonly kind: "shredded"; readonly seq: number; readonly subject: string; readonly to: number }
  | { readonly kind: "pruned"; readonly seq: number; readonly from: number; readonly to: number }
  | { readonly kind: "held"; readonly seq: number; readonly hold: string; readonly subject: string | undefined }
  | { readonly kind: "released"; readonly seq: number; readonly hold: string };

/** Columns instead of objects: a trail may have millions of parts that were lawfully erased. */
interface MissingParts {
  readonly seqs: number[];
  readonly indexes: number[];
  readonly subjects: string[];
  readonly locked: boolean[];
}

export function createErasures(): Erasures {
  const events: Erasure[] = [];
  const epochs: EpochBegun[] = [];
  const gaps = { entries: 0, events: 0 };
  const locked = { parts: 0 };
  const parts: MissingParts = { seqs: [], indexes: [], subjects: [], locked: [] };
  /** Every entry names its subjects anew; one text for each is kept. */
  const subjects = new Map<string, string>();
  const entries: PositionRange[] = [];

  return {
    missingEntries: entries,
    epochs,
    gaps,
    locked,
    addEvent(seq, action, data) {
      const members = asMembers(data) ?? {};
      if (action === "auditrail.gap") return addGap(gaps, members["count"]);
      if (action === "auditrail.epoch-begun") return addEpoch(epochs, seq, members["epoch"], members["checkpoint"]);
      const read = readers[action];
      if (read === undefined) return true;
      const event = read(seq, members);
      if (event !== undefined) events.push(event);
      return event !== undefined;
    },
    addMissingPart(seq, index, subject, isLocked) {
      parts.seqs.push(seq);
      parts.indexes.push(index);
      if (!subjects.has(subject)) subjects.set(subject, subject);
      parts.subjects.push(subjects.get(subject)!);
      parts.locked.push(isLocked);
    },
    addMissingEntries: (range) => void entries.push(range),
    settle(counts, findings, isSelection) {
      const counted = events.filter(({ seq }) => counts(seq));
      const explained: ExplainedParts = new Map();
      settleEntries(entries, counted, explained, isSelection ? "ENTRY_WITHHELD" : "ENTRY_MISSING", findings);
      settleParts(parts, counted, explained, locked, findings);
      checkHolds(counted, explained, findings);
    },
  };
}

function addGap(gaps: { entries: number; events: number }, count: unknown): boolean {
  if (!isTreeSize(count)) return false;
  gaps.entries += 1;
  gaps.events += count;
  return true;
}

function addEpoch(epochs: EpochBegun[], seq: number, epoch: unknown, checkpoint: unknown): boolean {
  if (!isTreeSize(epoch) || typeof checkpoint !== "string") return false;
  epochs.push({ seq, epoch, checkpoint });
  return true;
}

type ReadErasure = (seq: number, data: Readonly<Record<string, unknown>>) => Erasure | undefined;

/** Each refuses what would reach beyond its own position. */
const readers: Readonly<Record<string, ReadErasure | undefined>> = {
  "auditrail.redacted": (seq, { entries }) => {
    if (!Array.isArray(entries)) return undefined;
    const read = entries.map((item: unknown) => readRedacted(seq, asMembers(item) ?? {}));
    return read.every((item) => item !== undefined) ? { kind: "redacted", seq, entries: read } : undefined;
  },
  "auditrail.shredded": (seq, { subject, to }) =>
    typeof subject === "string" && isTreeSize(to) && to <= seq ? { kind: "shredded", seq, subject, to } : undefined,
  "auditrail.pruned": (seq, { from, to }) => {
    if (!isTreeSize(from) || !isTreeSize(to) || from > to || to > seq) return undefined;
    return from % tileWidth === 0 && to % tileWidth === 0 ? { kind: "pruned", seq, from, to } : undefined;
  },
  "auditrail.held": (seq, { hold, subject }) => {
    if (typeof hold !== "string" || (subject !== undefined && typeof subject !== "string")) return undefined;
    return { kind: "held", seq, hold, subject };
  },
  "auditrail.hold-released": (seq, { hold }) =>
    typeof hold === "string" ? { kind: "released", seq, hold } : undefined,
};

function readRedacted(by: number, { seq, parts }: Readonly<Record<string, unknown>>) {
  if (!isTreeSize(seq) || seq >= by || !Array.isArray(parts) || !parts.every(isTreeSize)) return undefined;
  return { seq, parts };
}

function settleEntries(
  missing: readonly PositionRange[],
  events: readonly Erasure[],
  explained: ExplainedParts,
  unexplained: "ENTRY_MISSING" | "ENTRY_WITHHELD",
  findings: Findings,
): void {
  const pruned = events.filter((event) => event.kind === "pruned").sort((a, b) => a.from - b.from);
  for (const { from, to } of missing) {
    let next = from;
    for (const event of pruned) {
      if (event.to <= next || event.from >= to) continue;
      if (event.from > next) findings.markAbsent(unexplained, next, event.from);
      const end = Math.min(event.to, to);
      findings.markAbsent("PRUNED", Math.max(next, event.from), end, { by: event.seq });
      if (!explained.has(event.seq)) explained.set(event.seq, new Set());
      next = end;
    }
    if (next < to) findings.markAbsent(unexplained, next, to);
  }
}

/** The subjects of whom something is gone, by the position of the entry that explains it; none for entries as a whole. */
type ExplainedParts = Map<number, Set<string>>;

function settleParts(
  parts: MissingParts,
  events: readonly Erasure[],
  explained: ExplainedParts,
  locked: { parts: number },
  findings: Findings,
): void {
  const redacted = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== "redacted") continue;
    for (const entry of event.entries) for (const part of entry.parts) redacted.set(`${entry.seq}/${part}`, event.seq);
  }
  const shredded = new Map<string, { readonly seq: number; readonly to: number }[]>();
  for (const event of events) {
    if (event.kind !== "shredded") continue;
    shredded.set(event.subject, [...(shredded.get(event.subject) ?? []), event]);
  }
  parts.seqs.forEach((seq, place) => {
    const index = parts.indexes[place]!;
    const subject = parts.subjects[place]!;
    const byRedaction = redacted.get(`${seq}/${index}`);
    const byShredding = shredded.get(subject)?.find(({ to }) => seq < to)?.seq;
    const by = byRedaction ?? byShredding;
    if (by === undefined) {
      // What is there under a key that the verifier was not given is neither gone nor altered: it was not looked at.
      if (!parts.locked[place]!) findings.mark("SEALED_PART_MISSING", seq, seq + 1, { detail: `part ${index}` });
      else locked.parts += 1;
      return;
    }
    findings.mark(byRedaction === undefined ? "SHREDDED" : "REDACTED", seq, seq + 1, { by });
    if (!explained.has(by)) explained.set(by, new Set());
    explained.get(by)!.add(subject);
  });
}

/**
 * A hold that was placed before an erasure was announced forbids it for as long as it is in force; what was announced
 * may be carried out once it is released.
 */
function checkHolds(events: readonly Erasure[], explained: ExplainedParts, findings: Findings): void {
  const released = new Map(
    events.flatMap((event) => (event.kind === "released" ? [[event.hold, event.seq] as const] : [])),
  );
  for (const held of events) {
    if (held.kind !== "held" || (released.get(held.hold) ?? -1) > held.seq) continue;
    for (const [by, subjects] of explained) {
      if (by < held.seq || (held.subject !== undefined && !subjects.has(held.subject))) continue;
      findings.report("HOLD_VIOLATED", `Entry ${by} erased what hold ${JSON.stringify(held.hold)} is on.`);
    }
  }
}
