/** What the pages read, each as a hook: the key of a question is its parameters. */

import { keepPreviousData, useInfiniteQuery, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { get, type Parameters } from "./request.ts";
import type {
  Catalogue,
  CountRow,
  Entry,
  EntryPage,
  Facet,
  Histogram,
  Proof,
  SavedSearch,
  TenantHead,
  Trust,
} from "./types.ts";

/** What every question says: whose trail, which entries, and the zone that days are meant in. */
export interface Asking {
  readonly tenant: string | undefined;
  readonly query: string;
  readonly zone: string;
}

const parametersOf = ({ tenant, query, zone }: Asking): Parameters => ({ tenant, query, zone });

function useReading<Answer>(
  path: string,
  parameters: Parameters,
  options: { enabled?: boolean; fresh?: number; keep?: boolean } = {},
) {
  return useQuery<Answer>({
    queryKey: [path, parameters],
    queryFn: ({ signal }) => get<Answer>(path, parameters, signal),
    ...(options.enabled === undefined ? {} : { enabled: options.enabled }),
    ...(options.fresh === undefined ? {} : { refetchInterval: options.fresh }),
    ...(options.keep === true ? { placeholderData: keepPreviousData } : {}),
  });
}

/** How many entries are read at once: a few screens, so that scrolling meets no end. */
const pageSize = 100;

export function useEntries(asking: Asking, path = "entries", more: Parameters = {}) {
  const parameters = { ...parametersOf(asking), ...more, limit: pageSize };
  return useInfiniteQuery({
    queryKey: [path, "pages", parameters],
    queryFn: ({ pageParam, signal }) => get<EntryPage>(path, { ...parameters, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

export const useEntry = (tenant: string | undefined, entry: string): UseQueryResult<Entry> =>
  useReading<Entry>(`entries/${encodeURIComponent(entry)}`, { tenant });

export const useSurrounding = (tenant: string | undefined, entry: string, enabled: boolean) =>
  useReading<{ before: readonly Entry[]; entry: Entry; after: readonly Entry[] }>(
    `entries/${encodeURIComponent(entry)}/surrounding`,
    { tenant, before: 4, after: 4 },
    { enabled },
  );

export const useProof = (tenant: string | undefined, entry: string, enabled: boolean) =>
  useReading<Proof>(`entries/${encodeURIComponent(entry)}/proof`, { tenant }, { enabled });

export const useFacets = (asking: Asking, fields: readonly string[], enabled: boolean, limit = 8) =>
  useReading<{ facets: readonly Facet[]; leftOut: readonly { readonly field: string }[] }>(
    "facets",
    { ...parametersOf(asking), fields: fields.join(","), limit },
    { enabled: enabled && fields.length > 0, keep: true },
  );

export const useHistogram = (asking: Asking, enabled: boolean) =>
  useReading<Histogram>("histogram", parametersOf(asking), { enabled, keep: true });

export const useCounts = (asking: Asking, by: readonly string[], bucket?: string, enabled = true) =>
  useReading<{ rows: readonly CountRow[]; complete: boolean }>(
    "counts",
    { ...parametersOf(asking), by: by.join(","), bucket },
    { enabled },
  );

export const useCatalogue = () => useReading<Catalogue>("catalogue", {});
export const useTenants = () => useReading<{ tenants: readonly TenantHead[] }>("tenants", {});
export const useTrust = (tenant: string | undefined) => useReading<Trust>("trust", { tenant }, { fresh: 15_000 });
export const useSearches = () => useReading<{ searches: readonly SavedSearch[] }>("searches", {});
