import { setTimeout as sleep } from "node:timers/promises";

import { AuditError, quote } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import { currentContext } from "../context/context.ts";
import type { Catalogue } from "../event/catalogue.ts";
import { openEntry, type Entry, type StoredEntry } from "../event/entry.ts";
import { readErasureOrder } from "../event/erasure-order.ts";
import { upcastEvent } from "../event/upcast.ts";
import { matches } from "../query/matches.ts";
import { parseQuery } from "../query/parse-query.ts";
import type { Query } from "../query/ast.ts";
import type { CountRow } from "../query/request.ts";
import type { Store, TrailHead } from "./contracts.ts";
import { defaultTenant } from "./prepare-event.ts";
import type { AskOptions, CountOptions, FollowOptions, Page, QueryOptions } from "./types.ts";

export interface TrailReaderOptions {
  readonly store: Store<unknown>;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
}

const defaultLimit = 50;
const maxLimit = 1_000;

/** Entries of other processes are found by looking; five times a second is soon enough for eyes. */
const followIntervalMs = 200;
const followBatch = 500;

/** The asking side of a trail; the writing side knows nothing of it. */
export function createTrailReader({ store, catalogue, clock }: TrailReaderOptions) {
  const open = (stored: StoredEntry): Entry => {
    const entry = openEntry(stored);
    return { ...entry, event: upcastEvent(entry.event, catalogue) };
  };
  const parse = (text: string, { zone = "UTC" }: AskOptions): Query =>
    parseQuery(text, { now: clock.nowMicros(), zone });

  async function page(query: Query, options: QueryOptions): Promise<Page> {
    const { limit = defaultLimit, order, cursor } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      throw new AuditError(
        "OPTION_INVALID",
        `Cannot read a page of ${limit} entries: expected a whole number from 1 to ${maxLimit}.`,
      );
    }
    const { entries, next } = await store.page({
      ...{ tenant: tenantOf(options), query, limit },
      order: { by: order?.by ?? "time", direction: order?.direction ?? "newest" },
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { entries: entries.map(open), ...(next === undefined ? {} : { next }) };
  }

  async function* follow(text: string, options: FollowOptions = {}): AsyncIterable<Entry> {
    const tenant = tenantOf(options);
    const query = parse(text, options);
    let position = options.from ?? (await headOf(tenant))?.size ?? 0;
    while (!(options.signal?.aborted ?? false)) {
      const stored = await store.read(tenant, position, position + followBatch);
      // Pruned positions are skipped: those inside the batch by its last entry, those beyond it by asking where the trail begins.
      position = (stored.at(-1)?.seq ?? Math.max(position, (await headOf(tenant))?.first ?? 0) - 1) + 1;
      for (const entry of stored.map(open)) if (matches(query, entry)) yield entry;
      if (stored.length < followBatch) await sleepUnlessAborted(followIntervalMs, options.signal);
    }
  }

  const readAt = async (tenant: string, position: number): Promise<StoredEntry | undefined> =>
    Number.isSafeInteger(position) ? (await store.read(tenant, position, position + 1))[0] : undefined;

  const headOf = async (tenant: string): Promise<TrailHead | undefined> =>
    (await store.listTrails()).find((head) => head.tenant === tenant);

  async function notFound(position: number | string, tenant: string): Promise<AuditError> {
    const what = typeof position === "string" ? `the id ${quote(position)}` : `position ${position}`;
    const pruning = typeof position === "number" ? await findPruning(store, tenant, position) : undefined;
    if (pruning === undefined) {
      return new AuditError(
        "ENTRY_NOT_FOUND",
        `Cannot show an entry: trail ${quote(tenant)} has none with ${what}. It may be in another tenant's trail.`,
      );
    }
    const { seq, recordedAt, event } = pruning;
    return new AuditError(
      "ENTRY_NOT_FOUND",
      `Cannot show entry ${position}: it was pruned from trail ${quote(tenant)} by entry ${seq} (${recordedAt}, reason: ${quote(event.reason ?? "none")}). Its leaf hash is still in the tree.`,
      { details: { prunedBy: seq } },
    );
  }

  return {
    query: async (text: string, options: QueryOptions = {}): Promise<Page> => page(parse(text, options), options),

    async *entries(text: string, options: Omit<QueryOptions, "cursor"> = {}): AsyncIterable<Entry> {
      const query = parse(text, options);
      let cursor: string | undefined;
      do {
        const { entries, next } = await page(query, {
          limit: maxLimit,
          ...options,
          ...(cursor === undefined ? {} : { cursor }),
        });
        yield* entries;
        cursor = next;
      } while (cursor !== undefined);
    },

    async count(text: string, options: CountOptions = {}): Promise<readonly CountRow[]> {
      const { by = [], bucket: unit, zone = "UTC" } = options;
      const query = parse(text, options);
      return store.count({
        tenant: tenantOf(options),
        query,
        by,
        ...(unit === undefined ? {} : { bucket: { unit, zone } }),
      });
    },

    async read(position: number | string, options: AskOptions = {}): Promise<Entry> {
      const tenant = tenantOf(options);
      const found =
        typeof position === "string" ? await store.readById(tenant, position) : await readAt(tenant, position);
      if (found !== undefined) return open(found);
      throw await notFound(position, tenant);
    },

    follow,
    trails: (): Promise<readonly TrailHead[]> => store.listTrails(),
  };
}

/** The entry that announced that a position is removed, where one did. The last one covers all before it. */
async function findPruning(store: Store<unknown>, tenant: string, position: number): Promise<Entry | undefined> {
  const query = parseQuery("action:auditrail.pruned", { now: 0, zone: "UTC" });
  const { entries } = await store.page({ tenant, query, limit: maxLimit, order: { by: "seq", direction: "newest" } });
  const covers = ({ seq, event }: Entry): boolean => {
    const order = readErasureOrder(event, seq);
    return order?.kind === "pruned" && order.from <= position && position < order.to;
  };
  return entries.map(openEntry).findLast(covers);
}

function tenantOf(options: AskOptions): string {
  return options.tenant ?? currentContext().tenant ?? defaultTenant;
}

async function sleepUnlessAborted(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (!(signal?.aborted ?? false)) throw error;
  });
}
