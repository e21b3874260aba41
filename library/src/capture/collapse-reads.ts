/** Like reads within a while become one event with their number: the first is recorded at once, the others when the while is over. */

import { formatInstant, type Clock } from "../base/time.ts";
import type { Collapse } from "../event/event.ts";

/** Records a read: as itself, or as the one that stands for several. */
export type RecordRead<Told = void> = (collapsed?: Collapse) => Told;

interface Window<Told> {
  /** What recording the first read gave. */
  readonly first: Told;
  readonly untilMicros: number;
  /** Of the reads after the first: when they began, how many they are, and how to record the last of them. */
  fromMicros: number;
  lastMicros: number;
  count: number;
  record: RecordRead<Told>;
}

/** Windows that are open at once; the oldest ends early where there would be more. */
const mostWindows = 10_000;

/** `Told` is what recording gives. */
export interface CollapseReads<Told = void> {
  /** What recording the first of its while gave, of which this is a repetition where it is not the first itself. */
  add(key: string, record: RecordRead<Told>): Told;
  /** The first of its while was not recorded after all: the next one is the first again. */
  forget(key: string, first: Told): void;
  /** Records what was counted and not told yet. */
  flush(): void;
}

export function createCollapseReads<Told = void>(windowMs: number, clock: Clock): CollapseReads<Told> {
  /** In the order of their ends, as each is as long as any other. */
  const windows = new Map<string, Window<Told>>();
  let timer: NodeJS.Timeout | undefined;

  const end = (key: string, { count, fromMicros, lastMicros, record }: Window<Told>): void => {
    windows.delete(key);
    if (count > 0) record({ count, from: formatInstant(fromMicros), until: formatInstant(lastMicros) });
  };

  const endOld = (): void => {
    const now = clock.nowMicros();
    for (const [key, window] of windows) {
      if (window.untilMicros > now && windows.size <= mostWindows) break;
      end(key, window);
    }
  };

  /** Without it, the last repetitions would wait for another request. It keeps no process alive: `flush` is for its end. */
  const wake = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      endOld();
      if (windows.size > 0) wake();
    }, windowMs).unref();
  };

  return {
    add(key, record) {
      if (windowMs === 0) return record();
      endOld();
      const nowMicros = clock.nowMicros();
      const window = windows.get(key);
      if (window === undefined) {
        const times = { untilMicros: nowMicros + windowMs * 1000, fromMicros: nowMicros, lastMicros: nowMicros };
        const first = record();
        windows.set(key, { ...times, count: 0, record, first });
        wake();
        return first;
      }
      if (window.count === 0) window.fromMicros = nowMicros;
      Object.assign(window, { count: window.count + 1, lastMicros: nowMicros, record });
      return window.first;
    },
    forget(key, first) {
      if (windows.get(key)?.first === first) windows.delete(key);
    },
    flush() {
      for (const [key, window] of windows) end(key, window);
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
