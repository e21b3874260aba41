/** Logs in memory that sign whatever they are told, forks included; proofs come from the naive second implementation. */

import { createSignerKey, formatVerifierKey, verifierKeyOf, type SignerKey } from "../../src/integrity/note-key.ts";
import { signCheckpoint } from "../../src/integrity/open-checkpoint.ts";
import { signatureTypes } from "../../src/integrity/note-key.ts";
import { formatAddCheckpoint } from "../../src/witness/add-checkpoint-request.ts";
import { naiveConsistency, naiveLeaf, naiveRoot } from "../vectors/naive-tree.ts";

export function seed(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

export const witnessKey: SignerKey = createSignerKey("witness.example.com/w1", seed(200), signatureTypes.cosignature);

export function createLog(origin: string, byte: number, history = "main") {
  const key = createSignerKey(origin, seed(byte));
  const leaves = (size: number): Uint8Array[] =>
    Array.from({ length: size }, (_, index) => naiveLeaf(Buffer.from(`${history} ${index}`)));
  const note = (size: number): string => signCheckpoint({ origin, size, root: naiveRoot(leaves(size)) }, [key]);
  const proof = (oldSize: number, size: number): Uint8Array[] => naiveConsistency(oldSize, leaves(size));
  return {
    ...{ origin, key, verifierKey: verifierKeyOf(key), verifierText: formatVerifierKey(key), note, proof },
    request: (oldSize: number, size: number) =>
      formatAddCheckpoint({ oldSize, proof: proof(oldSize, size), note: note(size) }),
  };
}
