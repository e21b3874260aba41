import { AuditError, assertKnownOptions, quote, suggestion } from "../../base/errors.ts";
import { systemClock, type Clock } from "../../base/time.ts";
import { currentContext, runWithoutContext } from "../../context/context.ts";
import type { Action } from "../../event/action.ts";
import type { Actor } from "../../event/event.ts";
import type { CaptureTrail, Trail } from "../../trail/types.ts";
import { guarded } from "../guarded.ts";
import { createDropCount, type DropCause } from "./drop-count.ts";
import { levels, nameless, quickLevel, readLine, severityOf, type LevelName, type LogLine } from "./read-line.ts";

/** A trail that log lines can be recorded into: its catalogue has `systemLog()`. */
export type LogTrail = CaptureTrail<{ readonly "system.logged": Action; readonly "system.dropped": Action }> &
  Pick<Trail, "health" | "flush">;

export interface LogStreamOptions {
  /** From which level a logger's lines are recorded, by its name; `*` for the others, which is `info` unless said. */
  readonly levels?: Readonly<Record<string, LevelName | "silent">>;
  /** How many events may wait in the trail before lines are dropped, so that logging never crowds out what matters more; 1,000 unless said. */
  readonly mostWaiting?: number;
  /** The logger's own `messageKey` and `errorKey`, where they are not `msg` and `err`. */
  readonly messageKey?: string;
  readonly errorKey?: string;
  readonly clock?: Clock;
}

/** A stream that pino writes to. */
export interface LogStream {
  write(line: string): void;
  /** Lines that were not recorded since the stream was made, although their level asked for it. */
  readonly dropped: number;
  /** What pino's `logger.flush()` calls: resolves when everything written is in the trail, and told what was dropped. */
  flush(callback?: (error?: Error) => void): Promise<void>;
  /** Tells what was dropped, and takes no more lines. Call it before the trail is closed. */
  close(): Promise<void>;
}

/** Longer lines are dropped: reading one would hold up whoever logs. */
const longestLine = 256 * 1024;
const retryMs = 1_000;
const program: Actor = { type: "system" };

/**
 * A stream for pino whose lines become the system log. It has to be in the process that logs, not in a transport's thread: there the
 * operation and the actor in force are known.
 *
 * Writing never throws and never waits. Errors when it is made: `OPTION_UNKNOWN`, `OPTION_INVALID`, `ACTION_UNKNOWN` where
 * the catalogue lacks `systemLog()`.
 *
 * @example
 * const logger = pino({ level: "debug" }, pino.multistream([{ stream: process.stdout }, { level: "debug", stream: createLogStream(trail) }]));
 */
export function createLogStream(trail: LogTrail, options: LogStreamOptions = {}): LogStream {
  const { mostWaiting = 1_000, messageKey = "msg", errorKey = "err", clock = systemClock } = options;
  const thresholds = readThresholds(options);
  for (const action of ["system.logged", "system.dropped"]) trail.begin(action as never);
  const drops = createDropCount(clock);
  const hasRoom = (): boolean => trail.health().waiting < mostWaiting;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const tell = async (): Promise<void> => {
    const dropped = drops.take();
    if (dropped === undefined) return;
    // What was dropped during one request is not that request's.
    await runWithoutContext(() => record("system.dropped", { actor: program, data: dropped })).catch(() => {
      drops.putBack(dropped);
      tellLater();
    });
  };
  const tellLater = (): void => {
    if (closed) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!hasRoom()) return tellLater();
      void tell();
    }, retryMs).unref();
  };
  const drop = (logger: string, cause: DropCause): void => {
    drops.add(logger, cause);
    tellLater();
  };
  const record = async (action: string, fields: object): Promise<void> => {
    await trail.record(action as never, fields as never);
  };

  return {
    write(text) {
      if (closed || (quickLevel(text) ?? Infinity) < thresholds.least) return;
      if (text.length > longestLine) return drop(nameless, "too-long");
      const line = readLine(text, { messageKey, errorKey });
      if (line === undefined) return drop(nameless, "unreadable");
      if (line.level < thresholds.of(line.logger)) return;
      if (!hasRoom()) return drop(line.logger, "overloaded");
      record("system.logged", fieldsOf(line)).catch(() => drop(line.logger, "refused"));
    },
    get dropped() {
      return drops.total;
    },
    async flush(callback) {
      await tell();
      await trail.flush();
      callback?.();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await tell();
    },
  };
}

function fieldsOf({ logger, level, levelName, message, error, fields }: LogLine): object {
  const isFailure = level >= levels.error;
  return {
    ...(message !== undefined && { message }),
    ...(error !== undefined && { error }),
    // An error that is only told of, at a level below, is not the application's failure.
    outcome: isFailure ? "failure" : "success",
    severity: severityOf(level),
    data: { logger, level: levelName, ...(fields !== undefined && { fields }) },
    // Whoever is served is the actor; outside of that the program speaks for itself.
    ...(guarded(() => currentContext().actor) === undefined && { actor: program }),
  };
}

interface Thresholds {
  of(logger: string): number;
  /** No line below it is recorded, whoever writes it. */
  readonly least: number;
}

function readThresholds(options: LogStreamOptions): Thresholds {
  assertKnownOptions("createLogStream()", options, ["levels", "mostWaiting", "messageKey", "errorKey", "clock"]);
  const { mostWaiting = 1, levels: given = {} } = options;
  const invalid = (problem: string) => new AuditError("OPTION_INVALID", `Cannot make a log stream: ${problem}.`);
  if (!Number.isInteger(mostWaiting) || mostWaiting < 1)
    throw invalid(`mostWaiting is ${quote(mostWaiting)}, expected a whole number from 1`);
  const known: Readonly<Record<string, number>> = { ...levels, silent: Infinity };
  const numbers = new Map<string, number>([["*", levels.info]]);
  for (const [logger, level] of Object.entries(given)) {
    if (!Object.hasOwn(known, level))
      throw invalid(
        `the level of ${quote(logger)} is ${quote(level)}.${suggestion(level, Object.keys(known))} There are ${Object.keys(known).join(", ")}`,
      );
    numbers.set(logger, known[level]!);
  }
  const others = numbers.get("*")!;
  return { of: (logger) => numbers.get(logger) ?? others, least: Math.min(...numbers.values()) };
}
