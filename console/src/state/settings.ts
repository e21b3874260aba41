/** What a reader chose for themselves, kept in this browser. */

import { useSyncExternalStore } from "react";

export interface Settings {
  readonly zone: string;
  readonly timeStyle: "relative" | "absolute";
  readonly theme: "system" | "light" | "dark";
}

export const ownZone: string = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const key = "auditrail.settings";
const listeners = new Set<() => void>();
let settings: Settings = { zone: ownZone, timeStyle: "relative", theme: "system", ...readKept() };
showTheme();

function readKept(): Partial<Settings> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Settings>;
  } catch {
    return {};
  }
}

export function changeSettings(change: Partial<Settings>): void {
  settings = { ...settings, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(settings));
  } catch {
    // A browser that keeps nothing still shows what was chosen until the page is left.
  }
  showTheme();
  for (const listener of listeners) listener();
}

function showTheme(): void {
  document.documentElement.dataset["theme"] = settings.theme;
}

export function useSettings(): Settings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => settings,
  );
}
