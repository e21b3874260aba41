import { assert } from "../assert.ts";

import { assertTrail } from "./assertions.ts";
import type { ContractCase } from "./harness.ts";
import { entryMaker, newEventId, sampleEntries } from "./sample-entries.ts";

export const identityCases: readonly ContractCase[] = [
  {
    name: "answers with the entry that is there already for an id that it knows",
    async run({ open }) {
      const store = await open();
      const entry = entryMaker(store)({ actor: { type: "user", id: "7", name: "Ida Lund" } });
      const [first] = await store.append([...sampleEntries(store, 1), entry].slice(1));
      const [again] = await store.append([entry]);
      assert.equal(again!.seq, first!.seq);
      assert.equal(again!.recordedAtMicros, first!.recordedAtMicros);
      assert.equal(again!.existing?.text, entry.text);
      assert.deepEqual(Buffer.from(again!.existing!.hash), Buffer.from(entry.hash));
      assert.equal(again!.existing!.sealed.length, entry.sealed.length, "with its sealed parts");
      await assertTrail(store, "default", [entry]);
    },
  },
  {
    name: "gives an id that comes twice in a batch one position",
    async run({ open }) {
      const store = await open();
      const [one, two] = sampleEntries(store, 2);
      const appended = await store.append([one!, two!, one!]);
      assert.deepEqual(
        appended.map(({ seq }) => seq),
        [0, 1, 0],
      );
      assert.deepEqual(
        appended.map(({ existing }) => existing?.text),
        [undefined, undefined, one!.text],
      );
      await assertTrail(store, "default", [one!, two!]);
    },
  },
  {
    name: "keeps what is there when a known id comes with other bytes, and says what is there",
    async run({ open }) {
      const store = await open();
      const make = entryMaker(store);
      const id = newEventId();
      const [kept, other] = [make({ id, message: "one" }), make({ id, message: "two" })];
      await store.append([kept]);
      const [answer, next] = await store.append([other, make()]);
      assert.equal(answer!.existing?.text, kept.text);
      assert.equal(next!.seq, 1, "the known id took no position");
      assert.equal((await store.readById("default", id))?.text, kept.text);
    },
  },
  {
    name: "takes an id of one tenant for a new one in the trail of another",
    async run({ open }) {
      const store = await open();
      const make = entryMaker(store);
      const id = newEventId();
      const [ours, theirs] = [make({ id, tenant: "ours" }), make({ id, tenant: "theirs" })];
      await store.append([ours]);
      const [answer] = await store.append([theirs]);
      assert.equal(answer!.existing, undefined);
      await assertTrail(store, "ours", [ours]);
      await assertTrail(store, "theirs", [theirs]);
    },
  },
  {
    name: "keeps batches that repeat each other, sent at once, once",
    async run({ open }) {
      const store = await open();
      const entries = sampleEntries(store, 10);
      const answers = await Promise.all(Array.from({ length: 5 }, () => store.append(entries)));
      for (const answer of answers)
        assert.deepEqual(
          answer.map(({ seq }) => seq),
          entries.map((_, index) => index),
        );
      await assertTrail(store, "default", entries);
    },
  },
];
