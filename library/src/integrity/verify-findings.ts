/**
 * Where findings are gathered while a trail of any length passes: one byte a position, and only where something was
 * found; the details of the first ones; and counts of all.
 */

import type { PositionFinding, TrailFinding } from "./verify-report.ts";
import {
  findingReasons,
  positionClasses,
  positionReasons,
  type FindingCode,
  type PositionClass,
  type PositionReasonCode,
} from "./verify-reasons.ts";

export interface Findings {
  /** Says something of positions at which there is an entry. */
  mark(reason: PositionReasonCode, from: number, to: number, more?: Pick<PositionFinding, "by" | "detail">): void;
  /** Says something of positions at which there is none; each of them MUST be said once only. */
  markAbsent(reason: PositionReasonCode, from: number, to: number, more?: Pick<PositionFinding, "by" | "detail">): void;
  /** Says something of the trail; `detail` is a sentence. */
  report(reason: FindingCode, detail: string, checkpoints?: readonly string[]): void;
  /** Whether {@link Findings.markAbsent} was said of a position. */
  isAbsent(seq: number): boolean;
  /** The worst class that was said of a position. */
  classOf(seq: number): PositionClass;
  /** How many positions below `end` have no mark. */
  countUnmarked(end: number): number;
  readonly positions: readonly PositionFinding[];
  readonly trail: readonly TrailFinding[];
  readonly omitted: number;
  countOf(positionClass: PositionClass): number;
}

const pageSize = 65_536;

export function createFindings(maxListed: number): Findings {
  const marks = createMarks();
  const absent: { readonly from: number; readonly to: number; readonly rank: number }[] = [];
  const positions: PositionFinding[] = [];
  const trail: TrailFinding[] = [];
  let omitted = 0;

  function list(finding: PositionFinding): void {
    const last = positions.at(-1);
    if (last !== undefined && isContinued(last, finding)) positions[positions.length - 1] = { ...last, to: finding.to };
    else if (positions.length < maxListed) positions.push(finding);
    else omitted += 1;
  }

  return {
    positions,
    trail,
    get omitted() {
      return omitted;
    },
    mark(reason, from, to, more = {}) {
      const { class: positionClass } = positionReasons[reason];
      const rank = rankOf(positionClass);
      for (let seq = from; seq < to; seq += 1) marks.raise(seq, rank);
      list({ from, to, class: positionClass, reason, ...more });
    },
    markAbsent(reason, from, to, more = {}) {
      const { class: positionClass } = positionReasons[reason];
      absent.push({ from, to, rank: rankOf(positionClass) });
      list({ from, to, class: positionClass, reason, ...more });
    },
    report(reason, detail, checkpoints) {
      const says = `${findingReasons[reason]} ${detail}`.trimEnd();
      if (trail.length >= maxListed) omitted += 1;
      else trail.push(checkpoints === undefined ? { reason, says } : { reason, says, checkpoints });
    },
    isAbsent: (seq) => absent.some(({ from, to }) => from <= seq && seq < to),
    classOf(seq) {
      const missing = absent.reduce(
        (worst, range) => (range.from <= seq && seq < range.to ? Math.max(worst, range.rank) : worst),
        0,
      );
      return positionClasses[Math.max(marks.read(seq), missing)]!;
    },
    countUnmarked(end) {
      const gone = absent.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - from), 0);
      return end - gone - marks.countBelow(end);
    },
    countOf(positionClass) {
      const rank = rankOf(positionClass);
      const gone = absent.reduce((sum, range) => sum + (range.rank === rank ? range.to - range.from : 0), 0);
      return gone + marks.countOf(rank);
    },
  };
}

/** One byte a position, for those pages of positions in which there is something to say. */
function createMarks() {
  const pages = new Map<number, Uint8Array>();
  const sumOver = (count: (page: Uint8Array, number: number) => number): number =>
    [...pages].reduce((sum, [number, page]) => sum + count(page, number), 0);
  return {
    raise(seq: number, rank: number): void {
      const number = Math.floor(seq / pageSize);
      let page = pages.get(number);
      if (page === undefined) pages.set(number, (page = new Uint8Array(pageSize)));
      const place = seq % pageSize;
      if (page[place]! < rank) page[place] = rank;
    },
    read: (seq: number): number => pages.get(Math.floor(seq / pageSize))?.[seq % pageSize] ?? 0,
    countOf: (rank: number): number => sumOver((page) => page.reduce((sum, other) => sum + Number(other === rank), 0)),
    /** How many positions before `end` are marked. */
    countBelow: (end: number): number =>
      sumOver((page, number) =>
        page.subarray(0, Math.max(0, end - number * pageSize)).reduce((sum, rank) => sum + Math.min(rank, 1), 0),
      ),
  };
}

function rankOf(positionClass: PositionClass): number {
  return positionClasses.indexOf(positionClass);
}

/** Neighbours of which the same is said are listed as one. */
function isContinued(last: PositionFinding, next: PositionFinding): boolean {
  return last.to === next.from && last.reason === next.reason && last.by === next.by && last.detail === next.detail;
}
