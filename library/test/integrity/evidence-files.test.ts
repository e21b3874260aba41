/** Exported files: read back as they were, and never believed. */

import { beforeAll, describe, expect, test } from "vitest";

import { isAuditError } from "../../src/base/errors.ts";
import {
  openEvidenceFiles,
  verifyTrail,
  writeEvidenceFiles,
  type VerificationReport,
} from "../../src/integrity/index.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { openHashThreads } from "../../src/verification/hash-threads.ts";
import { classesOf, policy, recordSample, storeOrigin, tenant } from "./sample-trail.ts";

type Files = ReadonlyMap<string, Uint8Array>;
let files: Files;

beforeAll(async () => {
  const store = openMemoryStore({ origin: storeOrigin });
  await recordSample(store as never);
  const evidence = await openStoreEvidence(store as never, tenant);
  const checkpoint = (await store.listCheckpoints(tenant, 0, 100)).at(-1)!.note;
  const written = new Map<string, Uint8Array>();
  for await (const { path, bytes } of writeEvidenceFiles(evidence, { checkpoint, policy: "quorum none\n" }))
    written.set(path, bytes);
  files = written;
});

const open = (from: Files) => openEvidenceFiles(async (path) => from.get(path)?.slice());

async function verify(from: Files): Promise<VerificationReport | string> {
  try {
    return await verifyTrail(await open(from), policy);
  } catch (error) {
    if (isAuditError(error) && error.code.startsWith("VERIFY_")) return error.code;
    throw error;
  }
}

test("files of a trail are those of C2SP tlog-tiles, and ours beside them", () => {
  const names = [...files.keys()].sort();
  expect(names).toEqual([
    ...["checkpoint", "checkpoints/000", "format", "origin", "policy", "sealed/000", "sealed/001"],
    ...["tile/0/000", "tile/0/001.p/34", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/34"],
  ]);
});

test("files verify as the trail did, at the size of their checkpoint, in other threads too", async () => {
  expect(await verify(files)).toMatchObject({
    verdict: "verified",
    size: 290,
    counts: { OK: 290 },
    positions: [],
    findings: [],
  });
  await using threads = openHashThreads(1);
  const report = await verifyTrail(await open(files), policy, { hashTile: threads.hashTile });
  expect(report).toEqual(await verify(files));
});

describe("files that were tampered with", () => {
  test("every file that is missing, and every so-many-th bit of every file, is told of", async () => {
    const unnoticed: string[] = [];
    for (const [path, bytes] of files) {
      if (path === "policy") continue;
      const missing = new Map([...files].filter(([other]) => other !== path));
      // The list of checkpoints may be cut short by whoever keeps it; the newest one is a file of its own.
      if (path !== "checkpoints/000" && isAccepted(await verify(missing))) unnoticed.push(`without ${path}`);
      for (let bit = 0; bit < bytes.length * 8; bit += 8 * Math.ceil(bytes.length / 40) - 1) {
        const flipped = bytes.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        if (isAccepted(await verify(new Map([...files, [path, flipped]])))) unnoticed.push(`${path} bit ${bit}`);
      }
      for (const size of [0, 1, bytes.length - 1]) {
        if (isAccepted(await verify(new Map([...files, [path, bytes.slice(0, size)]]))))
          unnoticed.push(`${path} cut to ${size}`);
      }
    }
    // An empty list is as good as none.
    expect(unnoticed).toEqual(["checkpoints/000 cut to 0"]);
  });

  test("an entry that was changed in its bundle is named, and one whose size was changed makes the rest unreadable", async () => {
    const bundle = files.get("tile/entries/000")!;
    const changed = bundle.slice();
    changed[100]! ^= 1;
    expect(classesOf((await verify(new Map([...files, ["tile/entries/000", changed]]))) as VerificationReport)).toEqual(
      { 0: "ENTRY_CHANGED" },
    );
    const cut = bundle.slice(0, bundle.length - 10);
    expect(classesOf((await verify(new Map([...files, ["tile/entries/000", cut]]))) as VerificationReport)).toEqual({
      255: "ENTRY_UNREADABLE",
    });
  });
});

function isAccepted(outcome: VerificationReport | string): boolean {
  return typeof outcome !== "string" && outcome.verdict === "verified";
}
