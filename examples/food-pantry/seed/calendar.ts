/** A clock that goes from appointment to appointment, in the pantry's own time. */

import type { Clock } from "auditrail";

export interface Calendar {
  readonly clock: Clock;
  readonly now: () => Date;
  /** The days there are, counted from 0; the last one is today. */
  readonly days: number;
  /** 1 is Monday. */
  readonly weekday: (day: number) => number;
  /** Goes to that hour of a day (9.5 is half past nine); false, without moving, where that is not over yet. Never goes back. */
  readonly goTo: (day: number, hour: number) => boolean;
  readonly pass: (seconds: number) => void;
}

const dayMs = 86_400_000;

export function openCalendar(days: number, until: Date, zone: string): Calendar {
  const today = Math.floor((until.getTime() + offsetMs(until, zone)) / dayMs);
  const first = today - days + 1;
  let micros = 0;
  const instantOf = (day: number, hour: number): number => {
    const local = (first + day) * dayMs + hour * 3_600_000;
    return local - offsetMs(new Date(local), zone);
  };
  return {
    days,
    clock: { nowMicros: () => micros },
    now: () => new Date(micros / 1000),
    weekday: (day) => ((first + day + 3) % 7) + 1,
    goTo(day, hour) {
      const instant = instantOf(day, hour);
      if (instant > until.getTime()) return false;
      micros = Math.max(micros, Math.round(instant * 1000));
      return true;
    },
    pass: (seconds) => (micros += Math.round(seconds * 1_000_000)),
  };
}

/** How far a zone's clocks are ahead of UTC. */
function offsetMs(at: Date, zone: string): number {
  const format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")!.value;
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])?(\d\d)?:?(\d\d)?/.exec(name) ?? [];
  return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
