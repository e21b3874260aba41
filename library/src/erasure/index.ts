export { openErasure } from "./open-erasure.ts";
export type {
  Erasure,
  ErasureOptions,
  ErasureReport,
  ErasureTrail,
  HoldOptions,
  Ordered,
  Ordering,
  PruneOptions,
  RedactOptions,
  ResumedErasure,
  ShredOptions,
} from "./erasure-types.ts";
