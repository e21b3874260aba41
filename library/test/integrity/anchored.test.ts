import { describe, expect, test } from "vitest";

import {
  cosign,
  createSignerKey,
  parseSignedNote,
  signatureTypes,
  verifierKeyOf,
  verifyProofFile,
  verifyTrail,
  type TlogPolicy,
} from "../../src/integrity/index.ts";
import { openKeyFile } from "../../src/sealing/key-file.ts";
import type { SealingWitness } from "../../src/sealing/sealing-types.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { proveEntry } from "../../src/verification/prove-entry.ts";
import { makePlace, openSealed, type Place } from "../sealing/sealed-store.ts";

const witnessKey = createSignerKey("witness.example", new Uint8Array(32).fill(3), signatureTypes.cosignature);
const otherKey = createSignerKey("other.example", new Uint8Array(32).fill(4), signatureTypes.cosignature);
const seenAt = 1_790_000_000;

const witness: SealingWitness = {
  name: witnessKey.name,
  cosign: async ({ note }) => [cosign(parseSignedNote(note).text, witnessKey, seenAt)],
};

function policyOf(place: Place, witnesses = [witnessKey]): TlogPolicy {
  const names = witnesses.map(({ name }) => name);
  return {
    logs: openKeyFile(place.keyFile).keys.map((key) => ({ key: verifierKeyOf(key) })),
    witnesses: witnesses.map((key) => ({ name: key.name, key: verifierKeyOf(key) })),
    groups: [{ name: "all", threshold: names.length, members: names }],
    quorum: "all",
  };
}

async function openWitnessed() {
  const place = makePlace();
  const sealed = await openSealed(place, { witnesses: [witness] });
  await sealed.sell(300);
  await sealed.sell(5, "other");
  await sealed.sealing.checkpointNow();
  await sealed.sell(3);
  return { place, ...sealed };
}

describe("a trail whose checkpoints are in the anchor trail", () => {
  test("is verified by a witness of the anchor, who also says when, and that all see the same", async () => {
    const { place, store } = await openWitnessed();
    const report = await verifyTrail(await openStoreEvidence(store, "default"), policyOf(place));
    expect(report).toMatchObject({ verdict: "verified", provenSize: 300, counts: { OK: 300, PENDING: 3 } });
    expect(report.properties.appendOnly).toMatchObject({
      established: true,
      upTo: 300,
      by: ["witness witness.example at size 300"],
    });
    expect(report.properties.sameView).toMatchObject({ established: true, upTo: 300 });
    expect(report.properties.time.by).toEqual([expect.stringContaining("witness.example, 2026-09-21")]);
  });

  test("is unproven under a policy that asks for a witness who has not seen it", async () => {
    const { place, store } = await openWitnessed();
    const report = await verifyTrail(
      await openStoreEvidence(store, "default"),
      policyOf(place, [witnessKey, otherKey]),
    );
    expect(report).toMatchObject({ verdict: "unproven", provenSize: 0, counts: { PENDING: 303 } });
    expect(report.properties.inclusion.open[0]).toContain("cosigned");
  });

  test("verifies under the store's key, as does the anchor trail itself", async () => {
    const { place, store } = await openWitnessed();
    const policy = { ...policyOf(place), quorum: "none" };
    for (const tenant of ["default", "other", "auditrail.anchor"]) {
      expect(await verifyTrail(await openStoreEvidence(store, tenant), policy)).toMatchObject({
        verdict: "verified",
        findings: [],
        positions: [],
      });
    }
  });

  test("has proofs of its entries that the witness vouches for, offline", async () => {
    const { place, store } = await openWitnessed();
    const { entry, proof } = await proveEntry(store, "default", 42);
    const verified = await verifyProofFile(proof, entry, policyOf(place));
    expect(verified).toMatchObject({
      index: 42,
      checkpoint: { size: 300 },
      times: [{ by: "witness witness.example", timeSeconds: seenAt }],
    });
    await expect(verifyProofFile(proof, entry, policyOf(place, [otherKey]))).rejects.toMatchObject({
      code: "VERIFY_POLICY_UNMET",
    });
    await expect(verifyProofFile(proof, entry.replace("42", "43"), policyOf(place))).rejects.toMatchObject({
      code: "VERIFY_PROOF_FAILED",
    });
    await expect(proveEntry(store, "default", 301)).rejects.toMatchObject({ code: "PROOF_UNSIGNED" });
    await expect(proveEntry(store, "default", 999)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
  });

  test("takes no proof of the anchor that is about another trail, or that does not hold", async () => {
    const { place, store } = await openWitnessed();
    const [mine, others] = [await openStoreEvidence(store, "default"), await openStoreEvidence(store, "other")];
    const mixed = { ...mine, readAnchorProofs: () => others.readAnchorProofs!() };
    const report = await verifyTrail(mixed, policyOf(place));
    expect(report.findings.map(({ reason }) => reason)).toEqual(["ANCHOR_PROOF_INVALID"]);
    const broken = {
      ...mine,
      async *readAnchorProofs() {
        for await (const proof of mine.readAnchorProofs!())
          yield { ...proof, entry: proof.entry.map((byte, index) => (index === 100 ? byte ^ 1 : byte)) };
      },
    };
    expect((await verifyTrail(broken, policyOf(place))).findings.map(({ reason }) => reason)).toEqual([
      "ANCHOR_PROOF_INVALID",
    ]);
  });
});
