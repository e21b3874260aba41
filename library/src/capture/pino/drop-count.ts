import { formatInstant, type Clock } from "../../base/time.ts";

export type DropCause = "overloaded" | "unreadable" | "too-long" | "refused";

/** What a `system.dropped` event says. */
export interface Dropped {
  readonly count: number;
  readonly from: string;
  readonly until: string;
  readonly loggers: Readonly<Record<string, number>>;
  readonly causes: Readonly<Record<string, number>>;
}

export interface DropCount {
  add(logger: string, cause: DropCause): void;
  /** What was dropped and not told yet, and counts anew. */
  take(): Dropped | undefined;
  /** Of what could not be told either: it is to be told later. */
  putBack(dropped: Dropped): void;
  readonly total: number;
}

/** A logger's name may be anything, also something new on each line. */
const mostLoggers = 50;

export function createDropCount(clock: Clock): DropCount {
  let untold: Dropped | undefined;
  let total = 0;
  return {
    add(logger, cause) {
      total += 1;
      const now = formatInstant(clock.nowMicros());
      const one = { count: 1, from: now, until: now, loggers: { [logger]: 1 }, causes: { [cause]: 1 } };
      untold = untold === undefined ? one : sum(untold, one);
    },
    take() {
      const taken = untold;
      untold = undefined;
      return taken;
    },
    putBack(dropped) {
      untold = untold === undefined ? dropped : sum(dropped, untold);
    },
    get total() {
      return total;
    },
  };
}

function sum(earlier: Dropped, later: Dropped): Dropped {
  return {
    count: earlier.count + later.count,
    from: earlier.from,
    until: later.until,
    loggers: addCounts(earlier.loggers, later.loggers),
    causes: addCounts(earlier.causes, later.causes),
  };
}

function addCounts(counts: Dropped["loggers"], more: Dropped["loggers"]): Dropped["loggers"] {
  const added = new Map(Object.entries(counts));
  for (const [name, count] of Object.entries(more)) {
    const under = added.has(name) || added.size < mostLoggers ? name : "others";
    added.set(under, (added.get(under) ?? 0) + count);
  }
  return Object.fromEntries(added);
}
