/** Asking the store for what a reader may see: the access rule goes with every query. */

import { AuditError, quote } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { StoredEntry } from "../event/entry.ts";
import { and, type Query } from "../query/ast.ts";
import { createCounter } from "../query/count-entries.ts";
import { matches } from "../query/matches.ts";
import { parseQuery } from "../query/parse-query.ts";
import type { CountRequest, CountRow, Order } from "../query/request.ts";
import { isTallied } from "../query/tallied.ts";
import type { Store } from "../trail/contracts.ts";
import { hasWords, widen, type AccessRules } from "./access-rule.ts";
import type { Reader } from "./caller.ts";
import { openFor } from "./entry-view.ts";

/** A query, and whose. */
export interface Asked {
  readonly reader: Reader;
  readonly tenant: string;
  readonly query: Query;
}

export interface PageAsked extends Asked {
  readonly order: Order;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface FoundPage {
  readonly entries: readonly StoredEntry[];
  readonly next: string | undefined;
}

export interface FoundCounts {
  readonly rows: readonly CountRow[];
  /** False where there was more than could be looked at. */
  readonly complete: boolean;
}

export type Reading = ReturnType<typeof createReading>;

/** How many pages are looked through for one that holds something, and entries for one count, where words are looked for in masked entries. */
const mostPages = 20;
const mostCounted = 20_000;
const scanPage = 1_000;

export function createReading(options: {
  readonly store: Store<unknown>;
  readonly catalogue: Catalogue;
  readonly rules: AccessRules;
  readonly clock: Clock;
  /** How many matches are counted for a page where no tally knows them. */
  readonly mostAtOnce: number;
}) {
  const { store, catalogue, rules, clock, mostAtOnce } = options;

  /** Errors: `QUERY_INVALID`, `QUERY_PERSONAL`. */
  function parse(reader: Reader, text = "", zone = "UTC"): Query {
    const query = parseQuery(text, { now: clock.nowMicros(), zone });
    rules.assertQuery(reader, query);
    return query;
  }

  /** Whether the reader sees that an entry matches. */
  const isSeen = ({ reader, query }: Pick<Asked, "reader" | "query">, stored: StoredEntry): boolean => {
    const entry = openFor(stored, { reveals: reader.mayReveal }, catalogue);
    return matches(and(rules.ruleFor(reader), query), entry);
  };

  const looksTwice = ({ reader, query }: Pick<Asked, "reader" | "query">): boolean =>
    !reader.mayReveal && hasWords(query);

  async function page(asked: PageAsked): Promise<FoundPage> {
    const { reader, tenant, order, limit } = asked;
    const twice = looksTwice(asked);
    const query = and(rules.ruleFor(reader), twice ? widen(asked.query) : asked.query);
    const found: StoredEntry[] = [];
    let cursor = asked.cursor;
    for (let pages = 0; pages < (twice ? mostPages : 1) && found.length < limit; pages += 1) {
      const from = cursor === undefined ? {} : { cursor };
      const got = await store.page({ tenant, query, order, limit: limit - found.length, ...from });
      found.push(...(twice ? got.entries.filter((entry) => isSeen(asked, entry)) : got.entries));
      cursor = got.next;
      if (cursor === undefined) break;
    }
    return { entries: found, next: cursor };
  }

  async function* all(asked: Asked, order: Order): AsyncIterable<readonly StoredEntry[]> {
    let cursor: string | undefined;
    do {
      const found: FoundPage = await page({ ...asked, order, limit: 500, cursor });
      yield found.entries;
      cursor = found.next;
    } while (cursor !== undefined);
  }

  /** Errors: `QUERY_INVALID`, `QUERY_PERSONAL` for fields to group by. */
  async function count(asked: Asked, groups: Pick<CountRequest, "by" | "bucket">): Promise<FoundCounts> {
    rules.assertFields(asked.reader, groups.by);
    if (looksTwice(asked)) return countSeen(asked, groups);
    const query = and(rules.ruleFor(asked.reader), asked.query);
    return { rows: await store.count({ tenant: asked.tenant, query, ...groups }), complete: true };
  }

  /** For a page that somebody looks at: of what no tally knows, only the newest matches are counted. Errors: as {@link count}. */
  async function countAtOnce(asked: Asked, groups: Pick<CountRequest, "by" | "bucket">): Promise<FoundCounts> {
    const query = and(rules.ruleFor(asked.reader), asked.query);
    if (looksTwice(asked) || isTallied({ query, ...groups })) return count(asked, groups);
    rules.assertFields(asked.reader, groups.by);
    return countNewest(store, { tenant: asked.tenant, query, ...groups }, mostAtOnce);
  }

  async function countSeen(asked: Asked, groups: Pick<CountRequest, "by" | "bucket">): Promise<FoundCounts> {
    const counter = createCounter(groups);
    const { reader, tenant } = asked;
    const query = and(rules.ruleFor(reader), widen(asked.query));
    let cursor: string | undefined;
    for (let looked = 0; looked < mostCounted; looked += scanPage) {
      const from = cursor === undefined ? {} : { cursor };
      const order = { by: "seq", direction: "newest" } as const;
      const got = await store.page({ tenant, query, order, limit: scanPage, ...from });
      for (const entry of got.entries)
        if (isSeen(asked, entry)) counter.add(openFor(entry, { reveals: false }, catalogue));
      cursor = got.next;
      if (cursor === undefined) break;
    }
    return { rows: counter.rows(), complete: cursor === undefined };
  }

  /** The entry at a position or with an id. One that the reader may not see is not found. Errors: `ENTRY_NOT_FOUND`. */
  async function one(reader: Reader, tenant: string, place: string): Promise<StoredEntry> {
    const seq = /^\d{1,16}$/.test(place) ? Number(place) : undefined;
    const stored =
      seq === undefined ? await store.readById(tenant, place) : (await store.read(tenant, seq, seq + 1))[0];
    if (stored !== undefined && matches(rules.ruleFor(reader), openFor(stored, { reveals: false }, catalogue)))
      return stored;
    throw new AuditError(
      "ENTRY_NOT_FOUND",
      `Cannot show an entry: there is none ${quote(place)} in the trail of ${quote(tenant)} that you may read.`,
    );
  }

  return { parse, page, all, count, countAtOnce, one, isSeen };
}

async function countNewest(
  store: Pick<Store<unknown>, "count">,
  request: CountRequest,
  most: number,
): Promise<FoundCounts> {
  const rows = await store.count({ ...request, newest: most });
  if (sumOf(rows) < most) return { rows, complete: true };
  // Entries with several values are in several rows, so their sum does not tell.
  const { tenant, query } = request;
  const matching = await store.count({ tenant, query, by: [], newest: most + 1 });
  return { rows, complete: sumOf(matching) <= most };
}

function sumOf(rows: readonly CountRow[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}
