/**
 * Every single bit of a small log is flipped, one at a time, and everything that reads it must notice, with a `VerificationError`.
 *
 * Where a flip is not noticed, that is by design and listed here: what a file carries for signatures by keys that nobody asked about, and
 * the `extra` line of a proof file, which the specification leaves unauthenticated.
 */

import fc from "fast-check";
import { expect, test } from "vitest";

import { encodeUtf8, equalBytes } from "../../src/base/bytes.ts";
import { isAuditError } from "../../src/base/errors.ts";
import {
  createLogPolicy,
  decodeCompactRange,
  decodeEntryBundle,
  decodeTile,
  emptyRange,
  encodeCompactRange,
  encodeEntryBundle,
  encodeTile,
  evaluatePolicy,
  extendRange,
  formatTlogProof,
  leafHash,
  makeCommitment,
  openCheckpoint,
  parseCheckpoint,
  parseConsistencyFile,
  parseSignedNote,
  parseTilePath,
  parseTlogPolicy,
  parseTlogProof,
  parseVerifierKey,
  rangeRoot,
  treeRoot,
  verifierKeyOf,
  verifyCommitment,
  verifyConsistencyFile,
  verifyTlogProof,
  verifyConsistency,
  verifyInclusion,
  VerificationError,
  type ConsistencyClaim,
  type InclusionClaim,
} from "../../src/integrity/index.ts";
import { checkpointNote, consistencyFile, entries, leaves, logKey, origin, policy, policyText, proofFile, readHash, witnessKeys } from "./sample-log.ts";

type Finding = "refused" | "accepted";

function finding(run: () => unknown): Finding {
  try {
    run();
    return "accepted";
  } catch (error) {
    if (error instanceof VerificationError) return "refused";
    throw error;
  }
}

/** The positions (in bits) at which a flip goes unnoticed. */
function unnoticedFlips(bytes: Uint8Array, verify: (changed: Uint8Array) => unknown): number[] {
  expect(finding(() => verify(bytes))).toBe("accepted");
  const unnoticed: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    if (finding(() => verify(changed)) === "accepted") unnoticed.push(bit);
  }
  return unnoticed;
}

test("no bit of a checkpoint can be flipped under a policy that asks for all its signatures", () => {
  expect(unnoticedFlips(encodeUtf8(checkpointNote(7)), (bytes) => evaluatePolicy(policy, parseSignedNote(bytes)))).toEqual([]);
});

test("of a checkpoint opened with the log's key alone, only the lines of unknown witnesses can be changed", () => {
  const bytes = encodeUtf8(checkpointNote(7));
  const witnessLines = new TextDecoder().decode(bytes).indexOf("— witness");
  const start = encodeUtf8(new TextDecoder().decode(bytes).slice(0, witnessLines)).length * 8;
  const unnoticed = unnoticedFlips(bytes, (changed) => openCheckpoint(changed, origin, [verifierKeyOf(logKey)]));
  expect(unnoticed.length).toBeGreaterThan(0);
  expect(Math.min(...unnoticed)).toBeGreaterThanOrEqual(start);
});

test("no bit of a proof file can be flipped", () => {
  const leaf = leafHash(entries[5]!);
  expect(unnoticedFlips(encodeUtf8(proofFile(5, 7)), (bytes) => verifyTlogProof(bytes, leaf, policy))).toEqual([]);
});

test("of a proof file with an extra line, only that line can be changed", () => {
  const file = formatTlogProof({ ...parseTlogProof(proofFile(5, 7)), extra: encodeUtf8("context") });
  const leaf = leafHash(entries[5]!);
  const unnoticed = unnoticedFlips(encodeUtf8(file), (bytes) => verifyTlogProof(bytes, leaf, policy));
  const [start, end] = [file.indexOf("extra ") * 8, file.indexOf("index ") * 8];
  expect(unnoticed.length).toBeGreaterThan(0);
  expect(unnoticed.every((bit) => bit >= start && bit < end)).toBe(true);
});

test("no bit of a consistency file can be flipped", () => {
  expect(unnoticedFlips(encodeUtf8(consistencyFile(3, 7)), (bytes) => verifyConsistencyFile(bytes, policy))).toEqual([]);
});

test("no bit of an entry, a bundle or a tile can be flipped without another root", () => {
  const root = treeRoot(4, readHash);
  const rootOf = (hashes: readonly Uint8Array[]): void => {
    if (!equalBytes(rangeRoot(extendRange(emptyRange, hashes)), root)) throw new VerificationError("VERIFY_PROOF_FAILED", "other root");
  };
  expect(unnoticedFlips(encodeEntryBundle(entries.slice(0, 4)), (bytes) => rootOf(decodeEntryBundle(bytes, 4).map(leafHash)))).toEqual([]);
  expect(unnoticedFlips(encodeTile(leaves.slice(0, 4)), (bytes) => rootOf(decodeTile(bytes, 4)))).toEqual([]);
});

test("no bit of a stored compact range can be flipped without another size or another root", () => {
  const range = extendRange(emptyRange, leaves.slice(0, 11));
  const same = (bytes: Uint8Array): void => {
    const decoded = decodeCompactRange(bytes);
    if (decoded.size !== 11 || !equalBytes(rangeRoot(decoded), rangeRoot(range))) throw new VerificationError("VERIFY_PROOF_FAILED", "other root");
  };
  expect(unnoticedFlips(encodeCompactRange(range), same)).toEqual([]);
});

test("no bit of a salt, of sealed data or of its commitment can be flipped", () => {
  const [salt, data] = [new Uint8Array(16).fill(7), encodeUtf8("anna@example.com")];
  const commitment = makeCommitment(salt, data);
  expect(unnoticedFlips(salt, (bytes) => verifyCommitment(commitment, bytes, data))).toEqual([]);
  expect(unnoticedFlips(data, (bytes) => verifyCommitment(commitment, salt, bytes))).toEqual([]);
  expect(unnoticedFlips(commitment, (bytes) => verifyCommitment(bytes, salt, data))).toEqual([]);
});

test("no bit of a verifier key can be flipped", () => {
  const key = `${origin}+${policyText.split(`${origin}+`)[1]!.split("\n")[0]!}`;
  expect(unnoticedFlips(encodeUtf8(key), (bytes) => parseVerifierKey(new TextDecoder("latin1").decode(bytes)))).toEqual([]);
});

test("a flipped bit in a policy is refused or makes another policy (a comment, a name, a URL), and nothing else happens", () => {
  const bytes = encodeUtf8(policyText);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    finding(() => parseTlogPolicy(changed));
  }
});

const readers: readonly ((bytes: Uint8Array) => unknown)[] = [
  parseSignedNote,
  parseCheckpoint,
  parseTlogProof,
  parseConsistencyFile,
  parseTlogPolicy,
  (bytes) => decodeTile(bytes),
  (bytes) => decodeEntryBundle(bytes),
  decodeCompactRange,
  (bytes) => parseTilePath(new TextDecoder().decode(bytes)),
  (bytes) => parseVerifierKey(new TextDecoder().decode(bytes)),
  (bytes) => verifyTlogProof(bytes, leaves[0]!, policy),
  (bytes) => verifyConsistencyFile(bytes, policy),
];

test("whatever bytes come in, no reader answers with anything but a VerificationError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const read of readers) finding(() => read(bytes));
    }),
    { numRuns: 300 },
  );
});

test("whatever is done to a file, no reader answers with anything but a VerificationError, and no verifier accepts it", () => {
  const files = [proofFile(5, 7), consistencyFile(3, 7), checkpointNote(7), policyText].map((text) => encodeUtf8(text));
  const edits = fc.record({ file: fc.nat(3), at: fc.nat(), remove: fc.nat(40), insert: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom("\n", "\n\n", "— ", " ", "extra ", "0").map(encodeUtf8)) });
  fc.assert(
    fc.property(edits, ({ file, at, remove, insert }) => {
      const bytes = files[file]!;
      const place = at % bytes.length;
      const changed = Uint8Array.from([...bytes.subarray(0, place), ...insert, ...bytes.subarray(place + remove)]);
      for (const read of readers) finding(() => read(changed));
      if (equalBytes(changed, bytes)) return;
      if (file === 0 && finding(() => verifyTlogProof(changed, leaves[5]!, policy)) === "accepted") expectOnlyIgnoredParts(changed);
      if (file === 1) expect(finding(() => verifyConsistencyFile(changed, policy))).toBe("refused");
    }),
    { numRuns: 500 },
  );
});

/** The one thing that can be put into a proof file unnoticed is what is not verified in it: an extra line, or unknown signatures. */
function expectOnlyIgnoredParts(changed: Uint8Array): void {
  const original = parseTlogProof(proofFile(5, 7));
  const parsed = parseTlogProof(changed);
  expect({ index: parsed.index, proof: parsed.proof }).toEqual({ index: original.index, proof: original.proof });
  expect(parseSignedNote(parsed.checkpoint).text).toBe(parseSignedNote(original.checkpoint).text);
}

const anything = fc.anything({ withNullPrototype: true, withObjectString: true, withTypedArray: true, withBigInt: true });

test("whatever a claim is made of, a verifier answers with a VerificationError", () => {
  fc.assert(
    fc.property(anything, anything, anything, (a, b, c) => {
      const attempts: (() => unknown)[] = [
        () => verifyTlogProof(a as string, b as Uint8Array, policy),
        () => verifyTlogProof(proofFile(0, 1), a as Uint8Array, policy),
        () => verifyCommitment(a as Uint8Array, b as Uint8Array, c as Uint8Array),
        () => verifyInclusion(a as InclusionClaim),
        () => verifyInclusion({ index: a, size: 7, leafHash: b, root: leaves[0], proof: c } as InclusionClaim),
        () => verifyConsistency(a as ConsistencyClaim),
        () => verifyConsistency({ oldSize: 3, oldRoot: a, newSize: 7, newRoot: b, proof: c } as ConsistencyClaim),
        () => verifyConsistency({ oldSize: a, oldRoot: leaves[0], newSize: b, newRoot: leaves[1], proof: c } as ConsistencyClaim),
        () => parseSignedNote(a as string),
        () => parseTlogPolicy(a as string),
        () => parseVerifierKey(a as string),
        () => parseTilePath(a as string),
        () => decodeTile(a as Uint8Array),
        () => decodeEntryBundle(a as Uint8Array),
        () => decodeCompactRange(a as Uint8Array),
      ];
      for (const attempt of attempts) expect(finding(attempt)).toBe("refused");
    }),
    { numRuns: 200 },
  );
});

test("the log's own policy needs no witness, and another log's key opens nothing", () => {
  const note = parseSignedNote(checkpointNote(7));
  expect(evaluatePolicy(createLogPolicy([verifierKeyOf(logKey)]), note).checkpoint.size).toBe(7);
  expect(finding(() => evaluatePolicy(createLogPolicy([verifierKeyOf(witnessKeys[0]!)]), note))).toBe("refused");
  expect(isAuditError(new VerificationError("VERIFY_MALFORMED", "x"))).toBe(true);
});
