import { useSyncExternalStore } from "react";

import { useSettings } from "../state/settings.ts";
import { useZone } from "../state/zone.ts";
import { relativeTime, timesIn } from "./times.ts";

/** One clock for all relative times on the page. */
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, 10_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

interface TimeProps {
  readonly at: string;
  /** Overrides what the reader chose. */
  readonly as?: "relative" | "absolute" | "both";
}

/** A moment: relative with the absolute one on hover, or the other way round, as the reader chose. */
export function Time({ at, as }: TimeProps) {
  const current = useSyncExternalStore(subscribe, () => now);
  const zone = useZone();
  const { timeStyle } = useSettings();
  const absolute = timesIn(zone).absolute(at);
  const relative = relativeTime(at, Math.max(current, now));
  const shown = as ?? timeStyle;
  if (shown === "both") {
    return (
      <time dateTime={at}>
        {absolute} <span className="muted">· {relative}</span>
      </time>
    );
  }
  return (
    <time dateTime={at} title={shown === "relative" ? absolute : relative}>
      {shown === "relative" ? relative : absolute}
    </time>
  );
}
