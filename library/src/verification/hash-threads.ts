/**
 * Hashing tiles in threads: hashing is most of what verification does, and each tile stands for itself.
 *
 * Each thread shares a few places in memory with us. A tile's entries are copied into a free place and hashed there, and its nodes
 * are copied out; nothing is allocated for it, so memory stays as it is however long the trail. Where no place is free the caller is told to
 * hash for itself, which keeps its own thread as busy as the others.
 */

import { Worker } from "node:worker_threads";

import { AuditError } from "../base/errors.ts";
import { encodeUtf8 } from "../base/bytes.ts";
import { tileNodesSizeBytes, type HashTile } from "../integrity/verify-tile.ts";
import { tileWidth } from "../integrity/tile.ts";

export interface HashThreads extends AsyncDisposable {
  readonly hashTile: HashTile;
}

/** One place: whether it is done, where each entry ends, the nodes that come out, and the entries one after another. */
export interface SharedPlace {
  readonly done: Int32Array;
  readonly ends: Uint32Array;
  readonly nodes: Uint8Array;
  readonly entries: Uint8Array;
}

const placesPerThread = 3;
/** Enough for entries of 1,000 bytes; a tile of larger ones is hashed by the caller. */
const entriesSizeBytes = 256 * 1024;
const endsSizeBytes = tileWidth * 4;
const placeSizeBytes = 8 + endsSizeBytes + entriesSizeBytes + Math.ceil(tileNodesSizeBytes / 8) * 8;

export function placesOf(memory: SharedArrayBuffer): readonly SharedPlace[] {
  return Array.from({ length: placesPerThread }, (_, index) => {
    const start = index * placeSizeBytes;
    const entries = start + 8 + endsSizeBytes;
    return {
      done: new Int32Array(memory, start, 1),
      ends: new Uint32Array(memory, start + 8, tileWidth),
      entries: new Uint8Array(memory, entries, entriesSizeBytes),
      nodes: new Uint8Array(memory, entries + entriesSizeBytes, tileNodesSizeBytes),
    };
  });
}

// Compiled, the thread's file is JavaScript; run from source, Node strips the types of the TypeScript one itself.
const threadFile = new URL(import.meta.url.endsWith(".ts") ? "./hash-thread.ts" : "./hash-thread.js", import.meta.url);

/**
 * Starts threads that hash; one fewer than there are processors is best. They live until they are disposed of.
 *
 * @example
 * await using threads = openHashThreads(availableParallelism() - 1);
 * const report = await verifyTrail(evidence, policy, { hashTile: threads.hashTile });
 */
export function openHashThreads(count: number): HashThreads {
  const threads = Array.from({ length: count }, openThread);
  return {
    hashTile(entries) {
      for (const { hash } of threads) {
        const nodes = hash(entries);
        if (nodes !== undefined) return nodes;
      }
      return undefined;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(({ end }) => end()));
    },
  };
}

interface Waiting {
  readonly resolve: (nodes: Uint8Array) => void;
  readonly reject: (error: AuditError) => void;
}

function openThread() {
  const memory = new SharedArrayBuffer(placesPerThread * placeSizeBytes);
  const places = placesOf(memory);
  const free = places.map((_, index) => index);
  const waiting = new Map<number, Waiting>();
  // The thread needs next to no heap of its own.
  const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };
  const worker = new Worker(threadFile, {
    workerData: memory,
    name: "auditrail hashing",
    execArgv: [],
    resourceLimits,
  });
  const fail = (cause?: unknown): void => {
    const error = new AuditError("STORE_FAILED", "A hashing thread broke down; see the cause.", { cause });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    free.length = 0;
  };
  const take = (index: number): void => {
    const asked = waiting.get(index);
    if (asked === undefined || Atomics.exchange(places[index]!.done, 0, 0) === 0) return;
    waiting.delete(index);
    asked.resolve(places[index]!.nodes.slice());
    free.push(index);
  };
  worker.on("message", take);
  worker.on("error", fail);
  worker.on("exit", () => fail());
  return {
    hash(entries: readonly (Uint8Array | string)[]): Promise<Uint8Array> | undefined {
      // While we hash ourselves no message is heard, and the thread would run dry.
      for (const busy of waiting.keys()) take(busy);
      const index = free.at(-1);
      if (index === undefined || !pack(entries, places[index]!)) return undefined;
      free.pop();
      return new Promise((resolve, reject) => {
        waiting.set(index, { resolve, reject });
        worker.postMessage(index);
      });
    },
    end: () => worker.terminate(),
  };
}

/** `false` where they do not fit. */
function pack(entries: readonly (Uint8Array | string)[], place: SharedPlace): boolean {
  let end = 0;
  for (const [index, entry] of entries.entries()) {
    const bytes = typeof entry === "string" ? encodeUtf8(entry) : entry;
    if (end + bytes.length > place.entries.length) return false;
    place.entries.set(bytes, end);
    end += bytes.length;
    place.ends[index] = end;
  }
  return true;
}
