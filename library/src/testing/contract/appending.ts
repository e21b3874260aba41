import { assert } from "../assert.ts";

import { fixedClock } from "../fixed-clock.ts";
import { assertRejects, assertTrail, readAll } from "./assertions.ts";
import type { ContractCase } from "./harness.ts";
import { brokenEntry, entryMaker, sampleEntries } from "./sample-entries.ts";

const oddTexts = [
  "\u0000",
  "\u001f",
  '"quoted" \\ / ',
  "\u2028\u2029",
  "😀 ﷺ e\u0301 é",
  "'; DROP TABLE auditrail_entry; --",
  "\ufeff",
  "%_*?",
];

export const appendingCases: readonly ContractCase[] = [
  {
    name: "gives positions from 0 without gaps, in the order given",
    async run({ open }) {
      const store = await open();
      const entries = sampleEntries(store, 5);
      const first = await store.append(entries.slice(0, 3));
      const second = await store.append(entries.slice(3));
      assert.deepEqual(
        [...first, ...second].map(({ seq }) => seq),
        [0, 1, 2, 3, 4],
      );
      assert.ok([...first, ...second].every(({ existing }) => existing === undefined));
      await assertTrail(store, "default", entries);
    },
  },
  {
    name: "keeps texts, hashes and sealed parts exactly as given",
    async run({ open }) {
      const store = await open();
      const make = entryMaker(store);
      const entries = [
        ...oddTexts.map((text) => make({ message: text, data: { text } })),
        make({
          actor: { type: "user", id: "7", name: "Ida \u0000 Lund", email: "ida@example.com" },
          context: { ip: "192.0.2.7" },
        }),
        make({ data: { long: "a long text ".repeat(5_000) } }),
      ];
      await store.append(entries);
      const kept = await readAll(store);
      for (const [index, { text, hash, sealed }] of entries.entries()) {
        assert.equal(kept[index]!.text, text);
        assert.deepEqual(Buffer.from(kept[index]!.hash), Buffer.from(hash));
        assert.deepEqual(kept[index]!.sealed.map(plainPart), sealed.map(plainPart));
      }
    },
  },
  {
    name: "appends nothing for an empty batch",
    async run({ open }) {
      const store = await open();
      assert.deepEqual(await store.append([]), []);
      assert.deepEqual(await store.listTrails(), []);
    },
  },
  {
    name: "appends a batch of 1,000 entries",
    async run({ open }) {
      const store = await open();
      const entries = sampleEntries(store, 1_000);
      const appended = await store.append(entries);
      assert.deepEqual(
        appended.map(({ seq }) => seq),
        entries.map((_, index) => index),
      );
      await assertTrail(store, "default", entries);
    },
  },
  {
    name: "gives each of many appends at once its own positions",
    async run({ open }) {
      const store = await open();
      const batches = Array.from({ length: 20 }, () => sampleEntries(store, 3));
      const appended = await Promise.all(batches.map((batch) => store.append(batch)));
      const taken = appended
        .flat()
        .map(({ seq }) => seq)
        .sort((a, b) => a! - b!);
      assert.deepEqual(
        taken,
        Array.from({ length: 60 }, (_, seq) => seq),
      );
      for (const batch of appended)
        assert.deepEqual(
          batch.map(({ seq }) => seq! - batch[0]!.seq!),
          [0, 1, 2],
        );
    },
  },
  {
    name: "keeps nothing of a batch that it rejects, and goes on without a gap",
    async run({ open }) {
      const store = await open();
      const [first, second, third] = sampleEntries(store, 3);
      await store.append([first!]);
      await assertRejects("appending a broken entry", () =>
        store.append([second!, brokenEntry(store)], { settles: { producer: "p", total: 9 } }),
      );
      assert.equal(await store.readSettled("p"), 0, "nothing is settled by a batch that was rejected");
      await assertRejects("a broken entry in a new trail", () =>
        store.append([entryMaker(store)({ tenant: "new" }), brokenEntry(store)]),
      );
      assert.deepEqual(
        (await store.listTrails()).map(({ tenant }) => tenant),
        ["default"],
      );
      const [appended] = await store.append([third!]);
      assert.equal(appended!.seq, 1);
      await assertTrail(store, "default", [first!, third!]);
      assert.equal(await store.readById("default", second!.id), undefined);
    },
  },
  {
    name: "says when it recorded, by its clock, and keeps to that",
    needs: "clock",
    async run({ open }) {
      const clock = fixedClock("2026-03-01T10:00:00Z");
      const store = await open({ clock });
      const [appended] = await store.append(sampleEntries(store, 1));
      assert.equal(appended!.recordedAtMicros, clock.nowMicros());
      assert.equal((await readAll(store))[0]!.recordedAtMicros, appended!.recordedAtMicros);
      assert.equal((await store.listTrails())[0]!.recordedAtMicros, appended!.recordedAtMicros);
    },
  },
  {
    name: "never lowers recordedAt within a trail when the clock steps back",
    needs: "clock",
    async run({ open }) {
      const clock = fixedClock("2026-03-01T10:00:00Z");
      const store = await open({ clock });
      const [first] = await store.append(sampleEntries(store, 1));
      clock.advance(-3_600_000);
      const [second, third] = await store.append(sampleEntries(store, 2));
      assert.deepEqual(
        [second!.recordedAtMicros, third!.recordedAtMicros],
        [first!.recordedAtMicros, first!.recordedAtMicros],
      );
      const [other] = await store.append(sampleEntries(store, 1, { tenant: "other" }));
      assert.equal(other!.recordedAtMicros, clock.nowMicros(), "each trail has its own time");
      clock.advance(7_200_000);
      const [fourth] = await store.append(sampleEntries(store, 1));
      assert.equal(fourth!.recordedAtMicros, clock.nowMicros());
    },
  },
];

function plainPart(part: {
  readonly index: number;
  readonly subject: string;
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}) {
  return { ...part, salt: Buffer.from(part.salt).toString("hex"), bytes: Buffer.from(part.bytes).toString("utf8") };
}
