import { useEffect, useRef } from "react";
import { Link } from "wouter";

import { useCatalogue, useEntry } from "../api/reading.ts";
import type { Entry } from "../api/types.ts";
import { Icon } from "../kit/icon.tsx";
import { Failed } from "./empty-state.tsx";
import { EntryDetail, entryLink } from "./entry-detail.tsx";

interface EntryDrawerProps {
  readonly id: string;
  /** What the list has of it already, to be shown at once. */
  readonly known: Entry | undefined;
  readonly tenant: string | undefined;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

/** An entry beside the list it was found in. It does not trap the focus: the list stays in use. */
export function EntryDrawer({ id, known, tenant, onClose, onPrevious, onNext }: EntryDrawerProps) {
  const { data, error } = useEntry(tenant, id);
  const { data: catalogue } = useCatalogue();
  const drawer = useRef<HTMLElement>(null);
  const entry = data ?? (known?.event.id === id ? known : undefined);
  const isShown = entry !== undefined;
  useEffect(() => {
    drawer.current?.scrollTo(0, 0);
    drawer.current?.querySelector<HTMLElement>("#entry-sentence")?.focus({ preventScroll: true });
  }, [id, isShown]);
  return (
    <aside className="drawer" ref={drawer} aria-label="Entry">
      {error !== null && entry === undefined && (
        <>
          <button type="button" className="icon-button drawer-close" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
          <Failed error={error} />
        </>
      )}
      {entry !== undefined && (
        <EntryDetail
          key={entry.event.id}
          entry={entry}
          tenant={tenant}
          logTitle={catalogue?.logs[entry.log]?.title ?? entry.log}
          tools={
            <>
              <Link
                className="icon-button"
                href={entryLink(entry, tenant)}
                title="Its own page"
                aria-label="Its own page"
              >
                <Icon name="log" />
              </Link>
              <button
                type="button"
                className="icon-button"
                aria-label="Previous entry"
                title="Previous ( [ )"
                disabled={onPrevious === undefined}
                onClick={onPrevious}
              >
                <Icon name="left" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label="Next entry"
                title="Next ( ] )"
                disabled={onNext === undefined}
                onClick={onNext}
              >
                <Icon name="right" />
              </button>
              <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}>
                <Icon name="close" />
              </button>
            </>
          }
        />
      )}
    </aside>
  );
}
