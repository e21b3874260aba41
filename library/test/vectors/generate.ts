/**
 * Writes integrity.json: what our formats looked like when they were released. They never change their meaning, so
 * a difference is a break of every trail that exists, and not a reason to run this again.
 *
 *     node library/test/vectors/generate.ts            writes the file
 *     node library/test/vectors/generate.ts --check    exits with 1 when it would come out differently
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { encodeBase64, encodeHex } from "../../src/base/bytes.ts";
import {
  emptyRange,
  encodeCompactRange,
  encodeEntryBundle,
  encodeTile,
  extendRange,
  formatSignerKey,
  formatTilePath,
  formatVerifierKey,
  leafHash,
  listTiles,
  makeCommitment,
  makeConsistencyProof,
  makeInclusionProof,
  signatureTypes,
  treeRoot,
  verifierKeyOf,
} from "../../src/integrity/index.ts";
import { checkpointNote, consistencyFile, entries, leaves, logKey, origin, policyText, proofFile, readHash, seeds, witnessKeys } from "./sample-log.ts";

const sizes = [0, 1, 2, 3, 7, 8, 255, 256, 257, 300];

export function makeFrozenVectors(): unknown {
  return {
    about: "Frozen by generate.ts: formats of the integrity folder. Hashes are hexadecimal, files of bytes base64.",
    leaves: ["", "a", '{"a":"ä€😀"}'].map((text) => ({ text, leafHash: encodeHex(leafHash(text)) })),
    roots: sizes.map((size) => ({ size, root: encodeHex(treeRoot(size, readHash)) })),
    compactRanges: sizes.map((size) => ({ size, bytes: encodeBase64(encodeCompactRange(extendRange(emptyRange, leaves.slice(0, size)))) })),
    inclusion: [[0, 1], [0, 7], [5, 7], [6, 7], [255, 300], [299, 300]].map(([index, size]) => ({
      index,
      size,
      proof: makeInclusionProof(index!, size!, readHash).map(encodeHex),
    })),
    consistency: [[0, 7], [1, 7], [4, 7], [6, 7], [7, 7], [256, 300]].map(([oldSize, newSize]) => ({
      oldSize,
      newSize,
      proof: makeConsistencyProof(oldSize!, newSize!, readHash).map(encodeHex),
    })),
    tiles: listTiles(300).map(formatTilePath),
    tile: encodeBase64(encodeTile(leaves.slice(256, 260))),
    bundle: encodeBase64(encodeEntryBundle(entries.slice(256, 260))),
    keys: [logKey, ...witnessKeys].map((key) => formatVerifierKey(verifierKeyOf(key))),
    signerKeys: [formatSignerKey(origin, seeds.log), formatSignerKey("witness.example/w1", seeds.w1, signatureTypes.cosignature)],
    checkpoints: [0, 7, 300].map(checkpointNote),
    proofFile: proofFile(5, 300),
    consistencyFile: consistencyFile(7, 300),
    policy: policyText,
    commitments: [16, 32, 255].map((saltSizeBytes) => ({
      saltSizeBytes,
      commitment: encodeHex(makeCommitment(new Uint8Array(saltSizeBytes).fill(9), new TextEncoder().encode("anna@example.com"))),
    })),
  };
}

export const frozenVectorsPath = join(import.meta.dirname, "integrity.json");

if (import.meta.main) {
  const text = `${JSON.stringify(makeFrozenVectors(), null, 2)}\n`;
  if (!process.argv.includes("--check")) writeFileSync(frozenVectorsPath, text);
  else if (readFileSync(frozenVectorsPath, "utf8") !== text) {
    console.error("library/test/vectors/integrity.json differs from what the code makes now: a released format has changed.");
    process.exitCode = 1;
  }
}
