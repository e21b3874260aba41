import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { copyFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { openTrail } from "auditrail";
import {
  createLogPolicy,
  createSignerKey,
  formatVerifierKey,
  rangeRoot,
  signCheckpoint,
  verifierKeyOf,
  verifyTrail,
  type TrailEvidence,
} from "auditrail/integrity";
import { openSqliteStore } from "auditrail/sqlite";
import { openHashThreads, openStoreEvidence, proveEntry } from "auditrail/verification";
import { exportEvidence, openEvidence } from "auditrail/evidence";

import { round } from "../machine.ts";
import { catalogue, createRandom, shopEvent, type ShopEvent } from "../shop-events.ts";
import { recordAll } from "./durable-ingest.ts";
import type { Scenario } from "./scenario.ts";

const rounds = 3;
const memoryLimitBytes = 200_000_000;

/**
 * Rounds alternate between the bare hash of each entry's bytes and the whole verification of them, and medians are compared. The bare
 * hash is the fastest that Node has, one entry after the other in memory, in one thread; verification reads files, and hashes in as many
 * threads as there are processors.
 */
export const verify: Scenario = {
  name: "verify",
  says: "verifying a million entries against the bare SHA-256 of the same bytes, in 200 MB; one proof within 1 ms",
  async run({ directory, factor, say }) {
    const total = Math.round(1_000_000 * factor);
    const file = join(directory, "trail.db");
    await fill(file, total, directory, say);
    const store = await openSqliteStore({ file, threads: false });
    const evidence = await openStoreEvidence(store, "default");
    const signer = createSignerKey(evidence.origin, new Uint8Array(32).fill(1));
    const policy = createLogPolicy([verifierKeyOf(signer)]);
    const root = rangeRoot(await store.readTree("default"));
    const note = signCheckpoint({ origin: evidence.origin, size: total, root }, [signer]);
    await store.putCheckpoint("default", { size: total, root, createdAtMicros: 0, note });
    const exported = join(directory, "trail.evidence.tar");
    await exportEvidence({ evidence, readKeys: async () => new Map(), file: exported });
    const proofMs = await measureProofs(store, total);
    const live = await measureLive(await openStoreEvidence(store, "default"), policy, total);
    say(
      `a proof takes ${round(proofMs)} ms; out of the live store ${round(live, 0)} entries/s without what is derived`,
    );
    const bytes = await readAll(evidence, Math.min(total, 100_000));
    await store.close();
    const results = { bare: [] as number[], verify: [] as number[] };
    await using threads = openHashThreads(Math.max(1, availableParallelism() - 1));
    for (let round = 0; round < rounds; round += 1) {
      results.bare.push(bareHash(bytes));
      using opened = await openEvidence(exported);
      const started = performance.now();
      const { verdict } = await verifyTrail(opened.evidence, policy, { hashTile: threads.hashTile });
      results.verify.push(total / ((performance.now() - started) / 1000));
      if (verdict !== "verified") throw new Error(`The trail is ${verdict}.`);
      say(`bare ${Math.round(results.bare.at(-1)!)}/s  verify ${Math.round(results.verify.at(-1)!)}/s`);
    }
    const peakBytes = measureMemory(exported, formatVerifierKey(verifierKeyOf(signer)));
    say(`a process that verifies takes ${round(peakBytes / 1e6, 0)} MB at most`);
    return {
      ratios: {
        verify: median(results.verify) / median(results.bare),
        memory: memoryLimitBytes / peakBytes,
        proof: 1 / proofMs,
      },
      targets: { verify: 0.5, memory: 1, proof: 1 },
    };
  },
};

async function fill(file: string, total: number, directory: string, say: (line: string) => void): Promise<void> {
  const empty = join(directory, "empty.db");
  await (await openSqliteStore({ file: empty, createIfMissing: true })).close();
  copyFileSync(empty, file);
  const random = createRandom(3);
  const trail = await openTrail({ catalogue, store: await openSqliteStore({ file }) });
  const batch = 20_000;
  for (let first = 0; first < total; first += batch) {
    const events = Array.from({ length: Math.min(batch, total - first) }, (_, index) =>
      withoutPersonalData(shopEvent(first + index, random)),
    );
    await recordAll(trail as never, events, 1_000);
  }
  await trail.close();
  say(`recorded ${total} entries`);
}

/** Personal data lies beside an entry and is hashed besides it, so that the same bytes would not be the same. */
function withoutPersonalData([action, fields]: ShopEvent): ShopEvent {
  const { ip: _, ...context } = fields.context!;
  return [action, { ...fields, context }];
}

async function readAll(evidence: TrailEvidence, count: number): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const { entries } of evidence.readEntries(0, count))
    for (const { bytes } of entries) all.push(Buffer.from(bytes as string));
  return all;
}

/** Entries a second, out of Node's fastest call. */
function bareHash(entries: readonly Buffer[]): number {
  const started = performance.now();
  for (const entry of entries) hash("sha256", entry, "hex");
  return entries.length / ((performance.now() - started) / 1000);
}

async function measureProofs(store: Parameters<typeof proveEntry>[0], total: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < 500; index += 1) {
    const started = performance.now();
    await proveEntry(store, "default", Math.floor((index * total) / 500));
    times.push(performance.now() - started);
  }
  return median(times);
}

async function measureLive(
  evidence: TrailEvidence,
  policy: ReturnType<typeof createLogPolicy>,
  total: number,
): Promise<number> {
  const started = performance.now();
  const { verdict } = await verifyTrail(evidence, policy, { skipDerived: true });
  if (verdict !== "verified") throw new Error(`The live trail is ${verdict}.`);
  return total / ((performance.now() - started) / 1000);
}

/** The largest resident size of a process that does nothing else. */
function measureMemory(directory: string, key: string): number {
  const program = `
    import { availableParallelism } from "node:os";
    import { createLogPolicy, parseVerifierKey, verifyTrail } from "auditrail/integrity";
    import { exportEvidence, openEvidence } from "auditrail/evidence";
    import { openHashThreads } from "auditrail/verification";
    import { peakMemoryBytes } from "./peak-memory.ts";
    const [directory, key] = process.argv.slice(1);
    await using threads = openHashThreads(Math.max(1, availableParallelism() - 1));
    using opened = await openEvidence(directory);
    const { verdict } = await verifyTrail(opened.evidence, createLogPolicy([parseVerifierKey(key)]), { hashTile: threads.hashTile });
    console.log(verdict === "verified" ? peakMemoryBytes() : NaN);`;
  const options = { cwd: join(import.meta.dirname, ".."), encoding: "utf8" } as const;
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program, directory, key], options));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
