import { assert } from "../assert.ts";

import { describeCatalogue } from "../../event/describe.ts";
import { action } from "../../event/action.ts";
import { defineCatalogue, defineLog } from "../../event/catalogue.ts";
import { assertRejects, assertTrail } from "./assertions.ts";
import type { CompleteHarness, ContractCase } from "./harness.ts";
import { parseQuery } from "../../query/parse-query.ts";
import { sampleEntries } from "./sample-entries.ts";

const everything = parseQuery("", { now: 0, zone: "UTC" });
const catalogueOf = (title: string) =>
  describeCatalogue(
    defineCatalogue(
      defineLog("shop", { title, actions: { sold: action({ op: "create", says: "{actor} sold {target}" }) } }),
    ),
  );

/** What a store keeps beside the trails, and how it ends. */
export const settlingCases: readonly ContractCase[] = [
  {
    name: "keeps the highest number of settled events for each producer, with the batch",
    async run({ open }) {
      const store = await open();
      const [one, two, three] = sampleEntries(store, 3);
      assert.equal(await store.readSettled("p"), 0);
      await store.append([one!], { settles: { producer: "p", total: 5 } });
      await store.append([two!], { settles: { producer: "p", total: 3 } });
      await store.append([three!], { settles: { producer: "q", total: 1 } });
      assert.deepEqual(
        [await store.readSettled("p"), await store.readSettled("q"), await store.readSettled("r")],
        [5, 1, 0],
      );
    },
  },
  {
    name: "gives the catalogue back that was kept last",
    async run({ open }) {
      const store = await open();
      assert.equal(await store.readCatalogue(), undefined);
      for (const title of ["Shop", "Shop", "New shop"]) {
        await store.putCatalogue(catalogueOf(title));
        assert.deepEqual(await store.readCatalogue(), catalogueOf(title));
      }
    },
  },
  {
    name: "has everything again after it was closed and opened",
    needs: "reopen",
    async run(harness) {
      const { open, reopen } = harness as CompleteHarness;
      const store = await open();
      const entries = sampleEntries(store, 5);
      await store.append(entries, { settles: { producer: "p", total: 5 } });
      await store.putCatalogue(catalogueOf("Shop"));
      await store.close();
      const again = await reopen(store);
      assert.equal(again.origin, store.origin);
      await assertTrail(again, "default", entries);
      assert.equal(await again.readSettled("p"), 5);
      assert.deepEqual(await again.readCatalogue(), catalogueOf("Shop"));
      const [appended] = await again.append([entries[0]!]);
      assert.equal(appended!.existing?.text, entries[0]!.text);
      assert.equal((await again.append(sampleEntries(again, 1)))[0]!.seq, 5);
    },
  },
  {
    name: "finishes what was asked before it closes",
    async run({ open }) {
      const store = await open();
      const appended = Array.from({ length: 5 }, () => store.append(sampleEntries(store, 100)));
      await store.close();
      const seqs = (await Promise.all(appended)).flat().map(({ seq }) => seq);
      assert.deepEqual(
        seqs.sort((a, b) => a! - b!),
        Array.from({ length: 500 }, (_, seq) => seq),
      );
    },
  },
  {
    name: "says of everything that it is closed, and closes twice without a word",
    async run({ open }) {
      const store = await open();
      const entries = sampleEntries(store, 1);
      await store.append(entries);
      await store.close();
      await store.close();
      const order = { by: "time", direction: "newest" } as const;
      const calls: Readonly<Record<string, () => unknown>> = {
        append: () => store.append(entries),
        appendIn: () => store.appendIn(undefined, entries),
        page: () => store.page({ tenant: "default", query: everything, order, limit: 1 }),
        count: () => store.count({ tenant: "default", query: everything, by: [] }),
        read: () => store.read("default", 0, 1),
        readById: () => store.readById("default", entries[0]!.id),
        listTrails: () => store.listTrails(),
        readTree: () => store.readTree("default"),
        readTile: () => store.readTile("default", 0, 0),
        putCheckpoint: () =>
          store.putCheckpoint("default", { size: 1, root: new Uint8Array(32), createdAtMicros: 1, note: "n" }),
        listCheckpoints: () => store.listCheckpoints("default", 0, 10),
        readSettled: () => store.readSettled("p"),
        putCatalogue: () => store.putCatalogue(catalogueOf("Shop")),
        readCatalogue: () => store.readCatalogue(),
      };
      for (const [name, call] of Object.entries(calls))
        await assertRejects(`${name}() of a closed store`, call, "STORE_CLOSED");
    },
  },
];
