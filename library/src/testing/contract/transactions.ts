import { assert } from "../assert.ts";

import { assertRejects, assertTrail, readAll } from "./assertions.ts";
import type { CompleteHarness, ContractCase, StoreHarness } from "./harness.ts";
import { brokenEntry, entryMaker, sampleEntries } from "./sample-entries.ts";

const complete = (harness: StoreHarness): CompleteHarness => harness as CompleteHarness;
const stop = new Error("the application's own");

/** The positions that appending in a transaction answers with. */
const answered = ({ features }: StoreHarness, ...positions: readonly number[]): readonly (number | null)[] =>
  features.positions === "after the commit" ? positions.map(() => null) : positions;

export const transactionCases: readonly ContractCase[] = [
  {
    name: "keeps what was appended in a transaction when that commits",
    needs: "transactions",
    async run(harness) {
      const { open, transaction } = complete(harness);
      const store = await open();
      const entries = sampleEntries(store, 4);
      await store.append([entries[0]!]);
      const seqs = await transaction(store, async (tx) => {
        const first = await store.appendIn(tx, [entries[1]!, entries[2]!]);
        const second = await store.appendIn(tx, [entries[3]!]);
        return [...first, ...second].map(({ seq }) => seq);
      });
      assert.deepEqual(seqs, answered(harness, 1, 2, 3));
      await assertTrail(store, "default", entries);
    },
  },
  {
    name: "keeps nothing of a transaction that rolls back, and gives its positions to others",
    needs: "transactions",
    async run(harness) {
      const { open, transaction } = complete(harness);
      const store = await open();
      const [kept, dropped, later] = sampleEntries(store, 3);
      await store.append([kept!]);
      const failing = transaction(store, async (tx) => {
        await store.appendIn(tx, [dropped!, entryMaker(store)({ tenant: "new" })]);
        throw stop;
      });
      await assert.rejects(failing, (error) => error === stop);
      assert.deepEqual(
        (await store.listTrails()).map(({ tenant }) => tenant),
        ["default"],
      );
      assert.equal(await store.readById("default", dropped!.id), undefined);
      const [appended] = await store.append([later!]);
      assert.equal(appended!.seq, 1);
      assert.equal((await store.append([dropped!]))[0]!.existing, undefined, "the id is free again");
      await assertTrail(store, "default", [kept!, later!, dropped!]);
    },
  },
  {
    name: "shows nobody what a transaction has not committed",
    needs: "transactions",
    async run(harness) {
      const { open, transaction } = complete(harness);
      const store = await open();
      const [before, inside] = sampleEntries(store, 2);
      await store.append([before!]);
      await transaction(store, async (tx) => {
        await store.appendIn(tx, [inside!]);
        assert.equal((await readAll(store)).length, 1);
        assert.equal(await store.readById("default", inside!.id), undefined);
      });
      await assertTrail(store, "default", [before!, inside!]);
    },
  },
  {
    name: "leaves a transaction usable, and nothing of the batch in it, when it refuses the batch",
    needs: "transactions",
    async run(harness) {
      const { open, transaction } = complete(harness);
      const store = await open();
      const [first, refused, last] = sampleEntries(store, 3);
      await transaction(store, async (tx) => {
        await store.appendIn(tx, [first!]);
        await assertRejects("a broken entry", () => store.appendIn(tx, [refused!, brokenEntry(store)]));
        const [appended] = await store.appendIn(tx, [last!]);
        assert.deepEqual([appended!.seq], answered(harness, 1));
      });
      await assertTrail(store, "default", [first!, last!]);
    },
  },
  {
    name: "answers with the entry that has the id already in a transaction too",
    needs: "transactions",
    async run(harness) {
      const { open, transaction } = complete(harness);
      const store = await open();
      const [before, inside] = sampleEntries(store, 2);
      await store.append([before!]);
      await transaction(store, async (tx) => {
        const [known] = await store.appendIn(tx, [before!]);
        assert.equal(known!.existing?.text, before!.text);
        await store.appendIn(tx, [inside!]);
        const [again] = await store.appendIn(tx, [inside!]);
        assert.deepEqual([again!.seq, again!.existing?.text], [...answered(harness, 1), inside!.text]);
      });
      await assertTrail(store, "default", [before!, inside!]);
    },
  },
  {
    name: "refuses a handle that is no open transaction on its database",
    needs: "transactions",
    async run(harness) {
      const { open, transaction, wrongTransactions } = complete(harness);
      const store = await open();
      const entries = sampleEntries(store, 1);
      let ended: unknown;
      await transaction(store, (tx) => {
        ended = tx;
      });
      const wrong = [...(await wrongTransactions(store)), { what: "a transaction that has ended", transaction: ended }];
      for (const { what, transaction: tx } of wrong)
        await assertRejects(what, () => store.appendIn(tx, entries), "TRANSACTION_INVALID");
      await assertTrail(store, "default", []);
    },
  },
  {
    name: "has done its work when appending in a synchronous transaction returns",
    needs: "synchronous transactions",
    async run(harness) {
      const { open, transaction } = complete(harness);
      const store = await open();
      const entries = sampleEntries(store, 2);
      await transaction(store, (tx) => {
        const appended = store.appendIn(tx, entries);
        assert.ok(Array.isArray(appended), "answers at once");
      });
      await assertTrail(store, "default", entries);
    },
  },
];
