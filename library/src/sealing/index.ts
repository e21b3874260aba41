/** `auditrail/sealing`: signing what the trees of a store say, and making sure that no fork is signed. */

export {
  createKeyFile,
  createSigningKey,
  keyFor,
  openKeyFile,
  rotateKeyFile,
  type KeyFile,
  type SigningKeyOptions,
} from "./key-file.ts";
export { createTimestamper, type SendTimestampRequest, type TimestamperOptions } from "./create-timestamper.ts";
export { epochOrigin, parseEpoch } from "./epoch.ts";
export { openSealing } from "./open-sealing.ts";
export type {
  AnchorCheckpoint,
  BegunEpoch,
  CosigningRequest,
  EpochRequest,
  RecordEvent,
  RefusedTrail,
  Sealing,
  SealingFailure,
  SealingOptions,
  SealingStatus,
  SealingStore,
  SealingWitness,
  Timestamper,
  WitnessStatus,
} from "./sealing-types.ts";
export { parseCertificates, verifyTimestamp, type VerifiedTimestamp } from "./timestamp-token.ts";
