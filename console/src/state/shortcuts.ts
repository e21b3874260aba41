import { useEffect, useRef } from "react";

export type Shortcuts = Readonly<Record<string, (() => void) | undefined>>;

/** Keys that do something while nobody is writing and no dialogue is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      const { target } = event;
      const isWriting = target instanceof HTMLElement && target.closest("input, textarea, select, dialog") !== null;
      const run = current.current[event.key];
      if (run === undefined || isWriting) return;
      // Enter and Escape belong to what has the focus first.
      if (event.key === "Enter" && target instanceof HTMLElement && target.closest("button, a, summary") !== null)
        return;
      event.preventDefault();
      run();
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
