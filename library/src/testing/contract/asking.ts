import { assert } from "../assert.ts";

import { formatInstant } from "../../base/time.ts";
import { openEntry, type Entry, type StoredEntry } from "../../event/entry.ts";
import { countEntries } from "../../query/count-entries.ts";
import { matches } from "../../query/matches.ts";
import { compareEntries } from "../../query/order.ts";
import { parseQuery } from "../../query/parse-query.ts";
import type { Order } from "../../query/request.ts";
import type { Query } from "../../query/ast.ts";
import type { PreparedEntry, Store } from "../../trail/contracts.ts";
import { assertRejects, readAll } from "./assertions.ts";
import type { ContractCase } from "./harness.ts";
import { entryMaker, sampleEntries } from "./sample-entries.ts";

const parse = (text: string): Query => parseQuery(text, { now: Date.UTC(2026, 5, 1) * 1000, zone: "UTC" });
const tenant = "default";
const orders: readonly Order[] = [
  { by: "time", direction: "newest" },
  { by: "time", direction: "oldest" },
  { by: "seq", direction: "newest" },
  { by: "seq", direction: "oldest" },
];
const queries = [
  "",
  "outcome:failure",
  "actor:user/1",
  "action:mail.*",
  "-outcome:success",
  "log:shop data.total:>20",
  "target:order/3",
  "refund",
  "(outcome:denied or actor:user/2) log:door",
];

/** Sixty events over three logs; their times go up and down, and some are the same. */
function variedEntries(store: Store<unknown>): PreparedEntry[] {
  const make = entryMaker(store);
  return Array.from({ length: 60 }, (_, index) =>
    make({
      action: ["shop.sold", "mail.sent", "door.opened"][index % 3]!,
      actor: { type: "user", id: String(index % 4), name: `Person ${index % 4}` },
      outcome: (["success", "failure", "denied"] as const)[index % 5] ?? "success",
      target: { type: "order", id: String(index % 7) },
      occurredAt: formatInstant((Date.UTC(2026, 4, 1) + ((index * 37) % 20) * 3_600_000) * 1000),
      ...(index % 6 === 0 ? { message: "a refund was asked for" } : {}),
      data: { total: index },
    }),
  );
}

async function pages(store: Store<unknown>, query: Query, order: Order, limit: number): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.page({ tenant, query, order, limit, ...(cursor === undefined ? {} : { cursor }) });
    assert.ok(page.entries.length <= limit, "a page holds no more than its limit");
    assert.ok(page.next === undefined || page.entries.length === limit, "only a full page has a next one");
    all.push(...page.entries);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

async function expected(store: Store<unknown>, query: Query, order: Order): Promise<Entry[]> {
  const entries = (await readAll(store)).map(openEntry);
  return entries.filter((entry) => matches(query, entry)).sort(compareEntries(order));
}

const seqs = (entries: readonly { readonly seq: number }[]): number[] => entries.map(({ seq }) => seq);

export const askingCases: readonly ContractCase[] = [
  {
    name: "pages through exactly what a query means, in the order asked for",
    async run({ open }) {
      const store = await open();
      await store.append(variedEntries(store));
      for (const text of queries) {
        for (const order of orders) {
          for (const limit of [1, 7, 1_000]) {
            const found = await pages(store, parse(text), order, limit);
            assert.deepEqual(
              seqs(found),
              seqs(await expected(store, parse(text), order)),
              `${text} by ${order.by}, ${order.direction}, ${limit} a page`,
            );
          }
        }
      }
    },
  },
  {
    name: "has no next page behind the last one, even when that is full",
    async run({ open }) {
      const store = await open();
      await store.append(sampleEntries(store, 4));
      for (const order of orders) {
        const first = await store.page({ tenant, query: parse(""), order, limit: 2 });
        const second = await store.page({ tenant, query: parse(""), order, limit: 2, cursor: first.next! });
        assert.deepEqual([second.entries.length, second.next], [2, undefined]);
      }
      assert.deepEqual(await store.page({ tenant: "nobody", query: parse(""), order: orders[0]!, limit: 5 }), {
        entries: [],
      });
    },
  },
  {
    name: "keeps cursors stable while entries arrive",
    async run({ open }) {
      const store = await open();
      await store.append(variedEntries(store));
      for (const order of orders) {
        const before = await expected(store, parse(""), order);
        const first = await store.page({ tenant, query: parse(""), order, limit: 10 });
        await store.append(variedEntries(store));
        const rest = await store.page({ tenant, query: parse(""), order, limit: 1_000, cursor: first.next! });
        const known = new Set(seqs(before));
        const shown = [...seqs(first.entries), ...seqs(rest.entries)].filter((seq) => known.has(seq));
        assert.deepEqual(shown, seqs(before), `nothing is skipped or shown twice by ${order.by}, ${order.direction}`);
      }
    },
  },
  {
    name: "refuses a cursor of another query or order, and what is none",
    async run({ open }) {
      const store = await open();
      await store.append(variedEntries(store));
      const [order, otherOrder] = [orders[0]!, orders[1]!];
      const { next: cursor } = await store.page({ tenant, query: parse("log:shop"), order, limit: 2 });
      const asked = { tenant, query: parse("log:shop"), order, limit: 2, cursor: cursor! };
      assert.equal((await store.page(asked)).entries.length, 2);
      await assertRejects("another query", () => store.page({ ...asked, query: parse("log:mail") }), "CURSOR_INVALID");
      await assertRejects("another order", () => store.page({ ...asked, order: otherOrder }), "CURSOR_INVALID");
      for (const nonsense of ["", "x", `${cursor}x`, "1_'; DROP TABLE auditrail_entry; --_0_0"]) {
        await assertRejects(
          `the cursor ${JSON.stringify(nonsense)}`,
          () => store.page({ ...asked, cursor: nonsense }),
          "CURSOR_INVALID",
        );
      }
    },
  },
  {
    name: "counts exactly what a query means, by the groups and buckets asked for",
    async run({ open }) {
      const store = await open();
      await store.append(variedEntries(store));
      const entries = (await readAll(store)).map(openEntry);
      const requests = [
        { by: [] },
        { by: ["action"] },
        { by: ["outcome", "log"] },
        { by: ["actor"], bucket: { unit: "day", zone: "UTC" } },
        { by: ["outcome"], bucket: { unit: "hour", zone: "Europe/Berlin" } },
        { by: ["target"] },
        { by: ["data.total"] },
        { by: [], newest: 3 },
        { by: ["target"], newest: 4 },
        { by: ["actor.type"], newest: 1 },
        { by: ["outcome"], bucket: { unit: "day", zone: "UTC" }, newest: 4 },
      ] as const;
      for (const text of queries) {
        for (const request of requests) {
          const rows = await store.count({ tenant, query: parse(text), ...request });
          assert.deepEqual(
            rows,
            countEntries(entries, { query: parse(text), ...request }),
            `${text} by ${JSON.stringify(request)}`,
          );
        }
      }
    },
  },
  {
    name: "gives personal data back wherever entries are read, and finds entries by it",
    async run({ open }) {
      const store = await open();
      const entry = entryMaker(store)({ actor: { type: "user", id: "7", name: "Ida Lund", email: "ida@example.com" } });
      await store.append([entry]);
      const [read] = await store.read(tenant, 0, 1);
      const found = await store.page({ tenant, query: parse("lund"), order: orders[0]!, limit: 5 });
      for (const stored of [read, await store.readById(tenant, entry.id), found.entries[0]]) {
        assert.equal(openEntry(stored!).event.actor.name, "Ida Lund");
        assert.equal(openEntry(stored!).event.actor.email, "ida@example.com");
        assert.ok(!stored!.text.includes("Ida"), "but the entry itself only commits to it");
      }
    },
  },
];
