/** Times as people read them. Instants come as RFC 3339 with microseconds. */

export interface ZonedTimes {
  readonly zone: string;
  absolute(instant: string): string;
  clock(instant: string): string;
  day(instant: string): string;
  /** `2026-11-22`, to tell days apart. */
  dayKey(instant: string): string;
}

const made = new Map<string, ZonedTimes>();

/** Formats are slow to make and are asked for in every row. */
export function timesIn(zone: string): ZonedTimes {
  const known = made.get(zone);
  if (known !== undefined) return known;
  const numeric = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const clockParts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  const full = new Intl.DateTimeFormat("sv-SE", { ...numeric, ...clockParts, timeZone: zone });
  const clock = new Intl.DateTimeFormat("sv-SE", { ...clockParts, timeZone: zone });
  const day = new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: zone,
  });
  const key = new Intl.DateTimeFormat("sv-SE", { ...numeric, timeZone: zone });
  const times: ZonedTimes = {
    zone,
    absolute: (instant) => `${full.format(new Date(instant))}${fractionOf(instant)} ${zone}`,
    clock: (instant) => clock.format(new Date(instant)),
    day: (instant) => day.format(new Date(instant)),
    dayKey: (instant) => key.format(new Date(instant)),
  };
  made.set(zone, times);
  return times;
}

/** Milliseconds, where there are any. */
function fractionOf(instant: string): string {
  const [, digits = ""] = /\.(\d{3})/.exec(instant) ?? [];
  return digits === "" || digits === "000" ? "" : `.${digits}`;
}

const steps = [
  [60, "s"],
  [3600, "min"],
  [86_400, "h"],
  [86_400 * 45, "d"],
] as const;

/** `3 min ago`; whoever wants it exactly finds the absolute time beside it. */
export function relativeTime(instant: string, now: number): string {
  const seconds = Math.round((now - Date.parse(instant)) / 1000);
  const [size, isPast] = [Math.abs(seconds), seconds >= 0];
  // The page's clock ticks every ten seconds; what arrived since then is not in the future.
  if (size < 5 || (!isPast && size < 15)) return "just now";
  const index = steps.findIndex(([limit]) => size < limit);
  if (index === -1) return new Date(instant).toISOString().slice(0, 10);
  const unit = index === 0 ? 1 : index === 1 ? 60 : index === 2 ? 3600 : 86_400;
  const text = `${Math.floor(size / unit)} ${steps[index]![1]}`;
  return isPast ? `${text} ago` : `in ${text}`;
}

/** `1.2 s`, `320 ms`. */
export function showDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}

const lengths = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_629_800_000,
  year: 31_557_600_000,
};

/** About how long a bucket is; the server knows exactly where it begins. */
export function bucketLengthMs(unit: keyof typeof lengths): number {
  return lengths[unit];
}
