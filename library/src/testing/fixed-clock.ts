import { AuditError, quote } from "../base/errors.ts";
import { parseInstant, type Clock } from "../base/time.ts";

/** A clock that stands still until it is told to move. */
export interface FixedClock extends Clock {
  /** Moves on by milliseconds; backwards when negative, as real clocks sometimes do. */
  advance(milliseconds: number): void;
  /** Goes to an instant. Errors: `VALUE_INVALID`. */
  set(instant: string | Date): void;
}

/**
 * A clock for tests. Starts at 2026-01-01T00:00:00Z unless told otherwise. Errors: `VALUE_INVALID`.
 *
 * @example
 * const clock = fixedClock("2026-11-22T09:26:00Z");
 * clock.advance(1_500);
 */
export function fixedClock(start: string | Date = "2026-01-01T00:00:00Z"): FixedClock {
  let micros = microsOf(start);
  return {
    nowMicros: () => micros,
    advance(milliseconds) {
      if (!Number.isFinite(milliseconds))
        throw new AuditError("VALUE_INVALID", `Cannot move a clock by ${quote(milliseconds)}: expected milliseconds.`);
      micros += Math.round(milliseconds * 1000);
    },
    set(instant) {
      micros = microsOf(instant);
    },
  };
}

function microsOf(instant: string | Date): number {
  return parseInstant(instant instanceof Date ? instant.toISOString() : instant);
}
