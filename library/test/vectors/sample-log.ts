/** A small log with fixed keys, entries and times: what the frozen vectors and the tests of forgery are made from. */

import { encodeUtf8 } from "../../src/base/bytes.ts";
import {
  addSignature,
  cosign,
  createLeafHashReader,
  createSignerKey,
  formatConsistencyFile,
  formatSignedNote,
  formatTlogProof,
  leafHash,
  makeConsistencyProof,
  makeInclusionProof,
  parseSignedNote,
  parseTlogPolicy,
  signatureTypes,
  signCheckpoint,
  treeRoot,
  verifierKeyOf,
  formatVerifierKey,
  type SignerKey,
} from "../../src/integrity/index.ts";

export const origin = "auditrail.example/shop";
export const seeds = { log: new Uint8Array(32).fill(1), w1: new Uint8Array(32).fill(2), w2: new Uint8Array(32).fill(3) };
export const logKey = createSignerKey(origin, seeds.log);
export const witnessKeys: readonly SignerKey[] = [
  createSignerKey("witness.example/w1", seeds.w1, signatureTypes.cosignature),
  createSignerKey("witness.example/w2", seeds.w2, signatureTypes.cosignature),
];

export const entries: readonly Uint8Array[] = Array.from({ length: 300 }, (_, index) =>
  encodeUtf8(`{"action":"voucher.applied","seq":${index}}`),
);
export const leaves: readonly Uint8Array[] = entries.map(leafHash);
export const readHash = createLeafHashReader(leaves);

/** The checkpoint at that size, signed by the log and cosigned by both witnesses. */
export function checkpointNote(size: number): string {
  const signed = parseSignedNote(signCheckpoint({ origin, size, root: treeRoot(size, readHash) }, [logKey]));
  const cosigned = witnessKeys.reduce((note, key, place) => addSignature(note, cosign(note.text, key, 1_790_000_000 + size + place)), signed);
  return formatSignedNote(cosigned);
}

export const policyText = `# one log, both witnesses
log ${formatVerifierKey(verifierKeyOf(logKey))}
witness first ${formatVerifierKey(verifierKeyOf(witnessKeys[0]!))} https://witness.example/w1
witness second ${formatVerifierKey(verifierKeyOf(witnessKeys[1]!))}
group both all first second
quorum both
`;
export const policy = parseTlogPolicy(policyText);

export function proofFile(index: number, size: number): string {
  return formatTlogProof({ index, proof: makeInclusionProof(index, size, readHash), checkpoint: checkpointNote(size) });
}

export function consistencyFile(oldSize: number, newSize: number): string {
  return formatConsistencyFile({
    older: checkpointNote(oldSize),
    newer: checkpointNote(newSize),
    proof: makeConsistencyProof(oldSize, newSize, readHash),
  });
}
