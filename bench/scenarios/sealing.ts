import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { openTrail, type Trail } from "auditrail";
import { emptyRange, encodeCompactRange, encodeTile, extendRange, tileWidth } from "auditrail/integrity";
import { openSqliteStore } from "auditrail/sqlite";

import { round } from "../machine.ts";
import { catalogue, createRandom, shopEvent } from "../shop-events.ts";
import { recordAll } from "./durable-ingest.ts";
import type { Scenario } from "./scenario.ts";

const limit = 0.15;
const batchSize = 500;

/**
 * Every commit grows the tree, so there is no ingest without it to compare with. What it adds is measured apart: the
 * same leaf hashes, in batches as large, through the same functions into the same tables, in one transaction a batch.
 */
export const sealing: Scenario = {
  name: "sealing",
  says: "what growing the Merkle tree adds to recording an event durably (limit 15 %)",
  async run({ directory, factor, say }) {
    const total = Math.round(100_000 * factor);
    const file = join(directory, "trail.db");
    const random = createRandom(5);
    const events = Array.from({ length: total }, (_, index) => shopEvent(index, random));
    const trail = await openTrail({ catalogue, store: await openSqliteStore({ file, createIfMissing: true }) });
    const started = performance.now();
    await recordAll(trail as unknown as Trail, events, 1_000);
    const recordMs = performance.now() - started;
    await trail.close();
    const treeMs = growTree(file, join(directory, "tree.db"));
    say(
      `recording ${round((recordMs * 1000) / total, 1)} µs an event, of that the tree ${round((treeMs * 1000) / total, 1)} µs`,
    );
    return { ratios: { share: limit / (treeMs / (recordMs - treeMs)) }, targets: { share: 1 } };
  },
};

function growTree(file: string, into: string): number {
  const source = new DatabaseSync(file, { readOnly: true });
  const leaves = source
    .prepare("SELECT hash FROM auditrail_entry ORDER BY key")
    .all()
    .map(({ hash }) => hash as Uint8Array);
  source.close();
  const tree = new DatabaseSync(into);
  tree.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE edge (edge BLOB); INSERT INTO edge VALUES (x''); CREATE TABLE tile (hashes BLOB, root BLOB)",
  );
  const setEdge = tree.prepare("UPDATE edge SET edge = ?");
  const addTile = tree.prepare("INSERT INTO tile VALUES (?, ?)");
  const started = performance.now();
  let range = emptyRange;
  for (let start = 0; start < leaves.length; start += batchSize) {
    tree.exec("BEGIN IMMEDIATE");
    range = extendRange(range, leaves.slice(start, start + batchSize), (level, index, root) => {
      if (level === 8) addTile.run(encodeTile(leaves.slice(index * tileWidth, (index + 1) * tileWidth)), root);
    });
    setEdge.run(encodeCompactRange(range));
    tree.exec("COMMIT");
  }
  const treeMs = performance.now() - started;
  tree.close();
  return treeMs;
}
