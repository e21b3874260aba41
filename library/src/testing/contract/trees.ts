import { assert } from "../assert.ts";

import { encodeHex } from "../../base/bytes.ts";
import { createLeafHashReader } from "../../integrity/merkle-tree.ts";
import { encodeTile, tileHeight, tileWidth, tileWidthAt } from "../../integrity/tile.ts";
import type { Store } from "../../trail/contracts.ts";
import { readAll } from "./assertions.ts";
import type { CompleteHarness, ContractCase } from "./harness.ts";
import { sampleEntries } from "./sample-entries.ts";

const tenant = "default";

/** Asserts that all tiles are those of the entries, and that there are no others. */
async function assertTiles(store: Store<unknown>): Promise<void> {
  const leaves = (await readAll(store, tenant)).map(({ hash }) => hash);
  const readHash = createLeafHashReader(leaves);
  for (const level of [0, 1, 2]) {
    const count = Math.ceil(leaves.length / tileWidth ** (level + 1));
    for (let number = 0; number <= count; number += 1) {
      const width = tileWidthAt(level, number, leaves.length);
      const tile = await store.readTile(tenant, level, number);
      const hashes = Array.from({ length: width }, (_, index) =>
        readHash(level * tileHeight, number * tileWidth + index),
      );
      const expected = width === 0 ? undefined : encodeHex(encodeTile(hashes));
      assert.equal(tile && encodeHex(tile), expected, `tile ${number} of level ${level} of ${leaves.length} entries`);
    }
  }
}

// That the right edge is the tree's is checked after every case, by `checkTrails`.
export const treeCases: readonly ContractCase[] = [
  {
    name: "has the tiles of its entries, however the entries came",
    async run({ open }) {
      const store = await open();
      for (const count of [1, 254, 1, 1, 300, 0, 1]) {
        await store.append(sampleEntries(store, count));
        await assertTiles(store);
      }
      assert.equal(await store.readTile("nobody", 0, 0), undefined);
      assert.deepEqual(await store.readTree("nobody"), { size: 0, hashes: [] });
    },
  },
  {
    name: "grows the tree with a transaction, and not with one that rolls back",
    needs: "transactions",
    async run(harness) {
      const { open, transaction } = harness as CompleteHarness;
      const store = await open();
      await store.append(sampleEntries(store, 250));
      const failing = transaction(store, async (tx) => {
        await store.appendIn(tx, sampleEntries(store, 20));
        throw new Error("rolled back");
      });
      await assert.rejects(failing);
      await assertTiles(store);
      await transaction(store, async (tx) => void (await store.appendIn(tx, sampleEntries(store, 20))));
      assert.equal((await store.readTree(tenant)).size, 270);
      await assertTiles(store);
    },
  },
  {
    name: "keeps checkpoints of each trail in the order they came",
    async run({ open }) {
      const store = await open();
      const checkpoint = (size: number) => ({
        ...{ size, root: new Uint8Array(32).fill(size), createdAtMicros: size * 1_000, note: `note ${size}\n` },
        ...(size === 2 ? { timestamp: new Uint8Array([0x30, 0, 255]) } : {}),
      });
      await store.append([...sampleEntries(store, 3, { tenant: "a" }), ...sampleEntries(store, 3, { tenant: "b" })]);
      for (const [name, size] of [
        ["a", 1],
        ["b", 1],
        ["a", 2],
        ["a", 3],
      ] as const)
        await store.putCheckpoint(name, checkpoint(size));
      const ofA = await store.listCheckpoints("a", 0, 10);
      const plain = ofA.map(({ number: _, root, timestamp, ...rest }) => ({
        ...{ ...rest, root: new Uint8Array(root) },
        ...(timestamp === undefined ? {} : { timestamp: new Uint8Array(timestamp) }),
      }));
      assert.deepEqual(plain, [1, 2, 3].map(checkpoint));
      assert.ok(
        ofA.every(({ number }, index) => index === 0 || number > ofA[index - 1]!.number),
        "numbers count up",
      );
      assert.deepEqual(
        (await store.listCheckpoints("a", ofA[0]!.number, 1)).map(({ size }) => size),
        [2],
      );
      assert.deepEqual(
        (await store.listCheckpoints("b", 0, 10)).map(({ size }) => size),
        [1],
      );
      assert.deepEqual(await store.listCheckpoints("nobody", 0, 10), []);
    },
  },
];
