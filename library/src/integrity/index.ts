/** `auditrail/integrity`: everything to verify a trail, or to make what is verified. It runs in Node and in a browser. */

export { assertOrigin, formatCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
export { makeCommitment, maxSaltSizeBytes, minSaltSizeBytes, verifyCommitment } from "./commitment.ts";
export {
  appendLeaf,
  assertCompactRange,
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  extendRange,
  rangeRoot,
  type CompactRange,
  type NodeListener,
} from "./compact-range.ts";
export {
  formatConsistencyFile,
  parseConsistencyFile,
  verifyConsistencyFile,
  type ConsistencyFile,
  type VerifiedConsistency,
} from "./consistency-file.ts";
export { makeConsistencyProof, verifyConsistency, type ConsistencyClaim } from "./consistency-proof.ts";
export { cosign, readCosignatureTime, verifyCosignature } from "./cosignature.ts";
export { decodeEntryBundle, encodeEntryBundle, maxEntrySizeBytes } from "./entry-bundle.ts";
export { makeInclusionProof, verifyInclusion, type InclusionClaim } from "./inclusion-proof.ts";
export { leafHash } from "./leaf.ts";
export { createLeafHashReader, emptyRoot, hashSizeBytes, nodeHash, treeRoot, type HashReader } from "./merkle-tree.ts";
export {
  createSignerKey,
  createVerifierKey,
  formatKeyId,
  formatSignerKey,
  formatVerifierKey,
  isKeyName,
  parseSignerKey,
  parseVerifierKey,
  signatureTypes,
  verifierKeyOf,
  type NoteKey,
  type SignatureType,
  type SignerKey,
  type VerifierKey,
} from "./note-key.ts";
export {
  openCheckpoint,
  signCheckpoint,
  verifyCheckpointConsistency,
  type OpenedCheckpoint,
} from "./open-checkpoint.ts";
export { evaluatePolicy, type PolicyVerdict, type WitnessVerdict } from "./policy-evaluation.ts";
export {
  createLogPolicy,
  formatTlogPolicy,
  parseTlogPolicy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  type TlogPolicy,
} from "./policy.ts";
export {
  addSignature,
  checkSignatures,
  formatNoteSignature,
  formatSignedNote,
  maxNoteSignatures,
  parseSignatureLine,
  parseSignedNote,
  signNote,
  verifyNote,
  type NoteSignature,
  type SignedNote,
  type VerifiedNote,
  type VerifiedSignature,
} from "./signed-note.ts";
export { createTileHashReader, listTilesForReads, type TileReader } from "./tile-hash-reader.ts";
export { formatTilePath, parseTilePath, type TileResource } from "./tile-path.ts";
export {
  decodeTile,
  encodeTile,
  listChangedTiles,
  listCompletedTiles,
  listTiles,
  tileWidth,
  tileWidthAt,
  type TileCoordinate,
} from "./tile.ts";
export {
  formatTlogProof,
  parseTlogProof,
  verifyTlogProof,
  type TlogProof,
  type VerifiedTlogProof,
} from "./tlog-proof.ts";
export {
  evidenceFormat,
  openEvidenceFiles,
  type FileEvidence,
  type LentMemory,
  type ReadEvidenceFile,
} from "./evidence-files.ts";
export { formatAnchorLine, parseAnchorLines, type SealedLine } from "./evidence-lines.ts";
export { writeEvidenceFiles, type EvidenceFile, type WriteEvidenceOptions } from "./write-evidence-files.ts";
export type {
  AnchorProof,
  DerivedProblem,
  EntryBlock,
  EvidenceCheckpoint,
  EvidenceEntry,
  EvidencePart,
  LockedPart,
  OpenPart,
  PositionRange,
  TrailEvidence,
} from "./evidence.ts";
export { isOriginOf, type TimeWord, type VerifyTimestamp } from "./verify-checkpoints.ts";
export { verifyProofFile, type VerifiedEntry } from "./verify-proof-file.ts";
export {
  findingReasons,
  positionClasses,
  positionReasons,
  tamperedClasses,
  type FindingCode,
  type PositionClass,
  type PositionReasonCode,
} from "./verify-reasons.ts";
export type {
  EpochStart,
  PositionFinding,
  Properties,
  Property,
  TrailFinding,
  Verdict,
  VerificationReport,
} from "./verify-report.ts";
export type { HashTile } from "./verify-tile.ts";
export { verifyTrail, type VerifyOptions } from "./verify-trail.ts";
export {
  VerificationError,
  type VerificationCode,
  type VerificationErrorOptions,
  type VerificationEvidence,
} from "./verification-error.ts";
