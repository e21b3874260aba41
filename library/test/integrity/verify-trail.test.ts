import { beforeAll, describe, expect, test } from "vitest";

import { isAuditError } from "../../src/base/errors.ts";
import { encodeUtf8 } from "../../src/base/bytes.ts";
import { verifyTrail, type EvidenceEntry } from "../../src/integrity/index.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import {
  classesOf,
  copyEvidence,
  openCopy,
  otherSigner,
  policy,
  recordSample,
  rewrite,
  sampleSize,
  signer,
  storeOrigin,
  tenant,
  type EvidenceCopy,
} from "./sample-trail.ts";

let sample: EvidenceCopy;

beforeAll(async () => {
  const store = openMemoryStore({ origin: storeOrigin });
  await recordSample(store as never);
  sample = await copyEvidence(await openStoreEvidence(store as never, tenant));
});

const copy = (change: Partial<EvidenceCopy> = {}): EvidenceCopy => ({ ...structuredClone(sample), ...change });
const verify = (changed: EvidenceCopy, options = {}) => verifyTrail(openCopy(changed), policy, options);

function changeEntry(seq: number, change: (entry: EvidenceEntry) => EvidenceEntry): EvidenceCopy {
  const changed = copy();
  changed.entries[seq] = change(changed.entries[seq]!);
  return changed;
}

const edit = (entry: EvidenceEntry): EvidenceEntry => ({
  ...entry,
  bytes: String(entry.bytes).replace("order", "ardor"),
});

describe("a trail that is as it was signed", () => {
  test("is verified, but for the entries after the last checkpoint, which are pending", async () => {
    const report = await verify(copy());
    expect(report).toMatchObject({
      verdict: "verified",
      size: sampleSize,
      provenSize: 290,
      positions: [],
      findings: [],
      omitted: 0,
    });
    expect(report.counts).toEqual({
      OK: 290,
      PENDING: 10,
      WITHHELD: 0,
      PRUNED: 0,
      REDACTED: 0,
      SHREDDED: 0,
      EXTRA: 0,
      MISSING: 0,
      ALTERED: 0,
    });
  });

  test("says that without an anchor a wholesale rewrite cannot be excluded", async () => {
    const { properties } = await verify(copy());
    expect(properties.appendOnly).toEqual({
      established: false,
      upTo: 0,
      by: [],
      open: [expect.stringContaining("wholesale rewrite")],
    });
    expect(properties.inclusion).toMatchObject({ established: true, upTo: 290 });
  });

  test("is append-only as far as a remembered checkpoint reaches", async () => {
    const { verdict, properties } = await verify(copy(), { remembered: [sample.checkpoints[1]!.note] });
    expect(verdict).toBe("verified");
    expect(properties.appendOnly).toMatchObject({
      established: true,
      upTo: 100,
      by: ["the remembered checkpoint of size 100"],
    });
  });

  test("is unproven without a key, and without a checkpoint", async () => {
    expect(await verifyTrail(openCopy(copy()), undefined)).toMatchObject({ verdict: "unproven" });
    expect(await verify(copy({ checkpoints: [] }))).toMatchObject({ verdict: "unproven", counts: { PENDING: 300 } });
    expect(await verify(copy(), { isPolicyUntrusted: true })).toMatchObject({ verdict: "unproven" });
  });
});

describe("entries", () => {
  test("a changed one is named, whether or not its leaf hash was changed along", async () => {
    expect(classesOf(await verify(changeEntry(20, edit)))).toEqual({ 20: "LEAF_HASH_CHANGED" });
    const { leafHash: _, ...bare } = edit(sample.entries[20]!);
    expect(classesOf(await verify(changeEntry(20, () => bare)))).toEqual({ 20: "ENTRY_CHANGED" });
    const { leafHash: __, ...late } = edit(sample.entries[270]!);
    expect(classesOf(await verify(changeEntry(270, () => late)))).toEqual({ 270: "ENTRY_CHANGED" });
  });

  test("a pending one that was changed shows by its leaf hash, or by the edge of the tree", async () => {
    expect(classesOf(await verify(changeEntry(295, edit)))).toEqual({ 295: "LEAF_HASH_CHANGED" });
    const { leafHash: _, ...bare } = edit(sample.entries[295]!);
    const report = await verify(changeEntry(295, () => bare));
    expect(report.verdict).toBe("tampered");
    expect(report.findings.map(({ reason }) => reason)).toContain("EDGE_CHANGED");
  });

  test.each([3, 255, 256, 289, 299])("a removed one (%i) is missing", async (seq) => {
    const report = await verify(copy({ entries: sample.entries.filter((entry) => entry.seq !== seq) }));
    expect(report.verdict).toBe("tampered");
    expect(report.positions).toEqual([{ from: seq, to: seq + 1, class: "MISSING", reason: "ENTRY_MISSING" }]);
  });

  test("removed ones at the end are missing, as far as a checkpoint or the number of entries reaches", async () => {
    const report = await verify(copy({ entries: sample.entries.slice(0, 250) }));
    expect(report).toMatchObject({ verdict: "tampered", counts: { MISSING: 50 } });
    const consistent = await verify(rewrite(sample, sample.entries.slice(0, 250)));
    expect(consistent).toMatchObject({ verdict: "tampered", counts: { MISSING: 40 } });
  });

  test("one too many is extra, at the end and at a position that is taken", async () => {
    const beyond = { ...sample.entries[4]!, seq: 300 };
    expect(await verify(copy({ entries: [...sample.entries, beyond] }))).toMatchObject({
      verdict: "tampered",
      counts: { EXTRA: 1 },
    });
    const twice = sample.entries.flatMap((entry) => (entry.seq === 9 ? [entry, entry] : [entry]));
    expect(classesOf(await verify(copy({ entries: twice })))).toEqual({ 9: "ENTRY_DUPLICATE" });
  });

  test("swapped ones are both changed", async () => {
    const swapped = copy();
    const [a, b] = [swapped.entries[10]!, swapped.entries[11]!];
    [swapped.entries[10], swapped.entries[11]] = [
      { ...b, seq: 10 },
      { ...a, seq: 11 },
    ];
    expect(Object.keys(classesOf(await verify(swapped)))).toEqual(["10", "11"]);
  });
});

describe("a trail that was rewritten as a whole", () => {
  const forged = (): EvidenceEntry[] => sample.entries.map((entry) => (entry.seq === 20 ? edit(entry) : entry));

  test("does not fit the checkpoints that were signed", async () => {
    const report = await verify(rewrite(sample, forged()));
    expect(report).toMatchObject({ verdict: "tampered", provenSize: 1 });
    expect(report.findings.map(({ reason }) => reason)).toEqual(Array(4).fill("CHECKPOINT_CONTRADICTED"));
    expect(report.counts.OK).toBe(1);
  });

  test("with checkpoints signed by a wrong key is signed by nobody", async () => {
    const report = await verify(rewrite(sample, forged(), otherSigner));
    expect(report.verdict).toBe("tampered");
    expect(report.findings.map(({ reason }) => reason)).toEqual(Array(5).fill("CHECKPOINT_UNSIGNED"));
  });

  test("with the right key is caught by a remembered checkpoint, and only by one that reaches so far", async () => {
    const rewritten = rewrite(sample, forged(), signer);
    const without = await verify(rewritten);
    expect(without.verdict).toBe("verified");
    expect(without.properties.appendOnly.open[0]).toContain("wholesale rewrite");
    expect(without.properties.appendOnly.established).toBe(false);
    const caught = await verify(rewritten, { remembered: [sample.checkpoints[1]!.note] });
    expect(caught.verdict).toBe("tampered");
    expect(caught.findings.map(({ reason }) => reason)).toEqual(["REMEMBERED_CONTRADICTED"]);
    expect(caught.counts.ALTERED).toBe(100);
    const tooEarly = await verify(rewritten, { remembered: [sample.checkpoints[0]!.note] });
    expect(tooEarly).toMatchObject({ verdict: "verified", properties: { appendOnly: { upTo: 1 } } });
  });
});

describe("a source that answers nonsense", () => {
  test("is refused or classified, and never answered with anything else than our own errors", async () => {
    const nonsense: Partial<EvidenceCopy>[] = [
      { size: Number.NaN },
      { size: 2 ** 32 },
      { size: -1 },
      { edge: new Uint8Array(3) },
      { edge: encodeUtf8("not an edge at all") },
      { checkpoints: [{ note: "" }] },
      { checkpoints: [{ note: sample.checkpoints[0]!.note, size: 5 }] },
      { tiles: new Map([...sample.tiles].map(([key, tile]) => [key, tile.subarray(1)])) },
      { entries: [...sample.entries].reverse() },
      { entries: sample.entries.map((entry) => ({ ...entry, seq: entry.seq + 0.5 })) },
    ];
    for (const change of nonsense) {
      const outcome = await verify(copy(change)).catch((error: unknown) => error);
      if (isAuditError(outcome)) expect(outcome.code).toMatch(/^VERIFY_/);
      else expect(outcome).toMatchObject({ verdict: "tampered" });
    }
  });
});
