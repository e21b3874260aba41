import { useEffect, useRef, useState } from "react";

import type { Asking } from "./reading.ts";
import { address } from "./request.ts";
import type { Entry } from "./types.ts";

export interface Tail {
  /** Newest first. */
  readonly entries: readonly Entry[];
  readonly state: "off" | "connecting" | "open";
}

/** The most that is kept on top of the list; whoever follows longer than that reads the pages again. */
const kept = 500;

/** Entries as they arrive. `onOpen` is told once the stream stands, so that nothing falls between it and the pages. */
export function useTail({ tenant, query, zone }: Asking, enabled: boolean, onOpen: () => void): Tail {
  const [tail, setTail] = useState<Tail>({ entries: [], state: "off" });
  const opened = useRef(onOpen);
  opened.current = onOpen;
  useEffect(() => {
    if (!enabled) return setTail({ entries: [], state: "off" });
    setTail({ entries: [], state: "connecting" });
    const source = new EventSource(address("tail", { tenant, query, zone }));
    source.addEventListener("open", () => {
      setTail((before) => ({ ...before, state: "open" }));
      opened.current();
    });
    source.addEventListener("entry", ({ data }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as Entry;
      setTail(({ entries }) => ({
        state: "open",
        entries: entries.some(({ seq }) => seq === entry.seq) ? entries : [entry, ...entries].slice(0, kept),
      }));
    });
    source.addEventListener("error", () => setTail((before) => ({ ...before, state: "connecting" })));
    return () => source.close();
  }, [tenant, query, zone, enabled]);
  return tail;
}
