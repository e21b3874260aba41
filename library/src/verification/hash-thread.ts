/** A thread that hashes tiles for `hash-threads.ts`. */

import { parentPort, workerData } from "node:worker_threads";

import { createTileNodes } from "../integrity/verify-tile.ts";
import { tileWidth } from "../integrity/tile.ts";
import { placesOf } from "./hash-threads.ts";

const port = parentPort!;
const places = placesOf(workerData as SharedArrayBuffer);
const tile = createTileNodes();

port.on("message", (index: number) => {
  const { done, ends, entries, nodes } = places[index]!;
  for (let place = 0; place < tileWidth; place += 1) {
    tile.putEntry(place, entries.subarray(place === 0 ? 0 : ends[place - 1]!, ends[place]!));
  }
  tile.fill(tileWidth);
  nodes.set(tile.bytes());
  Atomics.store(done, 0, 1);
  port.postMessage(index);
});
