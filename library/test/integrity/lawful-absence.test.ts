/** What is gone because the trail says so, and what is gone though it does not; epochs and replaced keys. */

import { beforeAll, describe, expect, test } from "vitest";

import { openCatalogue } from "../../src/event/catalogue.ts";
import {
  createLogPolicy,
  createSignerKey,
  rangeRoot,
  signCheckpoint,
  verifierKeyOf,
  verifyTrail,
  type EvidenceEntry,
} from "../../src/integrity/index.ts";
import { openMemoryStore, type MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import {
  classesOf,
  copyEvidence,
  openCopy,
  origin,
  otherSigner,
  policy,
  recordSample,
  signer,
  signNow,
  storeOrigin,
  tenant,
  type EvidenceCopy,
} from "./sample-trail.ts";

const orders: readonly (readonly [action: string, data: object])[] = [
  ["redacted", { entries: [{ seq: 257, parts: [0] }] }],
  ["shredded", { subject: "user/u8", to: 300 }],
  ["pruned", { from: 0, to: 256 }],
];

async function openSample(): Promise<MemoryStore> {
  const store = openMemoryStore({ origin: storeOrigin });
  await recordSample(store as never);
  return store;
}

async function record(store: MemoryStore, action: string, data: object): Promise<void> {
  const trail = await openTrail({
    catalogue: openCatalogue(),
    store: { ...store, close: async () => undefined } as never,
    exitHooks: false,
  });
  await trail.record(
    `auditrail.${action}` as never,
    { actor: { type: "user", id: "dpo" }, reason: "asked for", data } as never,
  );
  await trail.close();
}

async function copyOf(store: MemoryStore): Promise<EvidenceCopy> {
  return copyEvidence(await openStoreEvidence(store as never, tenant));
}

const withoutPart = (entries: readonly EvidenceEntry[], seq: number): EvidenceEntry[] =>
  entries.map((entry) => (entry.seq === seq ? { ...entry, parts: [] } : entry));
const verify = (copy: EvidenceCopy, options = {}) => verifyTrail(openCopy(copy), policy, options);

describe("what is gone", () => {
  let announced: EvidenceCopy;
  let signed: EvidenceCopy;

  beforeAll(async () => {
    const store = await openSample();
    for (const order of orders) await record(store, ...order);
    announced = await copyOf(store);
    await signNow(store as never);
    signed = await copyOf(store);
  });

  test("is redacted, shredded or pruned, by the entry that says so", async () => {
    const redacted = 257;
    const entries = withoutPart(signed.entries, redacted).slice(256);
    const report = await verify({ ...signed, entries });
    expect(report).toMatchObject({ verdict: "verified", counts: { PRUNED: 256, REDACTED: 1, MISSING: 0, ALTERED: 0 } });
    expect(report.positions).toContainEqual({ from: 0, to: 256, class: "PRUNED", reason: "PRUNED", by: 302 });
    expect(report.positions).toContainEqual({
      from: redacted,
      to: redacted + 1,
      class: "REDACTED",
      reason: "REDACTED",
      by: 300,
    });
  });

  test("is shredded where a subject's parts are gone, and missing where they are another's", async () => {
    const of = (user: string): number => signed.entries.find(({ parts }) => parts[0]?.subject === user)!.seq;
    expect(classesOf(await verify({ ...signed, entries: withoutPart(signed.entries, of("user/u8")) }))).toEqual({
      [of("user/u8")]: "SHREDDED",
    });
    const others = signed.entries.find(
      ({ seq, parts }) => seq !== 257 && parts.length > 0 && parts[0]!.subject !== "user/u8",
    )!.seq;
    expect(classesOf(await verify({ ...signed, entries: withoutPart(signed.entries, others) }))).toEqual({
      [others]: "SEALED_PART_MISSING",
    });
  });

  test("is missing as long as no checkpoint covers the entry that says so", async () => {
    expect(await verify({ ...announced, entries: announced.entries.slice(256) })).toMatchObject({
      verdict: "tampered",
      counts: { MISSING: 256, PRUNED: 0 },
    });
    expect(classesOf(await verify({ ...announced, entries: withoutPart(announced.entries, 257) }))).toEqual({
      257: "SEALED_PART_MISSING",
    });
  });

  test("is missing where the entry that says so was altered itself", async () => {
    const altered = signed.entries.map((entry) =>
      entry.seq === 302 ? { ...entry, bytes: String(entry.bytes).replace("asked for", "asked fur") } : entry,
    );
    expect(await verify({ ...signed, entries: altered.slice(256) })).toMatchObject({
      verdict: "tampered",
      counts: { MISSING: 256 },
    });
  });

  test("cannot be pruned without the hash tiles that prove the rest", async () => {
    const tiles = new Map([...signed.tiles].filter(([name]) => name !== "0/0"));
    expect(await verify({ ...signed, entries: signed.entries.slice(256), tiles })).toMatchObject({
      verdict: "tampered",
    });
    const flipped = signed.tiles.get("0/0")!.map((byte, index) => (index === 5 ? byte ^ 1 : byte));
    expect(
      await verify({
        ...signed,
        entries: signed.entries.slice(256),
        tiles: new Map([...signed.tiles, ["0/0", flipped]]),
      }),
    ).toMatchObject({ verdict: "tampered" });
  });
});

describe("legal holds", () => {
  test("are violated by what is gone under them, unless they were released", async () => {
    for (const [steps, isViolated] of [
      [["held", "redacted"], true],
      [["held", "redacted", "hold-released"], false],
      [["held", "hold-released", "redacted"], false],
      [["redacted", "held"], false],
    ] as const) {
      const store = await openSample();
      const data = { held: { hold: "case-7" }, "hold-released": { hold: "case-7" }, redacted: orders[0]![1] };
      for (const step of steps) await record(store, step, data[step]);
      await signNow(store as never);
      const copy = await copyOf(store);
      const report = await verify({ ...copy, entries: withoutPart(copy.entries, 257) });
      expect({ steps, found: report.findings.map(({ reason }) => reason) }).toEqual({
        steps,
        found: isViolated ? ["HOLD_VIOLATED"] : [],
      });
    }
  });
});

describe("epochs", () => {
  /** Of a sample of its own, or of this one. */
  async function beginEpoch(oldNote: string, sample?: MemoryStore): Promise<EvidenceCopy> {
    const store = sample ?? (await openSample());
    await record(store, "epoch-begun", { epoch: 2, checkpoint: oldNote, size: 300, root: "AAAA" });
    const edge = await store.readTree(tenant);
    const epochOrigin = `${origin}/epoch-2`;
    const key = createSignerKey(epochOrigin, new Uint8Array(32).fill(7));
    const note = signCheckpoint({ origin: epochOrigin, size: edge.size, root: rangeRoot(edge) }, [key]);
    await store.putCheckpoint(tenant, { size: edge.size, root: rangeRoot(edge), createdAtMicros: 0, note });
    return copyOf(store);
  }

  test("go on under the trail's key, and the report says whether what was signed before is still here", async () => {
    const store = await openSample();
    const old = (await copyOf(store)).checkpoints.at(-1)!.note;
    const epoch = { epoch: 2, seq: 300, oldSize: 290 };
    expect(await verify(await beginEpoch(old, store))).toMatchObject({
      verdict: "verified",
      provenSize: 301,
      epochs: [{ ...epoch, continues: true }],
    });
    // Recorded anew, its ids are others: a fork of what was signed.
    expect(await verify(await beginEpoch(old))).toMatchObject({
      verdict: "verified",
      provenSize: 301,
      epochs: [{ ...epoch, continues: false }],
    });
  });

  test("do not excuse a remembered checkpoint that no longer fits", async () => {
    const before = await copyOf(await openSample());
    const old = before.checkpoints.at(-1)!.note;
    const report = await verify(await beginEpoch(old), { remembered: [old] });
    expect(report).toMatchObject({ verdict: "tampered", findings: [{ reason: "REMEMBERED_CONTRADICTED" }] });
  });
});

describe("replaced keys", () => {
  test("an old key that signed once together with the new one is no finding; a stranger's is", async () => {
    const store = await openSample();
    const edge = await store.readTree(tenant);
    const sign = (keys: readonly (typeof signer)[]) =>
      signCheckpoint({ origin, size: edge.size, root: rangeRoot(edge) }, keys);
    const copy = await copyOf(store);
    const newKey = createLogPolicy([verifierKeyOf(otherSigner)]);
    const rotated = {
      ...copy,
      checkpoints: [...copy.checkpoints, { note: sign([signer, otherSigner]) }, { note: sign([otherSigner]) }],
    };
    expect(await verifyTrail(openCopy(rotated), newKey)).toMatchObject({ verdict: "verified", provenSize: 300 });
    const stranger = createSignerKey(origin, new Uint8Array(32).fill(9));
    const strange = { ...rotated, checkpoints: [...rotated.checkpoints, { note: sign([stranger]) }] };
    expect(await verifyTrail(openCopy(strange), newKey)).toMatchObject({
      verdict: "tampered",
      findings: [{ reason: "CHECKPOINT_UNSIGNED" }],
    });
  });
});
