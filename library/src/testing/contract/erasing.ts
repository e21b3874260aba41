import { encodeHex } from "../../base/bytes.ts";
import type { Json } from "../../base/canonical-json.ts";
import { rangeRoot } from "../../integrity/compact-range.ts";
import { parseQuery } from "../../query/parse-query.ts";
import type { Store } from "../../trail/contracts.ts";
import { assert } from "../assert.ts";
import { assertRejects, readAll } from "./assertions.ts";
import type { ContractCase } from "./harness.ts";
import { entryMaker, sampleEntries } from "./sample-entries.ts";

const tenant = "default";
const person = (id: string) => ({ type: "user", id, name: `Xyrofel ${id}`, email: `${id}@example.com` });

/** Appends an entry of the trail's own log; answers its position. */
async function order(store: Store<unknown>, action: string, data: Readonly<Record<string, Json>>): Promise<number> {
  const [appended] = await store.append([
    entryMaker(store)({ action: `auditrail.${action}`, reason: "ticket 331", data }),
  ]);
  return appended!.seq!;
}

/** Keeps a checkpoint of the whole trail. Stores do not verify signatures, so that any note will do. */
async function checkpoint(store: Store<unknown>): Promise<void> {
  const tree = await store.readTree(tenant);
  await store.putCheckpoint(tenant, {
    size: tree.size,
    root: rangeRoot(tree),
    createdAtMicros: 1,
    note: `note ${tree.size}\n`,
  });
}

async function found(store: Store<unknown>, text: string): Promise<readonly number[]> {
  const query = parseQuery(text, { now: 0, zone: "UTC" });
  const { entries } = await store.page({ tenant, query, limit: 1_000, order: { by: "seq", direction: "oldest" } });
  return entries.map(({ seq }) => seq);
}

async function partsAt(store: Store<unknown>, seq: number): Promise<number> {
  return (await store.read(tenant, seq, seq + 1))[0]!.sealed.length;
}

// That what is absent leaves the tree whole is checked after every case, by `checkTrails`.
export const erasingCases: readonly ContractCase[] = [
  {
    name: "erases what an entry announces once a checkpoint covers it, and nothing before",
    async run({ open }) {
      const store = await open();
      await store.append([
        ...sampleEntries(store, 3, { actor: person("1") }),
        ...sampleEntries(store, 2, { actor: person("2") }),
      ]);
      const redacted = await order(store, "redacted", { entries: [{ seq: 1, parts: [0] }] });
      const shredded = await order(store, "shredded", { subject: "user/2", to: redacted });
      for (const by of [redacted, shredded])
        await assertRejects("before a checkpoint", () => store.erase(tenant, by), "ERASURE_UNSEALED");
      await checkpoint(store);
      assert.deepEqual(
        await store.listErasures(tenant),
        [redacted, shredded].map((seq) => ({ seq, state: "announced" })),
      );
      assert.deepEqual(await store.erase(tenant, redacted), { entries: 0, parts: 1 });
      assert.deepEqual([await partsAt(store, 0), await partsAt(store, 1)], [1, 0]);
      assert.deepEqual(await found(store, "Xyrofel"), [0, 2, 3, 4]);
      assert.deepEqual(await store.erase(tenant, shredded), { entries: 0, parts: 2 });
      assert.deepEqual(await found(store, "Xyrofel"), [0, 2]);
      assert.deepEqual(await found(store, "erased:*"), [1, 3, 4]);
      assert.deepEqual(await store.erase(tenant, shredded), { entries: 0, parts: 0 }, "erasing again finds nothing");
      assert.deepEqual(
        await store.listErasures(tenant),
        [redacted, shredded].map((seq) => ({ seq, state: "removed" })),
      );
      await store.compact();
      assert.deepEqual(await store.listErasures(tenant), []);
    },
  },
  {
    name: "removes pruned entries and keeps their tiles, their positions and the tree",
    async run({ open }) {
      const store = await open();
      await store.append(sampleEntries(store, 600, { actor: person("1") }));
      const by = await order(store, "pruned", { from: 0, to: 512 });
      await checkpoint(store);
      const [tile, tree] = [await store.readTile(tenant, 0, 1), await store.readTree(tenant)];
      assert.deepEqual(await store.erase(tenant, by), { entries: 512, parts: 512 });
      assert.equal(encodeHex((await store.readTile(tenant, 0, 1))!), encodeHex(tile!));
      assert.deepEqual(await store.readTree(tenant), tree);
      const [head] = await store.listTrails();
      assert.deepEqual([head!.size, head!.first], [601, 512]);
      assert.deepEqual(await store.read(tenant, 0, 512), []);
      assert.deepEqual((await readAll(store))[0]!.seq, 512);
      assert.equal((await found(store, "")).length, 89);
      assert.deepEqual(await store.append(sampleEntries(store, 1)).then(([appended]) => appended!.seq), 601);
      await store.compact();
    },
  },
  {
    name: "erases nothing that is not announced as it has to be",
    async run({ open }) {
      const store = await open();
      await store.append(sampleEntries(store, 600, { actor: person("1") }));
      const orders = [
        await order(store, "redacted", { entries: [{ seq: 5_000, parts: [0] }] }),
        await order(store, "shredded", { subject: "user/1", to: 5_000 }),
        await order(store, "pruned", { from: 256, to: 512 }),
      ];
      await checkpoint(store);
      for (const by of [0, 4_000, ...orders])
        await assertRejects(`entry ${by}`, () => store.erase(tenant, by), "ERASURE_INVALID");
      await assertRejects("an unknown tenant", () => store.erase("nobody", 0), "ERASURE_INVALID");
      assert.deepEqual(await found(store, "erased:*"), []);
    },
  },
  {
    name: "lets a legal hold veto, whether it was placed before the erasure was announced or after",
    async run({ open }) {
      const store = await open();
      await store.append(sampleEntries(store, 300, { actor: person("1") }));
      const before = await order(store, "shredded", { subject: "user/1", to: 300 });
      const seq = await order(store, "held", { hold: "case-7", subject: "user/1" });
      const after = [
        await order(store, "redacted", { entries: [{ seq: 1, parts: [0] }] }),
        await order(store, "pruned", { from: 0, to: 256 }),
      ];
      await checkpoint(store);
      assert.deepEqual(await store.listHolds(tenant), [{ hold: "case-7", subject: "user/1", seq }]);
      for (const by of [before, ...after])
        await assertRejects(`entry ${by}`, () => store.erase(tenant, by), "ERASURE_HELD");
      await order(store, "hold-released", { hold: "case-7" });
      assert.deepEqual(await store.listHolds(tenant), []);
      for (const by of after)
        await assertRejects(`entry ${by}, announced under the hold`, () => store.erase(tenant, by), "ERASURE_INVALID");
      assert.deepEqual(await store.erase(tenant, before), { entries: 0, parts: 300 });
      const all = await order(store, "pruned", { from: 0, to: 256 });
      await order(store, "held", { hold: "everything" });
      await checkpoint(store);
      await assertRejects("under a hold on the whole trail", () => store.erase(tenant, all), "ERASURE_HELD");
    },
  },
  {
    name: "keeps a key for each subject until the subject is shredded",
    async run({ open }) {
      const store = await open();
      await store.append(sampleEntries(store, 3, { actor: person("1") }));
      assert.equal((await store.readSubjectKeys(tenant, ["user/1"], false)).size, 0);
      const keys = await store.readSubjectKeys(tenant, ["user/1", "user/2", "user/1"], true);
      assert.deepEqual(
        [...keys.values()].map((key) => key.length),
        [32, 32],
      );
      assert.ok(encodeHex(keys.get("user/1")!) !== encodeHex(keys.get("user/2")!), "each has a key of its own");
      const again = await store.readSubjectKeys(tenant, ["user/1"], true);
      assert.equal(encodeHex(again.get("user/1")!), encodeHex(keys.get("user/1")!));
      const by = await order(store, "shredded", { subject: "user/1", to: 3 });
      await checkpoint(store);
      await store.erase(tenant, by);
      assert.deepEqual([...(await store.readSubjectKeys(tenant, ["user/1", "user/2"], false)).keys()], ["user/2"]);
    },
  },
];
