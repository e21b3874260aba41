import { useCallback, useMemo, useState } from "react";

import { useCatalogue, useEntries } from "../api/reading.ts";
import { useTail } from "../api/tail.ts";
import type { Entry } from "../api/types.ts";
import { ActivityToolbar } from "../parts/activity-toolbar.tsx";
import { columnOf, defaultColumns } from "../parts/columns.tsx";
import { Failed, NoSuchLog, Nothing } from "../parts/empty-state.tsx";
import { entryLink } from "../parts/entry-detail.tsx";
import { EntryDrawer } from "../parts/entry-drawer.tsx";
import { EntryList } from "../parts/entry-list.tsx";
import { Facets } from "../parts/facets.tsx";
import { HistogramChart } from "../parts/histogram.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { useParameters } from "../state/address.ts";
import { collectNames, mergeEntries } from "../state/entries.ts";
import { joinParts, termOf, withPart, withTime } from "../state/query-text.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { useZoneInAddress } from "../state/zone.ts";

const defaultFacets = ["outcome", "log", "action", "actor", "target.type", "source", "severity"];
/**
 * What Activity begins with: people ask what was done, and every look at the trail is an entry as well. It stands in the search box and is
 * dropped like any other filter.
 */
const usual = "-op:read";
/** Asked for by whoever has dropped all filters. */
const everything = "*";
const logFacets = ["outcome", "action", "actor", "target.type", "source"];

/** All entries, or those of one log: the same page, with what the log's catalogue entry says of its list. */
export function ActivityPage({ log }: { readonly log: string | undefined }) {
  const [parameters, change] = useParameters();
  const zone = useZoneInAddress();
  const { data: catalogue } = useCatalogue();
  const [areFacetsOpen, setFacetsOpen] = useState(false);
  const described = log === undefined ? undefined : catalogue?.logs[log];
  const asked = parameters.get("q") ?? (log === undefined ? usual : "");
  const query = asked === everything ? "" : asked;
  const isLive = parameters.get("live") === "1";
  const selected = parameters.get("entry") ?? undefined;
  const tenant = parameters.get("tenant") ?? undefined;
  const within = log === undefined ? "" : termOf("log", log);
  const asking = useMemo(() => ({ tenant, zone, query: joinParts(within, query) }), [tenant, zone, within, query]);

  const pages = useEntries(asking);
  const refresh = useCallback(() => void pages.refetch(), [pages.refetch]);
  // A store answers one question after the other, and counting a large trail takes longer than reading its newest entries.
  const mayCount = !pages.isPending;
  const tail = useTail(asking, isLive, refresh);
  const [pausedAt, setPausedAt] = useState<number | undefined>();
  const arrived = pausedAt === undefined ? tail.entries : tail.entries.filter(({ seq }) => seq <= pausedAt);
  const entries = useMemo(() => mergeEntries(arrived, pages.data?.pages ?? []), [arrived, pages.data]);
  const fresh = useMemo(() => new Set(tail.entries.map(({ seq }) => seq)), [tail.entries]);
  const names = useMemo(() => collectNames(entries), [entries]);

  const columnNames = parameters.get("columns")?.split(",") ?? described?.list.columns ?? defaultColumns;
  const columns = useMemo(() => columnNames.map(columnOf), [columnNames.join(",")]);
  const filters = described?.list.filters ?? (log === undefined ? defaultFacets : logFacets);
  // Times are chosen above the list, and one that is asked for as a facet has the server refuse all of them.
  const isTime = (name: string) => catalogue?.fields.find((field) => field.name === name)?.type === "time";
  const facetFields = filters.filter((name) => !isTime(name));

  const search = (next: string) =>
    change({ q: next === "" && log === undefined ? everything : next, entry: undefined });
  const add = useCallback((term: string) => change({ q: withPart(query, term), entry: undefined }), [change, query]);
  const open = useCallback(
    (entry: Entry | undefined) => change({ entry: entry?.event.id }, { replace: selected !== undefined }),
    [change, selected],
  );
  const readMore = useCallback(() => {
    if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
  }, [pages.hasNextPage, pages.isFetchingNextPage, pages.fetchNextPage]);
  const setLive = (on: boolean) => {
    setPausedAt(undefined);
    change({ live: on ? "1" : undefined }, { replace: true });
  };

  const [cursor, setCursor] = useState<string | undefined>();
  const at = entries.findIndex(({ event }) => event.id === (selected ?? cursor));
  const step = (by: number) => () => {
    const next = entries[at === -1 ? 0 : Math.max(0, Math.min(entries.length - 1, at + by))];
    if (next === undefined) return;
    setCursor(next.event.id);
    if (selected !== undefined) open(next);
  };
  useShortcuts({
    j: step(1),
    k: step(-1),
    "]": step(1),
    "[": step(-1),
    Enter: () => open(entries[at]),
    Escape: selected === undefined ? undefined : () => open(undefined),
    l: () => setLive(!isLive),
  });

  const title = log === undefined ? "Activity" : (described?.title ?? log);
  const isEmpty = pages.isSuccess && entries.length === 0;
  const isUnknown = log !== undefined && catalogue !== undefined && described === undefined;
  return (
    <div className={`page activity${selected === undefined ? "" : " has-drawer"}`}>
      <div className="activity-main">
        <ActivityToolbar
          {...{ title, query, tenant, isLive, tail, columnNames, asking, areFacetsOpen, setLive }}
          defaultColumns={described?.list.columns ?? defaultColumns}
          description={described}
          isPaused={pausedAt !== undefined}
          waiting={tail.entries.length - arrived.length}
          onPause={(on) =>
            setPausedAt(on ? (entries[0] === undefined ? -1 : Math.max(...entries.map(({ seq }) => seq))) : undefined)
          }
          onColumns={(next) => change({ columns: next?.join(",") }, { replace: true })}
          onTime={search}
          onFacets={() => setFacetsOpen(!areFacetsOpen)}
        />
        <SearchBox query={query} tenant={tenant} within={within} onSearch={search} />
        <div className="activity-body">
          <aside className={`activity-facets${areFacetsOpen ? " is-open" : ""}`} aria-label="Filters by value">
            <Facets {...{ asking, query, names }} mayRead={mayCount} fields={facetFields} onChange={search} />
          </aside>
          <div className="activity-list">
            {!isEmpty && pages.error === null && (
              <HistogramChart
                asking={asking}
                mayRead={mayCount}
                onZoom={(time) => search(withTime(query, `time:${time}`))}
              />
            )}
            {pages.error !== null && <Failed error={pages.error} onRetry={() => void pages.refetch()} />}
            {isEmpty && isUnknown && <NoSuchLog log={log} />}
            {isEmpty && !isUnknown && <Nothing asking={asking} query={query} within={within} onChange={search} />}
            {!isEmpty && pages.error === null && (
              <EntryList
                {...{ entries, columns, fresh }}
                selected={selected ?? cursor}
                hrefOf={(entry) => `#${entryLink(entry, tenant)}`}
                onOpen={open}
                onAdd={add}
                onEnd={readMore}
                isLoading={pages.isPending || pages.isFetchingNextPage}
                label={title}
              />
            )}
          </div>
        </div>
      </div>
      {selected !== undefined && (
        <EntryDrawer
          id={selected}
          known={entries[at]}
          tenant={tenant}
          onClose={() => open(undefined)}
          onPrevious={at > 0 ? step(-1) : undefined}
          onNext={at >= 0 && at < entries.length - 1 ? step(1) : undefined}
        />
      )}
    </div>
  );
}
