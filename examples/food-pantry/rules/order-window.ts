/** When orders are taken: weekly windows, in the pantry's own time. */

export interface OrderWindow {
  /** 1 is Monday, 7 Sunday. */
  readonly weekday: number;
  /** `09:00`, from then on. */
  readonly opens: string;
  /** `17:30`, until then; `24:00` is the end of the day. */
  readonly closes: string;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
export const weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export function isOpen(windows: readonly OrderWindow[], at: Date, zone: string): boolean {
  const { weekday, time } = localTime(at, zone);
  return windows.some((window) => window.weekday === weekday && window.opens <= time && time < window.closes);
}

export function isTimeOfDay(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(at: Date, zone: string): { readonly weekday: number; readonly time: string } {
  let format = formats.get(zone);
  if (format === undefined) {
    const parts = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    formats.set(zone, (format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...parts })));
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { weekday: weekdays.indexOf(parts.weekday!) + 1, time: `${parts.hour}:${parts.minute}` };
}
